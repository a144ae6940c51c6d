"""Figures of predictions are those of fairlearn and scikit-learn on 200 random tables, where both are defined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score, roc_auc_score

from sdv_fairdistill.metrics import Downstream


@st.composite
def predictions(draw):
    """Up to 50 held-out rows in up to four groups; scores have ties."""
    rows = draw(st.integers(1, 50))
    columns = {
        'group': draw(st.lists(st.sampled_from('abcd'), min_size=rows, max_size=rows)),
        'actual': draw(st.lists(st.booleans(), min_size=rows, max_size=rows)),
        'score': draw(st.lists(st.sampled_from([0.1, 0.3, 0.5, 0.9]), min_size=rows, max_size=rows)),
    }
    table = pd.DataFrame(columns)
    return table.assign(chosen=table['score'] >= 0.5)


def check(ours: float, theirs: float) -> None:
    if not np.isnan(ours):
        assert ours == pytest.approx(theirs)


@pytest.mark.filterwarnings('ignore:Precision is ill-defined')
@settings(max_examples=200)
@given(predictions())
def test_figures_are_theirs(table):
    found = Downstream.from_predictions(table, least_rows=1, resamples=0)
    theirs = MetricFrame(
        metrics={
            'selection': selection_rate,
            'true_positive': true_positive_rate,
            'false_positive': false_positive_rate,
            'predictive': precision_score,
        },
        y_true=table['actual'],
        y_pred=table['chosen'],
        sensitive_features=table['group'],
    )
    differences, groups = theirs.difference(), table['group'].nunique()
    check(found.selection.difference, differences['selection'])
    check(found.selection.ratio, theirs.ratio()['selection'])
    rows = {'true_positive': table['actual'], 'false_positive': ~table['actual'], 'predictive': table['chosen']}
    whole = {name: table.loc[among, 'group'].nunique() == groups for name, among in rows.items()}  # else they say 0
    for name in rows:
        if whole[name]:
            check(getattr(found, name).difference, differences[name])
    if whole['true_positive'] and whole['false_positive']:
        check(found.equalized_odds_difference, max(differences['true_positive'], differences['false_positive']))
    check(found.accuracy, accuracy_score(table['actual'], table['chosen']))
    if not np.isnan(found.f1):
        check(found.f1, f1_score(table['actual'], table['chosen']))
    if not np.isnan(found.auc):
        check(found.auc, roc_auc_score(table['actual'], table['score']))


@settings(max_examples=25)
@given(predictions(), st.permutations('wxyz'), st.randoms(use_true_random=False))
def test_neither_the_groups_names_nor_the_rows_order_matter(table, names, random):
    other = table.assign(group=table['group'].map(dict(zip('abcd', names, strict=True))))
    other = other.iloc[random.sample(range(len(other)), len(other))]
    first, second = (Downstream.from_predictions(rows, least_rows=2, resamples=0) for rows in (table, other))
    for figure in ('selection', 'true_positive', 'false_positive', 'predictive'):
        one, two = getattr(first, figure), getattr(second, figure)
        np.testing.assert_allclose([one.ratio, one.difference], [two.ratio, two.difference])
    np.testing.assert_allclose([first.auc, first.accuracy, first.f1], [second.auc, second.accuracy, second.f1])


def test_what_is_undefined_says_so_and_has_no_interval():
    rows = pd.DataFrame({'group': list('ab') * 20, 'actual': False, 'chosen': False, 'score': 0.2})
    found = Downstream.from_predictions(rows)
    assert np.isnan([found.auc, found.f1, found.equalized_odds_difference]).all()
    assert np.isnan([found.intervals[name] for name in ('auc', 'f1', 'equalized_odds_difference')]).all()
    assert [note.split(':')[0] for note in found.notes if 'undefined' in note] == [
        'AUC is undefined',
        'F1 is undefined',
    ]
    assert found.intervals['accuracy'][1] == pytest.approx(1)
    assert found.intervals['accuracy'][0] < 1


def test_no_rows_at_all():
    found = Downstream.from_predictions(pd.DataFrame({'group': [], 'actual': [], 'chosen': [], 'score': []}))
    assert np.isnan([found.auc, found.f1, found.accuracy, *found.intervals['accuracy']]).all()


def test_intervals_hold_their_estimates():
    generator = np.random.default_rng(0)
    table = pd.DataFrame({'group': generator.choice(list('ab'), 400), 'actual': generator.random(400) < 0.4})
    table['score'] = np.clip(0.3 * table['actual'] + 0.2 * (table['group'] == 'a') + 0.6 * generator.random(400), 0, 1)
    found = Downstream.from_predictions(table.assign(chosen=table['score'] >= 0.5), seed=3)
    estimates = {'auc': found.auc, 'accuracy': found.accuracy, 'f1': found.f1}
    estimates['equalized_odds_difference'] = found.equalized_odds_difference
    assert found.intervals.keys() == estimates.keys()
    for name, (low, high) in found.intervals.items():
        assert low < estimates[name] < high, name
        assert high - low < 0.25, name
