"""Quantile maps: of ordered labels by hand, where a missing one has a share and no rank; and of scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.views.quantiles import respread, to_pooled

NONE = 9  # the missing label: as a number it is the largest


def repair(labels, groups, seed=0):
    return to_pooled(np.asarray(labels), np.asarray(groups), np.random.default_rng(seed), NONE)


def unfair(rows=20_000):
    """Group 1 has the lower labels and the fewer missing ones; those of group 0 are missing in .3 of its rows."""
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 2, rows)
    labels = generator.integers(0, 5, rows) + 4 * (1 - groups)
    return np.where(generator.random(rows) < 0.3 - 0.2 * groups, NONE, labels), groups


@pytest.mark.parametrize('seed', range(5))
def test_by_hand(seed):
    # 8 of 16 are missing. Group 0 has 2 of 8 and loses 2 more; group 1 has 6 of 8 and gets 2 back.
    labels = np.array([0, 1, 2, 3, 4, 5, NONE, NONE, 6, 7, *[NONE] * 6])
    groups = np.repeat([0, 1], 8)

    repaired = repair(labels, groups, seed)

    for group in (0, 1):
        own = repaired[groups == group]
        assert (own == NONE).sum() == 4
        assert sorted(own[own != NONE]) == [1, 3, 5, 7]  # the middle of each quarter of 0 … 7
    assert (repaired[6:8] == NONE).all()
    kept = repaired[:6][repaired[:6] != NONE]
    assert (np.diff(kept) > 0).all()
    assert repaired[8] < repaired[9]


def test_every_group_misses_as_many_and_has_the_same_distribution():
    labels, groups = unfair()
    share = (labels == NONE).mean()

    repaired = repair(labels, groups)

    overall = np.bincount(labels[labels != NONE], minlength=9) / (labels != NONE).sum()
    for group in (0, 1):
        own = repaired[groups == group]
        assert (own == NONE).mean() == pytest.approx(share, abs=2e-4)
        present = own[own != NONE]
        assert np.bincount(present, minlength=9) / len(present) == pytest.approx(overall, abs=1e-3)


def test_who_loses_a_label_and_what_a_missing_one_becomes_is_chance():
    labels, groups = unfair()

    repaired = repair(labels, groups)

    lost = (labels != NONE) & (repaired == NONE)
    given = (labels == NONE) & (repaired != NONE)
    assert (groups[lost] == 1).all()
    assert (groups[given] == 0).all()
    assert labels[lost].mean() == pytest.approx(labels[(groups == 1) & (labels != NONE)].mean(), abs=0.1)
    assert repaired[given].mean() == pytest.approx(repaired[repaired != NONE].mean(), abs=0.2)


def test_no_more_labels_are_lost_or_given_than_need_be():
    labels, groups = unfair()

    repaired = repair(labels, groups)

    share = (labels == NONE).mean()
    for group in (0, 1):
        rows = groups == group
        moved = ((labels == NONE) != (repaired == NONE))[rows].mean()
        assert moved == pytest.approx(abs((labels[rows] == NONE).mean() - share), abs=2e-4)


def test_small_groups_keep_the_share_on_average():
    labels = unfair(3_000)[0]

    repaired = repair(labels, np.arange(3_000) // 3)

    assert (repaired == NONE).mean() == pytest.approx((labels == NONE).mean(), abs=0.02)


def test_a_group_with_missing_labels_alone_gets_those_of_all():
    labels, groups = np.array([0, 1, 2, 3] * 100 + [NONE] * 400), np.repeat([0, 1], 400)

    repaired = repair(labels, groups)

    assert (repaired[400:] == NONE).sum() == 200
    assert np.bincount(repaired[400:])[:4] == pytest.approx([50] * 4, abs=1)


@pytest.mark.parametrize('labels', [[NONE], [NONE] * 4, [NONE, 3], [3, 4]])
def test_tiny_tables(labels):
    assert set(repair(labels, range(len(labels)))) <= set(labels)


def test_without_missing_labels_the_largest_is_like_another():
    labels, groups = unfair(500)

    alone = to_pooled(labels, groups, np.random.default_rng(0))

    assert (np.bincount(alone[groups == 0], minlength=10)[NONE] > 0) == ((labels == NONE).mean() > 0)
    assert np.diff([(alone[groups == group] == NONE).mean() for group in (0, 1)]) == pytest.approx(0, abs=0.02)


def pooled(labels, group, seed):
    """Ordered labels, alike in all groups."""
    return to_pooled(labels, group, np.random.default_rng(seed))


class TestOrderedLabels:
    @staticmethod
    def table(seed=0, rows=6000):
        generator = np.random.default_rng(seed)
        group = generator.choice(3, rows, p=[0.6, 0.3, 0.1])
        return np.clip(generator.normal(10 + 4 * group, 3, rows).round(), 0, 29).astype(int), group

    def test_every_group_gets_the_overall_distribution(self):
        labels, group = self.table()

        repaired = pooled(labels, group, 0)

        overall = np.bincount(labels, minlength=30) / len(labels)
        for member in range(3):
            own = np.bincount(repaired[group == member], minlength=30) / (group == member).sum()
            # A distribution function on the group's own grid of ranks is at most one rank away.
            assert np.abs(np.cumsum(own - overall)).max() <= 1 / (group == member).sum() + 1e-9

    def test_the_overall_distribution_stays(self):
        labels, group = self.table()

        repaired = pooled(labels, group, 0)

        assert np.abs(np.bincount(repaired, minlength=30) - np.bincount(labels, minlength=30)).max() <= 3

    def test_the_order_inside_a_group_stays(self):
        labels, group = self.table()

        repaired = pooled(labels, group, 0)

        for member in range(3):
            rows = np.flatnonzero(group == member)
            order = np.lexsort((repaired[rows], labels[rows]))
            assert (np.diff(repaired[rows][order]) >= 0).all()

    def test_equal_labels_are_parted_by_chance_and_not_by_their_place(self):
        labels, group = np.zeros(2000, dtype=int), np.repeat([0, 1], 1000)
        labels[group == 1] = np.arange(1000) % 2

        first, second = (pooled(labels, group, seed)[:1000] for seed in (0, 1))

        assert first.mean() == pytest.approx(0.25, abs=0.002)
        assert first[:500].mean() == pytest.approx(0.25, abs=0.06)
        assert (first != second).any()
        assert (first == pooled(labels, group, 0)[:1000]).all()

    @given(st.integers(0, 2**31))
    def test_the_names_of_groups_do_not_matter(self, seed):
        labels, group = self.table(seed, rows=200)
        names = np.array([9, 4, 7])

        assert (pooled(labels, names[group], 0) == pooled(labels, group, 0)).all()

    @pytest.mark.parametrize('labels', [[3], [3, 3], [0, 5]])
    def test_tiny_tables(self, labels):
        repaired = pooled(np.array(labels), np.arange(len(labels)), 0)

        assert set(repaired) <= set(labels)


def test_scores_that_only_rounding_parts_are_widened_as_one():
    same = np.repeat([0.2, 0.5, 0.8], [7, 40, 3])
    parted = same.copy()
    parted[::2] = np.nextafter(same[::2], 1)
    like = np.random.default_rng(0).random(len(same))

    assert respread(parted, like, 0.3) == pytest.approx(respread(same, like, 0.3), abs=1e-12)
