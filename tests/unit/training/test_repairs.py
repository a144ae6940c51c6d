"""How labels of drawn rows are to change: learned on a small table, checked by what a model would learn of the rows."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.method.model import FairDistillModel
from sdv_fairdistill.sampling.repair import ClassChange, RankChange
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training import repairs as module
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.repairs import LabelScores, _warn_if_dear, begin_scores
from sdv_fairdistill.views import Evidence, boosted
from sdv_fairdistill.views.boosted import Boosted, Quick, cross_scores

LAYOUT = Layout((2, 6, 4, 2), (False, True, False, False), sensitive=(0,), target=3)
CONFIG = FitConfig(most_steps=60, student_steps=40, mixture_rows=1_000, pool_batches=2)


def people(rows=6_000, seed=0):
    """Group, a number that tells of it, a level that does not, and a label of all three."""
    generator = np.random.default_rng(seed)
    group = generator.integers(0, 2, rows)
    telling = np.clip(generator.normal(2 + 1.5 * group, 1.2, rows).round(), 0, 5).astype(int)
    other = generator.integers(0, 4, rows)
    chance = 1 / (1 + np.exp(-(0.8 * (telling - 2.7) + 0.9 * (other - 1.5) + 0.5 * group)))
    return np.column_stack([group, telling, other, generator.random(rows) < chance]).astype(np.int64)


def fit(tokens, layout, notions, seed=0):
    return FairDistillModel.fit(tokens, layout, notions, CONFIG, seed, torch.device('cpu'))


def predicted(learned, tested, features):
    """The score of real rows by a model of some others."""
    return Boosted(learned, learned[:, 3], features, LAYOUT, 2, 0).of(tested)[:, 1]


def gap(score, group):
    return abs(score[group == 1].mean() - score[group == 0].mean())


@pytest.fixture(scope='module')
def model():
    return fit(people(), LAYOUT, ['blind_parity', 'demographic_parity', 'equalized_odds'])


@pytest.fixture(scope='module')
def real():
    return people(seed=1)


def drawn(model, notion, dial=1.0):
    model.set_random_state(0)
    return model.sample(6_000, notion, dial)


class TestWhatModelsInherit:
    def test_with_blind_parity_models_of_both_kinds_do_not_tell_groups_apart(self, model, real):
        for features in ([1, 2], [0, 1, 2]):
            before = gap(predicted(drawn(model, 'blind_parity', 0.0), real, features), real[:, 0])
            after = gap(predicted(drawn(model, 'blind_parity'), real, features), real[:, 0])
            assert before > 0.2
            assert after < 0.05

    def test_with_demographic_parity_those_that_see_the_group_do_not(self, model, real):
        rows = drawn(model, 'demographic_parity')

        assert gap(predicted(rows, real, [0, 1, 2]), real[:, 0]) < 0.05
        assert gap(predicted(rows, real, [1, 2]), real[:, 0]) > 0.05

    @pytest.mark.parametrize('notion', ['blind_parity', 'demographic_parity'])
    def test_the_label_itself_is_as_frequent_in_every_group(self, model, notion):
        rows = drawn(model, notion)

        assert gap(rows[:, 3], rows[:, 0]) < 0.004
        assert rows[:, 3].mean() == pytest.approx(people()[:, 3].mean(), abs=0.01)

    def test_what_is_known_besides_the_group_stays(self, model, real):
        rows = drawn(model, 'blind_parity')

        by_other = [rows[rows[:, 2] == level, 3].mean() for level in range(4)]
        assert by_other == sorted(by_other)
        assert by_other[3] - by_other[0] > 0.35

    def test_columns_do_not_know_the_dial(self, model):
        columns = [drawn(model, 'blind_parity', dial)[:, :3] for dial in (0.0, 0.5, 1.0)]

        assert (columns[0] == columns[1]).all()
        assert (columns[0] == columns[2]).all()


@pytest.mark.parametrize('many', [3_000, 10_000])
def test_scores_of_drawn_rows_and_likeness_take_larger_steps_among_many_people(monkeypatch, many):
    seen, score = [], module.cross_scores

    def noted(*given, **named):
        seen.append(named.get('quick', given[-1]))
        return score(*given, **named)

    monkeypatch.setattr(boosted, 'MANY', many)
    monkeypatch.setattr(module, 'cross_scores', noted)
    fit(people(), LAYOUT, ['blind_parity'])

    assert len(seen) == 2
    assert set(seen) == {Quick(0.3, 24, False) if many < len(people()) else Quick()}


def test_the_wanted_score_does_not_move_with_sensitive_values(model, real):
    layout, repairs = model.digits.layout, model.repairs
    tokens = torch.from_numpy(real[:, layout.drawn])
    features = [torch.from_numpy(model.groups.features(np.full((len(real), 1), value))) for value in (0, 1)]

    (own_one, blind_one), (own_other, blind_other) = (
        repairs.of('blind_parity').scores(tokens, sensitive) for sensitive in features
    )

    assert (blind_one == blind_other).all()
    assert np.abs(own_one - own_other).mean() > 0.02


def test_one_network_serves_all_notions(model):
    assert model.repairs.heads == {'blind_parity': 1, 'demographic_parity': 2}
    assert all(isinstance(change, ClassChange) for change in model.repairs.changes.values())
    assert model.repair_recipes['blind_parity'] == ('blind_parity', 1.0)
    changing, share = model.repair_recipes['equalized_odds']
    assert changing == 'demographic_parity'
    assert 0 <= share <= 1


def test_a_numeric_target(real):
    layout = Layout((2, 6, 4, 12), (False, True, False, True), sensitive=(0,), target=3)
    generator = np.random.default_rng(0)
    tokens = people()
    value = tokens[:, 1] + 0.5 * tokens[:, 2] + tokens[:, 0] + generator.normal(size=len(tokens))
    tokens[:, 3] = np.searchsorted(np.quantile(value, np.linspace(0, 1, 13)[1:-1]), value)

    model = fit(tokens, layout, ['blind_parity'])
    raw, rows = drawn(model, 'blind_parity', 0.0), drawn(model, 'blind_parity')

    def prediction(learned):
        return Boosted(learned, learned[:, 3].astype(float), [1, 2], layout, 1, 0).of(real)[:, 0]

    assert isinstance(model.repairs.changes['blind_parity'], RankChange)
    assert gap(prediction(raw), real[:, 0]) > 2
    assert gap(prediction(rows), real[:, 0]) < 0.2 * gap(prediction(raw), real[:, 0])
    assert np.bincount(rows[:, 3], minlength=12) / 6_000 == pytest.approx(1 / 12, abs=0.03)


def test_a_saved_model_draws_as_before(model):
    copy = pickle.loads(pickle.dumps(model))

    assert (drawn(copy, 'blind_parity') == drawn(model, 'blind_parity')).all()


class TestScores:
    def test_only_what_a_notion_needs_is_learned(self):
        tokens = people(400)

        blind, aware, both = (
            LabelScores(tokens, LAYOUT, notions, 0)
            for notions in (['blind_parity'], ['demographic_parity'], ['demographic_parity', 'equalized_odds'])
        )

        assert (blind.own, blind.unaware is None) == (None, False)
        assert (aware.own is None, aware.unaware) == (False, None)
        assert (both.own is None, both.unaware is None) == (False, False)

    def test_they_are_begun_where_a_notion_changes_labels(self, monkeypatch):
        tokens, layout = people(400), LAYOUT
        groups, _ = Groups.fit(tokens, layout, 0)
        monkeypatch.setattr(threads, 'cores', lambda: 2)

        begun = begin_scores(tokens, layout, groups, ['unawareness', 'blind_parity'], 0)
        by_hand = LabelScores(tokens, layout, ['blind_parity'], 0)

        assert (begun().unaware.of(tokens) == by_hand.unaware.of(tokens)).all()
        assert begin_scores(tokens, layout, groups, ['unawareness'], 0) is None
        assert begin_scores(tokens, replace(layout, target=None), groups, ['blind_parity'], 0) is None
        alone = tokens[tokens[:, 0] == 1]
        assert begin_scores(alone, layout, Groups.fit(alone, layout, 0)[0], ['blind_parity'], 0) is None

    def test_scores_of_a_row_do_not_come_from_a_model_that_has_seen_it(self):
        generator = np.random.default_rng(0)
        tokens = np.column_stack([np.arange(400), generator.integers(0, 2, 400)])  # every row is known by its number
        layout = Layout((400, 2), (True, False), target=1)

        score = cross_scores(tokens, tokens[:, 1], [0], layout, 2, 0)[0]

        assert ((score[:, 1] > 0.5) == tokens[:, 1]).mean() < 0.6

    def test_with_one_class_or_hardly_a_row_the_mean_is_the_score(self):
        layout = Layout((3, 2), (False, False), target=1)
        few = np.array([[0, 1], [1, 0], [2, 1]])

        assert Boosted(few, few[:, 1], [0], layout, 2, 0).of(few)[:, 1] == pytest.approx(2 / 3)
        assert (
            Boosted(np.tile(few[:1], (50, 1)), np.ones(50, dtype=int), [0], layout, 2, 0).of(few)[:, 1].tolist()
            == [1] * 3
        )

    def test_ties_are_parted_by_what_speaks_for_the_label(self):
        # The label is a function of two columns: all its rows have one score, unless what speaks for it is added up.
        generator = np.random.default_rng(0)
        tokens = generator.integers(0, 4, (4_000, 3))
        tokens[:, 2] = tokens[:, 0] + tokens[:, 1] >= 3
        layout = Layout((4, 4, 2), (True, True, False), target=2)

        plain, parted = (
            Boosted(tokens, tokens[:, 2], [0, 1], layout, 2, 0, additive=additive).of(tokens)[:, 1]
            for additive in (False, True)
        )

        chosen, total = tokens[:, 2] == 1, tokens[:, 0] + tokens[:, 1]
        assert np.ptp(plain[chosen]) < 0.01
        assert parted[chosen & (total >= 5)].min() > parted[chosen & (total == 3)].max()
        assert np.abs(plain - parted).max() < 0.06


def test_a_table_on_which_blind_parity_is_dear_says_so():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 2_000)
    telling = np.column_stack([0.9 - 0.8 * labels, 0.1 + 0.8 * labels])
    nothing = np.zeros((2_000, 0))
    given = Evidence(labels, nothing, nothing, labels, labels, 0, unaware=telling)

    with pytest.warns(
        UserWarning, match=r'blind_parity is dear on this table.* AUC 0\.50, and without repair with 1\.00'
    ):
        _warn_if_dear('blind_parity', given, np.full((2_000, 2), 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        _warn_if_dear('blind_parity', given, telling)
