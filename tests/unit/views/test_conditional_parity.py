"""Repair for conditional parity: inside each stratum the groups come out alike, and small ones lean on the whole."""

import numpy as np
import pytest

from sdv_fairdistill.views import Evidence
from sdv_fairdistill.views.conditional_parity import ConditionalParity


def evidence(score, groups, strata, seed=0):
    return Evidence(np.zeros(len(score), dtype=int), score, score, groups, strata, seed)


def repair(score, groups, strata):
    return ConditionalParity().repair_score(evidence(score, groups, strata))


def unfair(classes=2, rows=12_000, seed=0):
    """Scores that depend on group and stratum; the group decides in which stratum a row is likely to be."""
    generator = np.random.default_rng(seed)
    groups = generator.integers(0, 3, rows)
    strata = generator.binomial(2, 0.2 + 0.3 * groups)
    leaning = generator.dirichlet(np.ones(classes), (3, 3))
    score = 2 * leaning[groups, strata] + generator.random((rows, classes))
    return score / score.sum(1, keepdims=True), groups, strata


def rates(score, groups, strata):
    """Mean class probabilities ``(strata, groups, classes)``."""
    return np.array([[score[(strata == s) & (groups == g)].mean(0) for g in range(3)] for s in range(3)])


@pytest.mark.parametrize('classes', [2, 3, 5])
def test_inside_every_stratum_all_groups_get_its_rates(classes):
    score, groups, strata = unfair(classes)
    assert np.ptp(rates(score, groups, strata), axis=1).max() > 0.1

    repaired = rates(repair(score, groups, strata), groups, strata)

    assert np.ptp(repaired, axis=1).max() < 0.02
    for stratum in range(3):
        overall = score[strata == stratum].mean(0)
        assert repaired[stratum] == pytest.approx(np.tile(overall, (3, 1)), abs=0.02)


def test_groups_still_differ_through_the_strata():
    score, groups, strata = unfair()
    stratum_rates = np.array([score[strata == stratum].mean(0) for stratum in range(3)])

    repaired = repair(score, groups, strata)

    for group in range(3):
        expected = stratum_rates[strata[groups == group]].mean(0)
        assert repaired[groups == group].mean(0) == pytest.approx(expected, abs=0.02)
    assert np.ptp([repaired[groups == group, 1].mean() for group in range(3)]) > 0.05


@pytest.mark.parametrize('classes', [2, 4])
def test_every_row_is_a_distribution_and_the_given_one_is_left_alone(classes):
    score, groups, strata = unfair(classes, rows=300)
    before = score.copy()

    repaired = repair(score, groups, strata)

    assert (repaired >= 0).all()
    assert repaired.sum(1) == pytest.approx(1)
    assert (score == before).all()


def test_the_order_inside_a_group_and_stratum_stays():
    score, groups, strata = unfair()

    repaired = repair(score, groups, strata)

    for group in range(3):
        rows = np.flatnonzero((groups == group) & (strata == 1))
        assert (np.diff(repaired[rows[np.argsort(score[rows, 1])], 1]) >= -1e-12).all()


def test_the_names_of_groups_and_strata_do_not_matter():
    score, groups, strata = unfair(3, rows=900)

    renamed = repair(score, np.array([7, 0, 3])[groups], np.array([2, 9, 4])[strata])

    assert renamed == pytest.approx(repair(score, groups, strata), abs=1e-9)


class TestSmallStrata:
    @staticmethod
    def table(size):
        """A large stratum in which group 1 has half of group 0's rate, and a small one that says the opposite."""
        groups = np.tile([0, 1], 2000 + size)
        strata = np.repeat([0, 1], [4000, 2 * size])
        positive = np.where(groups == 0, 0.6, 0.3)
        positive[strata == 1] = np.where(groups[strata == 1] == 0, 0.05, 0.95)
        return np.column_stack([1 - positive, positive]), groups, strata

    def gap(self, size):
        """Gap between the groups in the small stratum, as a share of what it was."""
        score, groups, strata = self.table(size)
        repaired = repair(score, groups, strata)[strata == 1, 1]
        return (repaired[1::2].mean() - repaired[::2].mean()) / 0.9

    def test_the_rates_of_a_handful_are_not_taken_at_their_word(self):
        assert self.gap(2) > 0.5
        assert self.gap(2) > self.gap(30) > self.gap(2000)
        assert abs(self.gap(2000)) < 0.02

    def test_a_single_row_is_scaled_as_its_group_is(self):
        # Alone in its stratum, a row of the group whose rate is too low is raised, not set to what it has itself.
        score, groups, strata = self.table(0)
        score = np.concatenate([score, [[0.7, 0.3]], [[0.4, 0.6]]])

        repaired = repair(score, np.append(groups, [1, 0]), np.append(strata, [1, 2]))

        assert 0.35 < repaired[-2, 1] < 0.6
        assert 0.3 < repaired[-1, 1] < 0.55

    def test_the_large_stratum_hardly_notices(self):
        score, groups, strata = self.table(2)
        alone = repair(score[strata == 0], groups[strata == 0], strata[strata == 0])

        assert repair(score, groups, strata)[strata == 0] == pytest.approx(alone, abs=0.005)

    def test_a_class_that_nobody_has_stays_empty(self):
        score, groups, strata = unfair(rows=300)

        repaired = repair(np.column_stack([score, np.zeros(300)]), groups, strata)

        assert np.isfinite(repaired).all()
        assert (repaired[:, 2] == 0).all()


class TestOrdered:
    @pytest.fixture
    def table(self):
        generator = np.random.default_rng(0)
        groups, strata = generator.integers(0, 2, 3000), generator.integers(0, 3, 3000)
        labels = np.clip(generator.normal(8 + 4 * groups + 5 * strata, 2), 0, 29).astype(int)
        return Evidence(labels, *[np.zeros((3000, 0))] * 2, groups, strata, 0)

    def test_each_group_gets_the_distribution_of_its_stratum(self, table):
        repaired = ConditionalParity().repair_ordered(table)

        for stratum in range(3):
            inside = table.strata == stratum
            overall = np.bincount(table.labels[inside], minlength=30) / inside.sum()
            for group in (0, 1):
                rows = inside & (table.groups == group)
                own = np.bincount(repaired[rows], minlength=30) / rows.sum()
                assert np.abs(np.cumsum(own - overall)).max() <= 1 / rows.sum() + 1e-9

    def test_the_observed_labels_are_left_alone(self, table):
        before = table.labels.copy()

        ConditionalParity().repair_ordered(table)

        assert (table.labels == before).all()
