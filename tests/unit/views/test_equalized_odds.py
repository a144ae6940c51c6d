"""Equalized odds: the gap in error rates by hand, and the share at which it is smallest."""

import numpy as np
import pytest

from sdv_fairdistill.views import Evidence, equalized_odds
from sdv_fairdistill.views.equalized_odds import EqualizedOdds, odds_gap


def evidence(labels, groups, score=None):
    labels, groups = np.asarray(labels), np.asarray(groups)
    score = np.zeros((len(labels), 2)) if score is None else score
    return Evidence(labels, score, score, groups, np.zeros(len(labels), dtype=int), 0)


def table(*cells):
    """Labels, groups and certain predictions from cells ``(group, label, predicted, rows)``."""
    group, label, predicted, rows = np.array(cells).T
    return (np.repeat(part, rows) for part in (label, group, predicted))


def gap_of(*cells, classes=2):
    labels, groups, predicted = table(*cells)
    return odds_gap(evidence(labels, groups), np.eye(classes)[predicted])


class TestGap:
    def test_by_hand(self):
        # True positives .8 against .5, false positives .1 against .2.
        cells = [
            (0, 1, 1, 80), (0, 1, 0, 20), (1, 1, 1, 50), (1, 1, 0, 50),
            (0, 0, 1, 10), (0, 0, 0, 90), (1, 0, 1, 20), (1, 0, 0, 80),
        ]  # fmt: skip

        assert gap_of(*cells) == pytest.approx(0.3)

    def test_the_larger_of_the_two_rates_counts(self):
        cells = [(0, 1, 1, 50), (1, 1, 1, 50), (0, 0, 1, 45), (0, 0, 0, 5), (1, 0, 0, 50)]

        assert gap_of(*cells) == pytest.approx(0.9)

    def test_several_classes_and_groups_by_hand(self):
        # Of the rows of class 2, class 1 is predicted for 0, .25 and .7 of the three groups.
        cells = [
            (0, 2, 2, 40), (1, 2, 1, 10), (1, 2, 2, 30), (2, 2, 1, 28), (2, 2, 2, 12),
            *((group, label, label, 40) for group in range(3) for label in (0, 1)),
        ]  # fmt: skip

        assert gap_of(*cells, classes=3) == pytest.approx(0.7)

    def test_rates_over_a_handful_of_rows_are_left_out(self):
        same = [(group, label, label, 100) for group in (0, 1) for label in (0, 1)]
        few = equalized_odds.LEAST_ROWS - 1

        assert gap_of(*same, (2, 1, 0, few)) == 0
        assert gap_of(*same, (2, 1, 0, few + 1)) == 1

    def test_without_a_group_to_compare_with_there_is_no_gap(self):
        assert gap_of((0, 1, 1, 100), (0, 0, 1, 100), (1, 1, 0, 3), (1, 0, 0, 3)) == 0

    def test_a_group_number_that_nobody_has(self):
        assert gap_of(*((group, label, label, 50) for group in (0, 2) for label in (0, 1))) == 0


def two_ways(rows=20_000, seed=0):
    """Scores whose predictions find group 1 too rarely, repaired ones that find it too often, and the labels."""
    generator = np.random.default_rng(seed)
    groups = generator.integers(0, 2, rows)
    ability = generator.normal(0.8 * (1 - groups), 1)
    positive = 1 / (1 + np.exp(-1.5 * ability))
    labels = (generator.random(rows) < positive).astype(int)
    shifted = 1 / (1 + np.exp(-1.5 * (ability + np.where(groups == 1, 0.5, -0.3))))
    return labels, groups, *(np.column_stack([1 - p, p]) for p in (positive, shifted))


class TestShare:
    def gaps(self, labels, groups, score):
        """Signed gaps of group 1 to group 0 in true and in false positive rates."""
        chosen = score.argmax(1)
        return [
            chosen[(groups == 1) & (labels == label)].mean() - chosen[(groups == 0) & (labels == label)].mean()
            for label in (1, 0)
        ]

    @pytest.mark.parametrize('seed', [0, 1, 2])
    def test_between_a_gap_one_way_and_a_gap_the_other_way(self, seed):
        labels, groups, score, repaired = two_ways(seed=seed)
        assert max(self.gaps(labels, groups, score)) < -0.1
        assert min(self.gaps(labels, groups, repaired)) > 0.02

        found = EqualizedOdds().share(evidence(labels, groups, score), repaired)

        assert 0.2 < found < 0.98
        mixed = odds_gap(evidence(labels, groups), (1 - found) * score + found * repaired)
        assert mixed < 0.5 * odds_gap(evidence(labels, groups), score)
        assert mixed < odds_gap(evidence(labels, groups), repaired)

    def test_where_parity_changes_nothing_nothing_is_mixed_in(self):
        labels, groups, score, _ = two_ways()

        assert EqualizedOdds().share(evidence(labels, groups, score), score) == 0

    def test_the_smallest_of_the_best_shares_is_taken(self):
        labels, groups, _, _ = two_ways()
        certain = np.eye(2)[labels]  # predictions from it make no error in any group
        wrong = np.where(groups[:, None] == 1, [[1.0, 0.0]], certain)

        assert EqualizedOdds().share(evidence(labels, groups, wrong), np.eye(2)[labels]) == pytest.approx(
            0.52, abs=0.03
        )

    def test_it_is_the_best_of_the_shares_that_are_tried(self):
        labels, groups, score, repaired = two_ways(rows=2_000)
        given = evidence(labels, groups, score)

        found = EqualizedOdds().share(given, repaired)

        gaps = [odds_gap(given, (1 - share) * score + share * repaired) for share in equalized_odds.SHARES]
        assert found in equalized_odds.SHARES
        assert gaps[list(equalized_odds.SHARES).index(found)] == min(gaps)
