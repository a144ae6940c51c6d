"""Rates by group: fairlearn's figures where both are defined, and no figure where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from fairlearn.metrics import (
    demographic_parity_difference,
    demographic_parity_ratio,
    equalized_odds_difference,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.metrics import Parity


@st.composite
def tables(draw):
    """Labels, predictions and groups of up to 60 rows."""
    rows = draw(st.integers(1, 60))
    bits = st.lists(st.booleans(), min_size=rows, max_size=rows)
    groups = draw(st.lists(st.sampled_from(['a', 'b', 'c', 'd']), min_size=rows, max_size=rows))
    return np.array(draw(bits)), np.array(draw(bits)), np.array(groups, dtype=object)


def test_rates_ratio_and_difference_by_hand():
    parity = Parity.of([1, 1, 1, 0, 1, 0, 0, 0, 1, 0], list('aaaabbbbcc'), least_rows=1)
    assert parity.rates['rate'].to_dict() == {'a': 0.75, 'b': 0.25, 'c': 0.5}
    assert parity.rates['rows'].to_dict() == {'a': 4, 'b': 4, 'c': 2}
    assert parity.ratio == pytest.approx(1 / 3)
    assert parity.difference == 0.5
    assert parity.notes == ()


@settings(max_examples=200)
@given(tables())
def test_equals_fairlearn_where_both_are_defined(table):
    actual, predicted, groups = table
    parity = Parity.of(predicted, groups, least_rows=1)
    if not np.isnan(parity.ratio):
        expected = demographic_parity_ratio(actual, predicted, sensitive_features=groups)
        assert parity.ratio == pytest.approx(expected)
    if not np.isnan(parity.difference):
        expected = demographic_parity_difference(actual, predicted, sensitive_features=groups)
        assert parity.difference == pytest.approx(expected)


@settings(max_examples=100)
@given(tables())
def test_gaps_among_the_actual_labels_are_fairlearns_equalized_odds(table):
    actual, predicted, groups = table
    names = sorted(set(groups))
    true = Parity.of(predicted[actual], groups[actual], names, least_rows=1)
    false = Parity.of(predicted[~actual], groups[~actual], names, least_rows=1)
    if len(names) > 1 and not true.notes and not false.notes:
        expected = equalized_odds_difference(actual, predicted, sensitive_features=groups)
        assert max(true.difference, false.difference) == pytest.approx(expected)


@settings(max_examples=50)
@given(tables(), st.permutations(['w', 'x', 'y', 'z']), st.randoms(use_true_random=False))
def test_neither_the_names_nor_the_order_of_rows_matter(table, names, random):
    _, happens, groups = table
    renamed = np.array([dict(zip('abcd', names, strict=True))[group] for group in groups], dtype=object)
    order = np.array(random.sample(range(len(groups)), len(groups)))
    first, second = Parity.of(happens, groups, least_rows=3), Parity.of(happens[order], renamed[order], least_rows=3)
    np.testing.assert_equal([first.ratio, first.difference], [second.ratio, second.difference])


def test_a_small_group_is_listed_and_not_scored():
    parity = Parity.of([1, 0] * 10 + [1] * 9, ['a'] * 10 + ['b'] * 10 + ['c'] * 9)
    assert parity.ratio == 1
    assert np.isnan(parity.rates.loc['c', 'rate'])
    assert parity.rates.loc['c', 'reason'] == '9 rows, fewer than the 10 needed'
    assert parity.notes == ('groups with fewer than 10 rows are left out: c (9)',)


def test_an_expected_group_without_rows_is_listed():
    parity = Parity.of([1, 0, 1, 1], list('aabb'), expected=['a', 'b', 'c'], least_rows=1)
    assert list(parity.rates.index) == ['a', 'b', 'c']
    assert parity.rates.loc['c', ['rows', 'reason']].tolist() == [0, 'no rows']
    assert parity.ratio == 0.5


def test_a_group_that_was_not_expected_is_listed_too():
    assert list(Parity.of([1, 0], ['b', 'z'], expected=['a', 'b'], least_rows=1).rates.index) == ['a', 'b', 'z']


@pytest.mark.parametrize(
    ('happens', 'groups', 'reason'),
    [
        ([], '', 'no group has a rate'),
        ([1, 0], 'aa', "only the group 'a' has a rate"),
        ([0, 0, 0], 'aab', 'the rate is 0 in every group, so that there is no ratio'),
    ],
)
def test_an_undefined_ratio_is_nan_with_its_reason(happens, groups, reason):
    parity = Parity.of(happens, list(groups), least_rows=1)
    assert np.isnan(parity.ratio)
    assert reason in parity.notes


def test_no_ratio_but_a_difference_where_nothing_happens():
    assert Parity.of([0, 0, 0], list('aab'), least_rows=1).difference == 0


def test_a_rate_of_zero_beside_others_is_a_ratio_of_zero():
    assert Parity.of([0, 0, 1], list('aab'), least_rows=1).ratio == 0


def test_where_nine_of_ten_are_favorable_the_ratio_of_the_others_tells_what_the_ratio_hides():
    parity = Parity.of([1] * 19 + [0] + [1] * 17 + [0] * 3, ['a'] * 20 + ['b'] * 20)
    assert parity.overall == 0.9
    assert parity.ratio == pytest.approx(0.85 / 0.95)  # .895: passes four fifths
    assert parity.unfavorable_ratio == pytest.approx(1 / 3)
    assert parity.difference == pytest.approx(0.1)
    assert parity.common
    assert parity.caution == (
        '0.900 of the rows are favorable, and where most are, a ratio of favorable rates can flatter: smallest'
        ' unfavorable rate over the largest 0.333, difference of rates 0.100'
    )


def test_without_a_common_label_there_is_nothing_to_caution_of():
    parity = Parity.of([1, 0] * 10, ['a', 'a', 'b', 'b'] * 5)
    assert (parity.overall, parity.unfavorable_ratio) == (0.5, 1)
    assert not parity.common
    assert parity.caution == ''


def test_a_ratio_of_unfavorable_rates_is_undefined_where_there_are_none():
    parity = Parity.of([1] * 20, ['a', 'b'] * 10)
    assert parity.ratio == 1
    assert np.isnan(parity.unfavorable_ratio)
    assert parity.unfavorable_reason == 'the unfavorable rate is 0 in every group, so that it has no ratio'
    assert parity.unfavorable_reason in parity.caution
    assert parity.notes == ()
    alone = Parity.of([1] * 20, ['a'] * 20)
    assert (alone.overall, alone.caution, alone.unfavorable_reason) == (1, '', '')
    assert np.isnan(Parity.of([], []).overall)


@settings(max_examples=100)
@given(tables())
def test_the_unfavorable_ratio_is_the_ratio_of_what_does_not_happen(table):
    _, happens, groups = table
    first, second = Parity.of(happens, groups, least_rows=2), Parity.of(~happens, groups, least_rows=2)
    np.testing.assert_allclose(first.unfavorable_ratio, second.ratio)
    np.testing.assert_allclose(first.ratio, second.unfavorable_ratio)
    if first.ratio > first.unfavorable_ratio + 1e-9:
        assert first.rates['rate'].min() + first.rates['rate'].max() > 1


def test_the_interval_of_the_unfavorable_ratio_holds_it():
    happens, groups = [1] * 90 + [0] * 10 + [1] * 80 + [0] * 20, ['a'] * 100 + ['b'] * 100
    parity = Parity.of(happens, groups, generator=np.random.default_rng(0))
    mirrored = Parity.of(np.logical_not(happens), groups, generator=np.random.default_rng(0))
    low, high = parity.unfavorable_ratio_interval
    assert parity.unfavorable_ratio == pytest.approx(0.5)
    assert low < 0.5 < high
    assert (low, high) == pytest.approx(mirrored.ratio_interval, abs=0.1)  # other draws
