"""The ledger against OpenDP's own composition, and what it refuses."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.errors import FairDistillError, PrivacyError
from sdv_fairdistill.privacy import Entry, Ledger, Privacy
from sdv_fairdistill.privacy.accounting import epsilon_of, opendp, rho_of
from sdv_fairdistill.privacy.mechanisms import frequent_counts, noisy_counts, noisy_maximum
from sdv_fairdistill.privacy.settings import default_delta


def composed_epsilon(scales, delta):
    """OpenDP's own composition of Gaussians, turned into ε by OpenDP."""
    dp = opendp()
    space = dp.atom_domain(T='f64', nan=False), dp.absolute_distance(T='f64')
    parts = [dp.m.make_gaussian(*space, scale=scale) for scale in scales]
    composed = dp.c.make_zCDP_to_approxDP(dp.c.make_composition(parts))
    return composed.map(1.0).epsilon(delta)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(3.0, 200.0), min_size=1, max_size=6), st.sampled_from([1e-5, 1e-6, 1e-9]))
def test_the_ledger_adds_up_as_opendp_does(scales, delta):
    ledger = Ledger(epsilon=500.0, delta=delta)
    for scale in scales:
        noisy_counts(ledger, 'counts', np.zeros(2), rows=1, rho=1 / (2 * scale**2))

    assert ledger.epsilon_spent == pytest.approx(composed_epsilon(scales, delta), rel=1e-6)


@pytest.mark.parametrize('delta', [1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize('epsilon', [0.1, 1.0, 10.0, 100.0])
def test_the_largest_budget_is_found_and_never_exceeded(epsilon, delta):
    rho = rho_of(epsilon, delta)

    assert epsilon_of(rho, delta) <= epsilon
    assert epsilon_of(rho * 1.0001, delta) > epsilon


def test_a_release_beyond_the_budget_is_refused_before_it_is_made():
    ledger = Ledger(epsilon=1.0, delta=1e-6)
    ledger.charge(Entry('first', rho_of(1.0, 1e-6) * 0.9))

    for release in (
        lambda: noisy_counts(ledger, 'next', np.zeros(2), 1, rho=0.01),
        lambda: noisy_maximum(ledger, 'next', np.zeros(2), 1, rho=0.01),
        lambda: frequent_counts(ledger, 'next', {0: 5}, 1, rho=0.01, delta=1e-8),
    ):
        with pytest.raises(PrivacyError, match=r'does not allow another release \(next\)'):
            release()
    assert [entry.part for entry in ledger.entries] == ['first']


def test_delta_of_found_levels_counts_too():
    ledger = Ledger(epsilon=1.0, delta=1e-6)
    before = ledger.rho_left()
    ledger.charge(Entry('levels', 0.0, delta=0.9e-6))

    assert ledger.rho_left() < before
    with pytest.raises(PrivacyError):
        ledger.charge(Entry('levels', 0.0, delta=0.2e-6))


def test_a_shared_ledger_adds_releases_up():
    shared = Ledger(epsilon=1.2, delta=1e-6)
    first, second = (Privacy(epsilon=1.0, delta=1e-6, ledger=shared).open(100) for _ in range(2))
    first.charge(Entry('all', first.rho_left()))

    assert second.rho_left() == pytest.approx(rho_of(1.2, 1e-6) - rho_of(1.0, 1e-6))
    with pytest.raises(PrivacyError, match=r'ε = 1\.2'):
        second.charge(Entry('all', rho_of(1.0, 1e-6)))
    assert second.entries == []


def test_a_ledger_survives_a_file():
    ledger = Ledger(epsilon=1.0, delta=1e-6)
    ledger.charge(Entry('all', rho_of(1.0, 1e-6)))

    with pytest.raises(PrivacyError):
        pickle.loads(pickle.dumps(ledger)).charge(Entry('more', 0.001))


@pytest.mark.parametrize('rows', [1, 3])
def test_noise_grows_with_the_rows_of_a_person(rows):
    """What is charged for the same noise is four times as much for two rows: measured, not computed from the scale."""
    ledger = Ledger(epsilon=900.0, delta=1e-6)
    drawn = noisy_counts(ledger, 'counts', np.zeros(20_000), rows, rho=0.5)

    assert drawn.std() == pytest.approx(rows, rel=0.05)
    assert ledger.rho_spent == pytest.approx(0.5)


def test_levels_of_few_people_are_not_found():
    ledger = Ledger(epsilon=100.0, delta=1e-6)
    found = frequent_counts(ledger, 'levels', {0: 1_000, 1: 1, 2: 1}, 1, rho=0.1, delta=1e-7)

    assert set(found) == {0}
    assert found[0] == pytest.approx(1_000, abs=20)
    assert 0 < ledger.delta_spent <= 1e-7


@pytest.mark.parametrize(('epsilon', 'delta'), [(0, 1e-6), (-1, 1e-6), ('1', 1e-6), (True, 1e-6), (1, 0.5), (1, 0)])
def test_bad_budgets_are_refused(epsilon, delta):
    for make in (Ledger, Privacy):
        with pytest.raises(FairDistillError, match='is not allowed: give a number above 0'):
            make(epsilon, delta)


@pytest.mark.parametrize(('rows', 'delta'), [(1, 1e-6), (100_000, 1e-6), (100_001, 1e-7), (1_000_000, 1e-7)])
def test_the_default_delta_knows_the_power_of_ten_alone(rows, delta):
    assert default_delta(rows) == pytest.approx(delta)
