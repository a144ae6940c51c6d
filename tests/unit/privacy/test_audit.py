"""An audit: whoever knows all rows but one tries to tell from the private stage whether that one was there.

A lower bound on ε at 99 % confidence, by Clopper and Pearson's intervals, after Jagielski, Ullman and Oprea (2020). It
can show that a guarantee is broken, and never that it holds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from sdv_fairdistill.privacy import Privacy, choosing, counting
from sdv_fairdistill.privacy.choosing import ProxyConfig
from sdv_fairdistill.privacy.stage import private_proxy

RUNS = 200  # with the row and without it
DELTA = 1e-6
MISTAKE = 0.01  # probability that the bound is wrong
SHORT = ProxyConfig(counting=0.9, parts=5, rounds=1, rounds_per_column=0.1, steps=1, last_steps=1, noise=0.0)
LEVELS = {'job': ['usual', 'odd'], 'town': ['usual', 'odd']}
COLUMNS = {name: {'sdtype': 'categorical'} for name in LEVELS}
ROWS = pd.DataFrame({name: ['usual'] * 40 for name in LEVELS})
WITH_ROW = pd.concat([ROWS, pd.DataFrame([dict.fromkeys(LEVELS, 'odd')])], ignore_index=True)


def evidence(table, epsilon):
    """What the counts of the odd level say, in sum, from one run of the private stage; the last token is that level."""
    proxy = private_proxy(table, COLUMNS, Privacy(epsilon, DELTA, levels=LEVELS, complete=list(LEVELS)), config=SHORT)
    total = 0.0
    for column in proxy.columns:
        odd = column.token_of_leaf[1]
        total += column.counts[odd] if column.n_tokens > 1 else 0.0
    return total


def lower_bound(having, without):
    """The ε that the best threshold proves; it is chosen on one half of the runs and judged on the other."""
    half = len(having) // 2
    thresholds = np.unique(np.concatenate([having[:half], without[:half]]))
    chosen = max(thresholds, key=lambda cut: (having[:half] >= cut).mean() - (without[:half] >= cut).mean())
    hits, alarms = int((having[half:] >= chosen).sum()), int((without[half:] >= chosen).sum())
    judged = len(having) - half
    least = beta.ppf(MISTAKE / 2, hits, judged - hits + 1) if hits else 0.0
    most = beta.ppf(1 - MISTAKE / 2, alarms + 1, judged - alarms) if alarms < judged else 1.0
    return float(np.log(max(least - DELTA, 1e-300) / most))


def audit(epsilon, runs=RUNS):
    having, without = (np.array([evidence(table, epsilon) for _ in range(runs)]) for table in (WITH_ROW, ROWS))
    return lower_bound(having, without)


@pytest.mark.slow
def test_at_epsilon_1_nobody_proves_more_than_that():
    assert audit(1.0) <= 1.0


@pytest.mark.slow
def test_at_epsilon_100_the_row_is_found():
    assert audit(100.0) > 2.5


@pytest.mark.slow
def test_without_noise_the_audit_fails(monkeypatch):
    for module in (counting, choosing):
        monkeypatch.setattr(module, 'noisy_counts', lambda ledger, part, counts, rows, rho: counts.astype(float))

    assert audit(1.0) > 1.0


@pytest.mark.parametrize(('hits', 'alarms', 'least', 'most'), [(150, 0, 3.0, 5.0), (75, 75, -1.0, 0.0)])
def test_the_bound_is_that_of_clopper_and_pearson(hits, alarms, least, most):
    half = np.repeat([1.0, 0.0], [hits, 150 - hits]), np.repeat([1.0, 0.0], [alarms, 150 - alarms])
    having, without = (np.concatenate([part, part]) for part in half)

    assert least < lower_bound(having, without) < most
