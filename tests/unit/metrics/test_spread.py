"""The Wasserstein distance between groups' numbers: scipy's, in ranks and in the number's unit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from sdv_fairdistill.metrics import Spread
from sdv_fairdistill.metrics import spread as module


def test_by_hand():
    spread = Spread.of([1, 3, 2, 4, 9], list('aabbc'), ['d'], reference=[0, 1, 2, 3, 4], least_rows=2)
    assert spread.distance == pytest.approx(1)
    assert spread.difference == pytest.approx(0.2)
    assert spread.groups['median'].dropna().to_dict() == spread.groups['mean'].dropna().to_dict() == {'a': 2, 'b': 3}
    assert 'd (0), c (1)' in spread.notes[0]


def test_the_same_generator_gives_the_same_interval_and_none_gives_none():
    values, groups = np.random.default_rng(0).normal(size=90), ['a', 'b', 'c'] * 30
    first, second, other = (Spread.of(values, groups, generator=np.random.default_rng(seed)) for seed in (1, 1, 2))
    low, high = first.difference_interval
    assert low <= first.difference <= high
    assert first.difference_interval == second.difference_interval != other.difference_interval
    assert np.isnan(Spread.of(values, groups).difference_interval).all()


def test_a_rising_function_of_the_number_changes_nothing_but_the_unit():
    values, groups = np.random.default_rng(0).normal(size=90), ['a', 'b', 'c'] * 30
    plain, bent = Spread.of(values, groups), Spread.of(np.exp(values), groups)
    assert bent.difference == pytest.approx(plain.difference)
    assert bent.distance != pytest.approx(plain.distance)


def test_the_furthest_pair_counts_whatever_the_names_and_the_order():
    values, groups = np.arange(60.0), np.repeat(['a', 'b', 'c'], 20)
    assert Spread.of(values, groups).distance == pytest.approx(40)
    renamed = np.array([{'a': 'z', 'b': 'y', 'c': 'x'}[group] for group in groups])
    assert Spread.of(values[::-1], renamed[::-1]).difference == pytest.approx(Spread.of(values, groups).difference)


def test_running_sums_are_scipys_distance():
    """Every row drawn once is the table itself."""
    generator = np.random.default_rng(0)
    values, groups = generator.integers(8, size=40) / 8, np.array(list('ab') * 20, dtype=object)
    weights = generator.integers(1, 4, size=40)
    order = np.argsort(values, kind='stable')

    def once(figure, *_):
        return figure(weights[order][None])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, 'resampled', once)
        found = module._resampled(values, groups, ['a', 'b'], generator, 1)
    a, b = groups == 'a', groups == 'b'
    assert found == pytest.approx(wasserstein_distance(values[a], values[b], weights[a], weights[b]))


def test_small_and_missing_groups_are_listed():
    spread = Spread.of(range(25), ['a'] * 20 + ['b'] * 5, expected=['a', 'b', 'c'])
    assert np.isnan([spread.difference, spread.distance]).all()
    assert spread.groups['reason'].tolist() == ['', '5 rows, fewer than the 10 needed', 'no rows']
    assert 'b (5), c (0)' in spread.notes[0]
