"""From tokens to label views."""

from dataclasses import replace

import numpy as np
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views import (
    NOTIONS,
    Mixture,
    Reads,
    build_views,
    check_target,
    cuts_edges,
    is_relabelled,
    register,
)

REPAIRS = sorted(name for name in NOTIONS if not (is_relabelled(name) or cuts_edges(name)))
LAYOUT = Layout((2, 5, 2), (False, False, False), sensitive=(0,), target=2, admissible=(1,))


class HalfUnaware(Mixture):
    """Half of the rows as they are."""

    name = 'half_unaware'
    view = 'unawareness'

    def share(self, evidence, repaired):
        assert repaired.shape == evidence.score.shape
        return 0.5


NAMES = [*REPAIRS, HalfUnaware.name]


@pytest.fixture(autouse=True, scope='module')
def half_unaware():
    register(HalfUnaware)
    yield
    del NOTIONS[HalfUnaware.name]


def build(tokens, layout, notions=NAMES, seed=0, many=100_000):
    groups, combination = Groups.fit(tokens, layout)
    return build_views(tokens, layout, groups, combination, notions, seed, many)


@pytest.fixture(scope='module')
def unfair():
    """Group, a feature and a label that depends on both."""
    generator = np.random.default_rng(0)
    group, feature = generator.integers(0, 2, 4000), generator.integers(0, 5, 4000)
    label = generator.random(4000) < 0.1 + 0.4 * group + 0.1 * feature
    return np.column_stack([group, feature, label]).astype(np.int64)


@pytest.fixture(scope='module')
def views(unfair):
    return build(unfair, LAYOUT)


@pytest.fixture(scope='module')
def three_ways():
    """A table with a group, an admissible column, one that tells the group, and a label of all three; its views."""
    generator = np.random.default_rng(0)
    group = generator.integers(0, 2, 6000)
    admissible = generator.random(6000) < 0.2 + 0.5 * group
    telling = generator.random(6000) < 0.15 + 0.7 * group
    label = generator.random(6000) < 0.1 + 0.4 * admissible + 0.2 * group + 0.2 * telling
    tokens = np.column_stack([group, admissible, telling, label]).astype(np.int64)
    views = build(tokens, Layout((2, 2, 2, 2), (False,) * 4, sensitive=(0,), target=3, admissible=(1,)))
    return tokens, {view.name: view.probabilities[:, 1] for view in views.label[1:]} | {'raw': tokens[:, 3]}


def view_of(views, name):
    return next(view for view in views.label if view.name == name)


def gap(group, label):
    return label[group == 1].mean() - label[group == 0].mean()


def test_the_raw_view_is_the_data(unfair, views):
    raw = views.label[0]

    assert raw.name == 'raw'
    assert raw.probabilities is None
    assert raw.reads is None
    assert (raw.labels == unfair[:, 2]).all()


@pytest.mark.parametrize('notions', [[], NAMES])
def test_a_raw_label_that_follows_the_columns_reads_them_all(unfair, notions):
    tokens = unfair.copy()
    tokens[:, 2] = tokens[:, 1] > 2 - tokens[:, 0]

    views = build(tokens, LAYOUT, notions)

    assert [view.name for view in views.label if view.reads is Reads.EVERYTHING] == ['raw']


def test_so_does_that_of_many_rows(unfair, views):
    many = build(unfair, LAYOUT, many=len(unfair))

    assert many.label[0].reads is Reads.EVERYTHING
    assert [view.reads for view in many.label[1:]] == [view.reads for view in views.label[1:]]


def test_a_view_for_every_notion_that_repairs(views):
    assert [view.name for view in views.label] == ['raw', *REPAIRS]
    for view in views.label[1:]:
        assert view.probabilities.dtype == np.float32
        assert view.probabilities.shape == (4000, 2)
        assert view.probabilities.sum(1) == pytest.approx(1, abs=1e-6)


def test_what_each_view_reads(views):
    assert {view.name: view.reads for view in views.label} == {
        'raw': None,
        'conditional_parity': Reads.ADMISSIBLE,
        'unawareness': Reads.COLUMNS,
    }


def test_a_recipe_for_every_notion(views):
    numbers = {view.name: number for number, view in enumerate(views.label)}

    assert list(views.recipes) == NAMES
    for name in REPAIRS:
        assert views.recipes[name] == (numbers[name], 1.0)
    assert views.recipes['half_unaware'] == (numbers['unawareness'], 0.5)


def test_a_mixture_alone_brings_the_view_that_it_needs(unfair):
    views = build(unfair, LAYOUT, ['half_unaware'])

    assert [view.name for view in views.label] == ['raw', 'unawareness']
    assert list(views.recipes) == ['half_unaware']


def test_notions_that_change_labels_of_drawn_rows_need_no_view(unfair):
    views = build(unfair, LAYOUT, ['blind_parity', 'unawareness', 'demographic_parity', 'equalized_odds'])

    assert [view.name for view in views.label] == ['raw', 'unawareness']
    assert list(views.recipes) == ['unawareness']


def test_the_views_of_a_notion_are_the_same_beside_others(unfair, views):
    alone = build(unfair, LAYOUT, ['unawareness'])

    assert alone.label[1].probabilities == pytest.approx(view_of(views, 'unawareness').probabilities, abs=1e-6)


class TestEveryNotionOnOneTable:
    """The label follows the group itself, an admissible column, and a column that tells the group."""

    @pytest.fixture
    def tokens(self, three_ways):
        return three_ways[0]

    @pytest.fixture
    def positive(self, three_ways):
        return three_ways[1]

    def inside(self, tokens, label):
        """Gap of the label between the groups, for each value of the admissible column."""
        return [gap(tokens[tokens[:, 1] == value, 0], label[tokens[:, 1] == value]) for value in (0, 1)]

    def test_conditional_parity_leaves_the_one_through_the_admissible_column(self, tokens, positive):
        assert min(self.inside(tokens, positive['raw'])) > 0.25
        assert np.abs(self.inside(tokens, positive['conditional_parity'])).max() < 0.03
        through = gap(tokens[:, 0], tokens[:, 1]) * gap(tokens[:, 1], tokens[:, 3])
        assert through > 0.2
        assert gap(tokens[:, 0], positive['conditional_parity']) == pytest.approx(through, abs=0.02)

    def test_unawareness_leaves_what_other_columns_tell(self, tokens, positive):
        assert gap(tokens[:, 0], positive['unawareness']) == pytest.approx(0.5 * 0.4 + 0.7 * 0.2, abs=0.04)


class TestOrdered:
    LAYOUT = Layout((2, 3, 20), (False, False, True), sensitive=(0,), target=2, admissible=(1,))

    @pytest.fixture
    def tokens(self):
        generator = np.random.default_rng(1)
        group, stratum = generator.integers(0, 2, 4000), generator.integers(0, 3, 4000)
        return np.column_stack([group, stratum, generator.integers(0, 10, 4000) + 5 * group + 2 * stratum])

    @pytest.fixture
    def views(self, tokens):
        return build(tokens, self.LAYOUT, REPAIRS)

    def test_every_notion_gives_certain_labels(self, views):
        assert [view.probabilities for view in views.label] == [None] * (1 + len(REPAIRS))
        assert views.recipes == {name: (number, 1.0) for number, name in enumerate(REPAIRS, start=1)}

    def test_conditional_parity_holds_inside_every_stratum(self, tokens, views):
        labels = view_of(views, 'conditional_parity').labels

        for stratum in range(3):
            rows = tokens[:, 1] == stratum
            assert abs(gap(tokens[rows, 0], labels[rows])) < 0.05
            assert labels[rows].mean() == pytest.approx(tokens[rows, 2].mean(), abs=0.02)

    def test_unawareness_leaves_the_labels_to_a_head_that_is_blind(self, tokens, views):
        view = view_of(views, 'unawareness')

        assert (view.labels == tokens[:, 2]).all()
        assert view.reads is Reads.COLUMNS

    def test_missing_numbers_are_as_frequent_in_every_group_and_stratum(self, tokens):
        layout = replace(self.LAYOUT, cardinalities=(2, 3, 21), with_missing=(2,))
        missing = np.random.default_rng(2).random(4000) < 0.1 + 0.4 * tokens[:, 0]
        tokens = np.column_stack([tokens[:, :2], np.where(missing, 20, tokens[:, 2])])

        views = build(tokens, layout, REPAIRS)

        lacks = {name: view_of(views, name).labels == 20 for name in REPAIRS}
        assert gap(tokens[:, 0], missing) == pytest.approx(0.4, abs=0.05)
        for stratum in range(3):
            rows = tokens[:, 1] == stratum
            assert abs(gap(tokens[rows, 0], lacks['conditional_parity'][rows])) < 0.005
        assert (lacks['unawareness'] == missing).all()

    @pytest.mark.parametrize('notions', [['equalized_odds'], ['unawareness', 'equalized_odds'], ['half_unaware']])
    def test_a_mixture_needs_classes(self, notions):
        with pytest.raises(FairDistillError, match=r'compares classes.*Use another notion, or make'):
            check_target(self.LAYOUT, notions)


class TestStrata:
    """Seen through the strata that the notions get."""

    @staticmethod
    def strata(tokens, layout, monkeypatch):
        seen = []
        monkeypatch.setattr(
            NOTIONS['conditional_parity'],
            'repair_score',
            lambda self, given: (seen.append(given.strata), given.score)[1],
        )
        build(tokens, layout, ['conditional_parity'])
        return seen[0]

    def test_each_combination_of_admissible_values_is_one(self, monkeypatch):
        tokens = np.random.default_rng(0).integers(0, 2, (200, 4))
        layout = Layout((2,) * 4, (False,) * 4, sensitive=(0,), target=3, admissible=(2, 1))

        strata = self.strata(tokens, layout, monkeypatch)

        assert len(np.unique(strata)) == 4
        assert len(np.unique(np.column_stack([strata, tokens[:, 1:3]]), axis=0)) == 4

    def test_numbers_are_cut_at_quantiles(self, monkeypatch):
        generator = np.random.default_rng(0)
        tokens = np.column_stack([generator.integers(0, 2, 1000), 49 * generator.beta(1, 4, 1000), np.arange(1000) % 2])
        layout = Layout((2, 50, 2), (False, True, False), sensitive=(0,), target=2, admissible=(1,))

        strata = self.strata(tokens.astype(int), layout, monkeypatch)

        assert np.bincount(strata) / 1000 == pytest.approx(np.full(4, 0.25), abs=0.06)
        edges = [(tokens[strata == stratum, 1].min(), tokens[strata == stratum, 1].max()) for stratum in range(4)]
        assert edges == sorted(edges)

    def test_missing_numbers_are_one_of_their_own(self, monkeypatch):
        generator = np.random.default_rng(0)
        tokens = np.column_stack([generator.integers(0, 2, 1000), np.arange(1000) % 51, np.arange(1000) % 2])
        layout = Layout((2, 51, 2), (False, True, False), sensitive=(0,), target=2, admissible=(1,), with_missing=(1,))

        strata = self.strata(tokens, layout, monkeypatch)

        missing = tokens[:, 1] == 50
        assert len(set(strata[missing])) == 1
        assert not set(strata[missing]) & set(strata[~missing])
        assert np.bincount(strata[~missing])[1:] / (~missing).sum() == pytest.approx(np.full(4, 0.25), abs=0.06)

    def test_without_admissible_columns_there_is_one(self, unfair, monkeypatch):
        layout = Layout((2, 5, 2), (False,) * 3, sensitive=(0,), target=2)

        assert (self.strata(unfair, layout, monkeypatch) == 0).all()


def test_only_the_raw_view_without_a_target(unfair):
    views = build(unfair, Layout((2, 5, 2), (False, False, False), sensitive=(0,)))

    assert [view.name for view in views.label] == ['raw']
    assert views.recipes == {}


@pytest.mark.parametrize('ordered', [False, True])
def test_only_the_raw_view_with_one_group(unfair, ordered):
    tokens = unfair.copy()
    tokens[:, 0] = 0

    views = build(tokens, Layout((2, 5, 2), (False, False, ordered), sensitive=(0,), target=2))

    assert [view.name for view in views.label] == ['raw']
    assert views.recipes == {}
