"""Groups of about equal mass, by hand and by property."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.encoding.partition import partition, tail_starts

masses = st.lists(st.integers(1, 1000), min_size=1, max_size=200).map(np.array)


def test_equal_masses_give_equal_groups():
    assert partition(np.ones(8, dtype=int), target=2, limit=4).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_heavy_mass_stands_alone():
    assert partition(np.array([1, 1, 90, 1, 1]), target=10, limit=5).tolist() == [0, 0, 1, 2, 2]


def test_the_target_grows_until_the_groups_fit():
    assert partition(np.ones(6, dtype=int), target=1, limit=2).tolist() == [0, 0, 0, 1, 1, 1]


@given(masses, st.floats(1, 100), st.integers(1, 20))
def test_groups_are_contiguous_and_within_the_limit(masses, target, limit):
    groups = partition(masses, target, limit)

    assert groups[0] == 0
    assert set(np.diff(groups)) <= {0, 1}
    assert groups[-1] < limit


@given(masses, st.floats(1, 100))
def test_no_group_outgrows_the_target_by_more_than_rounding(masses, target):
    groups = partition(masses, target, limit=len(masses) + 1)

    grouped = np.bincount(groups, masses)[np.bincount(groups) > 1]

    assert (grouped <= 2.5 * target).all()


def test_tails_are_cut_at_powers_of_two():
    starts = tail_starts(np.ones(20, dtype=int), target=8)

    assert np.flatnonzero(starts).tolist() == [2, 4, 8, 12, 16, 18]
