"""The label score: right where there is a signal, chance where there is none, and never an error."""

import numpy as np
import pytest
from scipy.stats import rankdata

from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views import score as module
from sdv_fairdistill.views.score import label_score


def auc(labels, scores):
    ranks, positive = rankdata(scores), labels == 1
    pairs = positive.sum() * (~positive).sum()
    return (ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2) / pairs


def layout_of(tokens, ordered=None, target=-1):
    columns = tokens.shape[1]
    return Layout(
        tuple(int(most) + 1 for most in tokens.max(0)), tuple(ordered or [False] * columns), (), target % columns
    )


def own_score(tokens, layout, seed):
    """The score given all columns."""
    return label_score(tokens, layout, Groups.fit(tokens, layout)[0], False, seed).own


@pytest.fixture
def generator():
    return np.random.default_rng(0)


class TestOutOfFold:
    @pytest.mark.parametrize('ordered', [True, False])
    def test_a_column_that_names_every_row_cannot_leak_the_label(self, generator, ordered):
        tokens = np.column_stack([generator.permutation(3000), generator.integers(0, 2, 3000)])

        score = own_score(tokens, layout_of(tokens, [ordered, False]), seed=0)

        assert auc(tokens[:, 1], score[:, 1]) == pytest.approx(0.5, abs=0.04)

    def test_a_signal_is_found(self, generator):
        features = generator.integers(0, 4, (3000, 2))
        wanted = np.where(features[:, 0] > features[:, 1], 0.9, 0.2)
        tokens = np.column_stack([features, generator.random(3000) < wanted]).astype(int)

        score = own_score(tokens, layout_of(tokens), seed=0)

        assert np.abs(score[:, 1] - wanted).mean() < 0.06

    def test_categories_have_no_order(self, generator):
        # Even and odd levels: no single cut of a number parts them.
        level = generator.integers(0, 40, 4000)
        tokens = np.column_stack([level, (level % 2) ^ (generator.random(4000) < 0.1)]).astype(int)

        score = own_score(tokens, layout_of(tokens), seed=0)

        assert auc(tokens[:, 1], score[:, 1]) > 0.85

    def test_the_sensitive_column_is_read_too(self, generator):
        sensitive = generator.integers(0, 2, 1000)
        tokens = np.column_stack([sensitive, sensitive ^ (generator.random(1000) < 0.2)]).astype(int)

        score = own_score(tokens, Layout((2, 2), (False, False), (0,), 1), seed=0)

        assert score[sensitive == 1, 1].mean() - score[sensitive == 0, 1].mean() > 0.4

    def test_the_target_may_stand_anywhere(self, generator):
        feature = generator.integers(0, 5, 500)
        tokens = np.column_stack([feature, (feature > 2) ^ (generator.random(500) < 0.1)]).astype(int)

        assert own_score(tokens[:, ::-1], layout_of(tokens[:, ::-1], target=0), 0) == pytest.approx(
            own_score(tokens, layout_of(tokens), 0)
        )

    def test_a_seed_repeats(self, generator):
        tokens = generator.integers(0, 2, (100, 3))
        layout = layout_of(tokens)

        assert (own_score(tokens, layout, 3) == own_score(tokens, layout, 3)).all()
        assert (own_score(tokens, layout, 3) != own_score(tokens, layout, 4)).any()

    def test_no_more_rows_are_used_than_help(self, generator, monkeypatch):
        monkeypatch.setattr(module, 'MOST_ROWS', 100)
        sizes = []
        fit = module.HistGradientBoostingClassifier.fit
        monkeypatch.setattr(
            module.HistGradientBoostingClassifier,
            'fit',
            lambda model, inputs, labels: (sizes.append(len(labels)), fit(model, inputs, labels))[1],
        )
        tokens = generator.integers(0, 2, (400, 3))

        score = own_score(tokens, layout_of(tokens), 0)

        assert sizes == [100] * 5
        assert score.sum(1) == pytest.approx(1)


class TestUnusualTables:
    @staticmethod
    def check(score, rows, classes):
        assert score.shape == (rows, classes)
        assert (score >= 0).all()
        assert score.sum(1) == pytest.approx(1)

    @pytest.mark.parametrize('rare', [1, 2])
    def test_a_class_of_a_few_rows(self, generator, rare):
        tokens = generator.integers(0, 2, (300, 3))
        tokens[:rare, 2] = 2

        self.check(own_score(tokens, layout_of(tokens), 0), 300, 3)

    @pytest.mark.parametrize('rare', [1, 3])
    def test_a_class_of_a_few_rows_in_a_table_large_enough_for_early_stopping(self, generator, rare):
        tokens = generator.integers(0, 2, (6300, 2))
        tokens[generator.choice(6300, rare, replace=False), 1] = 2

        self.check(own_score(tokens, layout_of(tokens), 0), 6300, 3)

    def test_a_class_that_no_row_has(self, generator):
        tokens = generator.integers(0, 2, (300, 2))

        score = own_score(tokens, Layout((2, 4), (False, False), (), 1), 0)

        self.check(score, 300, 4)
        assert (score[:, 2:] == 0).all()

    def test_only_one_class(self, generator):
        tokens = np.column_stack([generator.integers(0, 3, 100), np.ones(100, dtype=int)])

        assert (own_score(tokens, layout_of(tokens), 0) == [0, 1]).all()

    def test_constant_columns(self, generator):
        tokens = np.column_stack([np.zeros((200, 2), dtype=int), np.arange(200) % 4 == 0]).astype(int)

        score = own_score(tokens, layout_of(tokens, [False, True, False]), 0)

        assert score == pytest.approx(np.tile([0.75, 0.25], (200, 1)), abs=0.02)

    def test_more_levels_than_boosting_takes(self, generator):
        tokens = np.column_stack([generator.integers(0, 700, 1000), generator.integers(0, 2, 1000)])

        self.check(own_score(tokens, layout_of(tokens), 0), 1000, 2)

    def test_no_features(self):
        tokens = np.array([0] * 30 + [1] * 10)[:, None]

        assert (own_score(tokens, layout_of(tokens), 0) == [0.75, 0.25]).all()

    @pytest.mark.parametrize('rows', [1, 2, 9])
    def test_hardly_any_rows(self, generator, rows):
        tokens = generator.integers(0, 2, (rows, 3))

        self.check(own_score(tokens, Layout((2, 2, 2), (False,) * 3, (), 2), 0), rows, 2)
