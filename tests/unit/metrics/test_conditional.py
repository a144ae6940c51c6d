"""Parity within strata: by hand, and never more than is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.metrics import ConditionalParity, Parity


def test_the_mean_is_weighted_by_rows():
    happens = [1, 0, 1, 1] + [1, 0] * 4
    found = ConditionalParity.of(happens, list('aabb') + list('ab') * 4, ['x'] * 4 + ['y'] * 8, least_rows=1)
    assert found.strata['difference'].to_dict() == {'x': 0.5, 'y': 1.0}
    assert found.difference == pytest.approx((4 * 0.5 + 8 * 1) / 12)
    assert found.coverage == 1


def test_apart_overall_and_alike_within_strata():
    """Simpson: b is in the poor stratum more often, and treated alike in both."""
    strata = np.repeat(['rich', 'poor'], 40)
    groups = np.array((['a'] * 30 + ['b'] * 10) + (['a'] * 10 + ['b'] * 30))
    happens = strata == 'rich'
    assert Parity.of(happens, groups).difference == 0.5
    assert ConditionalParity.of(happens, groups, strata).difference == 0


def test_what_is_too_small_is_listed_and_counts_for_nothing():
    happens, groups = [1, 0] * 10 + [1] * 12, ['a', 'b'] * 10 + ['a'] * 11 + ['b']
    found = ConditionalParity.of(happens, groups, ['x'] * 20 + ['y'] * 12)
    assert found.difference == 1
    assert found.coverage == 20 / 32
    assert found.strata.loc['y', 'rows'] == 12
    assert 'b (1)' in found.strata.loc['y', 'reason']
    assert "stratum 'y' (12 rows) is left out" in found.notes[0]


def test_a_small_group_of_a_scored_stratum_is_named_and_has_no_weight():
    found = ConditionalParity.of([1, 0] * 10 + [1] * 3, ['a', 'b'] * 10 + ['c'] * 3, ['x'] * 23)
    assert found.coverage == 20 / 23
    assert found.notes == ("stratum 'x': groups with fewer than 10 rows are left out: c (3)",)


@pytest.mark.parametrize('rows', [0, 5])
def test_no_stratum_to_compare_in_is_undefined(rows):
    found = ConditionalParity.of([1] * rows, ['a'] * rows, ['x'] * rows, generator=np.random.default_rng(0))
    assert np.isnan([found.difference, *found.difference_interval]).all()
    assert found.coverage == 0
    assert found.notes


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from('ab'), st.sampled_from('xy')), min_size=1, max_size=40))
def test_one_stratum_is_plain_parity_and_names_do_not_matter(rows):
    happens, groups, strata = (np.array(column) for column in zip(*rows, strict=True))
    one = ConditionalParity.of(happens, groups, ['all'] * len(rows), least_rows=2).difference
    np.testing.assert_allclose(one, Parity.of(happens, groups, least_rows=2).difference)
    found = ConditionalParity.of(happens, groups, strata, least_rows=2).difference
    swapped = ConditionalParity.of(
        happens[::-1], np.where(groups == 'a', 'b', 'a')[::-1], np.where(strata == 'x', 'y', 'x')[::-1], least_rows=2
    )
    np.testing.assert_allclose(swapped.difference, found)


def test_the_interval_holds_the_difference_where_chance_alone_sets_groups_apart():
    # Both groups have the same rate in each of many small strata, so that every resample sets them further apart.
    groups, strata = np.tile(['a', 'b'], 200), np.repeat(np.arange(20).astype(str), 20)
    happens = np.arange(400) % 4 < 2

    found = ConditionalParity.of(happens, groups, strata, generator=np.random.default_rng(0))

    assert found.difference == 0
    assert found.difference_interval[0] == 0
    assert found.difference_interval[1] > 0.1
