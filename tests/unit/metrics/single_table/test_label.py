"""Metrics of the label in the rows: fairlearn's figures, classes, numbers, strata, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import demographic_parity_difference, demographic_parity_ratio
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.metrics import ConditionalLabelParity, LabelParityDifference, LabelParityRatio

COLUMNS = {name: {'sdtype': 'categorical'} for name in ('sex', 'born', 'label')} | {'age': {'sdtype': 'numerical'}}
METADATA = {'columns': COLUMNS}
ROLES = {'sensitive_columns': ['sex', 'born'], 'target_column': 'label', 'favorable_value': 'yes'}


def draw(rows: int, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({'sex': generator.choice(['f', 'm'], rows), 'born': generator.choice(['here', 'there'], rows)})
    table['label'] = np.where(generator.random(rows) < 0.3 + 0.4 * (table['sex'] == 'm'), 'yes', 'no')
    return table.assign(age=generator.integers(18, 80, rows))


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 40))
    levels = {'sex': ['f', 'm', 'x'], 'born': ['here', None], 'label': ['yes', 'no', 'later']}
    table = {name: draw(st.lists(st.sampled_from(of), min_size=rows, max_size=rows)) for name, of in levels.items()}
    return pd.DataFrame(table, dtype=object).assign(age=0)


THEIRS = {LabelParityDifference: demographic_parity_difference, LabelParityRatio: demographic_parity_ratio}


@settings(max_examples=100)
@given(tables(), st.sampled_from(list(THEIRS)))
def test_intersectional_groups_are_fairlearns(table, metric):
    found = metric.compute_breakdown(table, table, METADATA, least_rows=1, resamples=0, **ROLES)
    if np.isnan(found['score']):
        assert found['notes']
        return
    labels, groups = table['label'] == 'yes', table[['sex', 'born']].fillna('missing')
    assert found['score'] == pytest.approx(THEIRS[metric](y_true=labels, y_pred=labels, sensitive_features=groups))


@settings(max_examples=10)
@given(tables(), st.permutations(['f', 'm', 'x']), st.randoms(use_true_random=False))
def test_neither_names_nor_order_matter(table, names, random):
    other = table.assign(sex=table['sex'].map(dict(zip('fmx', names, strict=True))))
    other = other.iloc[random.sample(range(len(other)), len(other))]
    roles = ROLES | {'favorable_value': None, 'least_rows': 2, 'resamples': 0}
    first, second = (
        LabelParityDifference.compute_breakdown(rows, rows, METADATA, **roles)['score'] for rows in (table, other)
    )
    np.testing.assert_allclose(first, second)


def test_real_and_synthetic_by_hand():
    real = pd.DataFrame({'sex': ['f', 'm'] * 20, 'label': ['no', 'yes', 'yes', 'yes'] * 10})
    synthetic = pd.DataFrame({'sex': ['f', 'm'] * 20, 'label': (['yes'] * 3 + ['no']) * 10})
    roles = ROLES | {'sensitive_columns': 'sex'}
    found = LabelParityRatio.compute_breakdown(real, synthetic, **roles)
    assert found['score'] == found['real']['score'] == 0.5
    assert found['rates']['label rate']['m']['rate'] == 0.5
    assert found['real']['rates']['label rate']['f']['rate'] == 0.5
    low, high = found['interval']
    assert low < 0.5 < high


def test_without_a_favorable_value_the_worst_class_counts():
    table = pd.DataFrame({'sex': ['f'] * 20 + ['m'] * 20, 'label': ['a'] * 10 + ['b'] * 10 + ['a'] * 12 + ['c'] * 8})
    roles = {'sensitive_columns': 'sex', 'target_column': 'label'}
    difference = LabelParityDifference.compute_breakdown(table, table, **roles)
    assert {name: one['score'] for name, one in difference['classes'].items()} == pytest.approx(
        {'a': 0.1, 'b': 0.5, 'c': 0.4}
    )
    assert (difference['score'], difference['worst_class']) == (0.5, 'b')
    assert LabelParityRatio.compute(table, table, **roles) == 0


def test_a_class_that_no_row_has_is_named_and_the_others_count():
    real = pd.DataFrame({'sex': ['f', 'm'] * 20, 'label': ['a', 'a', 'b', 'b'] * 10})
    synthetic = real.assign(label='a')
    found = LabelParityRatio.compute_breakdown(real, synthetic, sensitive_columns='sex', target_column='label')
    assert found['score'] == 1
    assert found['notes'] == ['b: the rate is 0 in every group, so that there is no ratio']
    assert np.isnan(found['classes']['b']['score'])


def test_a_small_group_is_listed_and_undefined_is_nan_with_a_warning():
    table = pd.DataFrame({'sex': ['f'] * 9 + ['m'] * 20, 'label': ['yes', 'no'] * 14 + ['yes']})
    found = LabelParityRatio.compute_breakdown(table, table, **ROLES | {'sensitive_columns': 'sex'})
    line = found['rates']['label rate']['f']
    assert line['rows'] == 9
    assert line['reason'] == '9 rows, fewer than the 10 needed'
    assert np.isnan([found['score'], line['rate'], *found['interval']]).all()
    with pytest.warns(UserWarning, match=r'LabelParityRatio is undefined: .* f \(9\)'):
        score = LabelParityRatio.compute(table, table, **ROLES | {'sensitive_columns': 'sex'})
    assert np.isnan(LabelParityRatio.normalize(score))


def test_a_numeric_label_has_a_distance_and_no_ratio():
    table = pd.DataFrame({'sex': ['f'] * 20 + ['m'] * 20, 'age': range(40)})
    roles = {'sensitive_columns': 'sex', 'target_column': 'age'}
    found = LabelParityDifference.compute_breakdown(table, table, **roles)
    assert (found['score'], found['distance']) == pytest.approx((0.5, 20))
    assert found['rates']['label']['m']['median'] == 29.5
    low, high = found['interval']
    assert low <= 0.5 <= high
    assert not found['notes']
    ratio = LabelParityRatio.compute_breakdown(table, table, **roles)
    assert np.isnan(ratio['score'])
    assert 'use LabelParityDifference' in ratio['notes'][0]
    assert LabelParityDifference.compute(table, table, favorable_value=3, least_rows=1, **roles) == 0.05


def test_a_numeric_label_of_one_group_is_undefined_and_says_why():
    table = pd.DataFrame({'sex': ['f'] * 20 + ['m'] * 4, 'age': range(24)})
    found = LabelParityDifference.compute_breakdown(table, table, sensitive_columns='sex', target_column='age')
    assert np.isnan(found['score'])
    assert 'm (4)' in found['notes'][0]
    assert found['notes'][-1] == 'no two groups can be compared'


def test_ranks_of_a_numeric_label_are_those_of_the_real_rows():
    real = pd.DataFrame({'sex': ['f', 'm'] * 20, 'age': np.arange(40)})
    synthetic = real.assign(age=np.where(real['sex'] == 'f', -100.0, 1000.0))
    assert LabelParityDifference.compute(real, synthetic, sensitive_columns='sex', target_column='age') == 1


def test_strata_of_admissible_columns():
    real, synthetic = draw(800), draw(600, 1)
    found = ConditionalLabelParity.compute_breakdown(
        real, synthetic, METADATA, admissible_columns=['age'], **ROLES | {'sensitive_columns': 'sex'}
    )
    assert len(found['strata']) == 5  # quantile bins
    assert 0.2 < found['score'] < 0.6
    assert found['interval'][0] < found['score'] < found['interval'][1]
    assert found['coverage'] == found['real']['coverage'] == 1
    scored = pd.DataFrame(found['strata']).T
    assert found['score'] == pytest.approx(
        np.average(scored['difference'].astype(float), weights=scored['rows'].astype(float))
    )


def test_a_label_that_no_row_has_is_undefined():
    table = draw(30).assign(label=None)
    found = LabelParityRatio.compute_breakdown(table, table, METADATA, **ROLES | {'favorable_value': None})
    assert np.isnan(found['score'])
    assert found['notes'] == ["no row has a value of 'label'"]


def test_beside_the_ratio_of_a_common_label_stands_that_of_the_others():
    table = pd.DataFrame({'sex': ['f'] * 20 + ['m'] * 20, 'label': ['yes'] * 17 + ['no'] * 3 + ['yes'] * 19 + ['no']})
    found = LabelParityRatio.compute_breakdown(table, table, **ROLES | {'sensitive_columns': 'sex'})
    figures = [found['score'], found['unfavorable_ratio'], found['difference']]
    assert figures == pytest.approx([0.85 / 0.95, 1 / 3, 0.1])
    assert 'smallest unfavorable rate over the largest 0.333' in found['notes'][0]
    rare = LabelParityRatio.compute_breakdown(
        table, table, **ROLES | {'sensitive_columns': 'sex', 'favorable_value': 'no'}
    )
    assert [rare['score'], rare['unfavorable_ratio']] == pytest.approx([1 / 3, 0.85 / 0.95])
    assert rare['notes'] == []
    difference = LabelParityDifference.compute_breakdown(table, table, **ROLES | {'sensitive_columns': 'sex'})
    assert 'unfavorable_ratio' not in difference
    assert difference['notes'] == []
