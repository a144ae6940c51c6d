"""Intervals hold the truth about as often as they say, and are undefined rather than wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from sdv_fairdistill.metrics import Parity, Spread
from sdv_fairdistill.metrics.conditional import ConditionalParity
from sdv_fairdistill.metrics.intervals import auc_interval, delong, percentiles, resampled, resampled_rates, wilson


def coverage(intervals, truth):
    low, high = np.array(intervals).T
    return np.mean((low <= truth) & (truth <= high))


def test_wilson_by_hand():
    low, high = wilson(3, 8)
    z = norm.ppf(0.975)
    middle, half = (3 / 8 + z**2 / 16) / (1 + z**2 / 8), z * np.sqrt(3 / 8 * 5 / 64 + z**2 / 256) / (1 + z**2 / 8)
    assert (low, high) == pytest.approx((middle - half, middle + half))
    assert np.isnan(wilson(0, 0)).all()


def test_wilson_covers_a_rare_event():
    happened = np.random.default_rng(0).binomial(40, 0.05, size=1000)
    assert coverage([wilson(count, 40) for count in happened], 0.05) > 0.92


def test_percentiles_are_undefined_where_too_many_resamples_are():
    values = np.arange(100.0)
    assert percentiles(values) == pytest.approx((2.475, 96.525))
    values[:5] = np.nan
    assert not np.isnan(percentiles(values)).any()
    values[5] = np.nan
    assert np.isnan(percentiles(values)).all()
    assert np.isnan(percentiles(np.empty(0))).all()


def test_percentiles_are_widened_to_hold_the_figure():
    values = np.arange(100.0)
    assert percentiles(values, 50) == percentiles(values)
    assert percentiles(values, 0) == pytest.approx((0, 96.525))
    assert percentiles(values, 99) == pytest.approx((2.475, 99))
    assert np.isnan(percentiles(np.empty(0), 3)).all()


def test_intervals_of_groups_that_are_alike_hold_their_figures():
    groups, happens = np.repeat(list('abcdef'), 20), np.tile([True, False], 60)
    parity = Parity.of(happens, groups, generator=np.random.default_rng(0))
    assert parity.ratio == parity.ratio_interval[1] == 1
    assert parity.difference == parity.difference_interval[0] == 0


def test_counts_of_a_resample_are_those_of_drawing_rows():
    """Mean and spread of the rates agree with a slow resampling of rows."""
    happens, places = np.array([1, 0, 0, 1, 1, 1, 0, 0, 0, 0]) == 1, np.array([0] * 5 + [1] * 5)
    generator = np.random.default_rng(0)
    fast = resampled_rates(happens, places, 2, generator, 4000)
    slow = []
    for rows in generator.integers(10, size=(4000, 10)):
        members = [happens[rows][places[rows] == place] for place in (0, 1)]
        slow.append([np.nan if not len(member) else member.mean() for member in members])
    for statistic in (np.nanmean, np.nanstd):
        np.testing.assert_allclose(statistic(fast, axis=0), statistic(slow, axis=0), atol=0.015)


def test_resamples_in_blocks_have_all_rows_each(monkeypatch):
    monkeypatch.setattr('sdv_fairdistill.metrics.intervals.CELLS', 35)
    assert resampled(lambda drawn: drawn.sum(axis=1), 10, np.random.default_rng(0), 8).tolist() == [10] * 8


def test_area_of_every_resample_is_scikit_learns(monkeypatch):
    found = []
    monkeypatch.setattr('sdv_fairdistill.metrics.intervals.percentiles', found.append)
    generator = np.random.default_rng(1)
    actual, score = generator.random(30) < 0.4, generator.integers(6, size=30) / 6
    auc_interval(actual, score, np.random.default_rng(2), 20)
    order, draw = np.argsort(score, kind='stable'), np.random.default_rng(2).integers(30, size=(20, 30))
    expected = [roc_auc_score(actual[order][rows], score[order][rows]) for rows in draw]
    np.testing.assert_allclose(found[0], expected)


def test_area_without_both_labels_has_no_interval():
    assert np.isnan(auc_interval(np.ones(9, dtype=bool), np.arange(9.0), np.random.default_rng(0))).all()
    assert np.isnan(auc_interval(np.ones(0, dtype=bool), np.empty(0), np.random.default_rng(0))).all()


def test_the_interval_of_a_difference_covers_it():
    generator, intervals = np.random.default_rng(0), []
    for _ in range(150):
        groups = np.repeat(['a', 'b'], 120)
        happens = generator.random(240) < np.where(groups == 'a', 0.3, 0.6)
        intervals.append(Parity.of(happens, groups, generator=generator, resamples=200))
    assert 0.9 < coverage([parity.difference_interval for parity in intervals], 0.3) < 0.99
    assert 0.9 < coverage([parity.ratio_interval for parity in intervals], 0.5) < 0.99


def test_the_interval_of_an_area_covers_it():
    generator, intervals = np.random.default_rng(0), []
    for _ in range(200):
        actual = np.arange(160) % 2 == 0
        intervals.append(auc_interval(actual, generator.normal(size=160) + actual, generator, 200))
    assert 0.89 < coverage(intervals, norm.cdf(1 / np.sqrt(2))) < 0.99


def test_the_interval_of_a_conditional_difference_covers_it():
    generator, intervals = np.random.default_rng(0), []
    groups, strata = np.tile(['a', 'b'], 200), np.repeat(['x', 'y'], 200)
    rate = np.where(groups == 'a', 0.2, np.where(strata == 'x', 0.5, 0.7))
    for _ in range(100):
        found = ConditionalParity.of(generator.random(400) < rate, groups, strata, 10, generator, 200)
        intervals.append(found.difference_interval)
    assert 0.89 < coverage(intervals, 0.4) < 0.99


def test_the_interval_of_a_spread_covers_it():
    """The second group's numbers are squares of uniform ones: their mean is 1/3 and never above 1/2's rank by rank."""
    generator, intervals = np.random.default_rng(0), []
    for _ in range(150):
        values = generator.random(400)
        values[200:] **= 2
        reference = (np.arange(1000) + 0.5) / 1000
        groups = np.repeat(['a', 'b'], 200)
        intervals.append(Spread.of(values, groups, (), reference, 10, generator, 200).difference_interval)
    assert 0.88 < coverage(intervals, 1 / 6) < 0.99


def test_the_same_generator_gives_the_same_interval():
    groups, happens = ['a', 'b'] * 30, [1, 0, 0] * 20
    first, second = (Parity.of(happens, groups, generator=np.random.default_rng(4)) for _ in range(2))
    assert first.ratio_interval == second.ratio_interval
    assert np.isnan(Parity.of(happens, groups).ratio_interval).all()


def test_delong_s_interval_is_that_of_resampled_rows_and_its_area_scikit_learns():
    generator = np.random.default_rng(0)
    actual = generator.random(800) < 0.4
    score = np.round(generator.normal(size=800) + actual, 1)
    area, (low, high) = delong(actual, score)
    assert area == pytest.approx(roc_auc_score(actual, score))
    assert (low, high) == pytest.approx(auc_interval(actual, score, generator, 2_000), abs=0.006)
    assert delong(actual, actual.astype(float)) == (1, (1, 1))


def test_delong_s_interval_covers_the_area():
    generator = np.random.default_rng(0)
    actual, true = np.arange(200) % 4 == 0, 0.76025  # Φ(1 / √2), of two normal scores one apart
    intervals = [delong(actual, generator.normal(size=200) + actual)[1] for _ in range(400)]
    assert 0.91 < np.mean([low < true < high for low, high in intervals]) < 0.98
