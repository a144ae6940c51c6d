"""SDMetrics' own metric is asked for every value, and where it does not apply the reason is given."""

from __future__ import annotations

import importlib.util
import sys
import types

import numpy as np
import pandas as pd
import pytest
from sdmetrics.single_table import EqualizedOddsImprovement
from sklearn.tree import DecisionTreeClassifier

from sdv_fairdistill.metrics import WorstEqualizedOddsImprovement
from sdv_fairdistill.metrics.single_table import odds_improvement as module

COLUMNS = {'skill': 'numerical', 'sex': 'categorical', 'hired': 'categorical', 'age': 'numerical'}
METADATA = {'columns': {name: {'sdtype': sdtype} for name, sdtype in COLUMNS.items()}}
ROLES = {'sensitive_columns': 'sex', 'target_column': 'hired', 'favorable_value': 'yes'}


class Tree:
    """Stands in for XGBoost: any classifier will do."""

    def __init__(self, **_):
        self.tree = DecisionTreeClassifier(max_depth=3, random_state=0)

    def fit(self, features, labels):
        self.tree.fit(features, labels)

    def predict(self, features):
        return self.tree.predict(features)


@pytest.fixture
def xgboost(monkeypatch):
    fake = types.ModuleType('xgboost')
    fake.__spec__ = importlib.util.spec_from_loader('xgboost', None)
    fake.XGBClassifier = Tree
    monkeypatch.setitem(sys.modules, 'xgboost', fake)


def draw(seed: int, bias: float, rows: int = 300) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({'skill': generator.normal(size=rows), 'sex': generator.choice(['f', 'm', 'x'], rows)})
    score = table['skill'] + bias * (table['sex'] == 'm') + generator.normal(size=rows) / 2
    return table.assign(hired=np.where(score > bias / 2, 'yes', 'no'), age=generator.integers(20, 60, rows))


REAL, FAIR, HOLDOUT = draw(0, 2), draw(1, 0), draw(2, 2)


def test_the_smallest_of_sdmetrics_scores(xgboost):
    found = WorstEqualizedOddsImprovement.compute_breakdown(REAL, FAIR, METADATA, holdout=HOLDOUT, **ROLES)
    expected = {
        f'sex = {value}': EqualizedOddsImprovement.compute(
            REAL, FAIR, HOLDOUT, METADATA, None, 'hired', 'yes', 'sex', value
        )
        for value in 'fmx'
    }
    assert {name: one['score'] for name, one in found['values'].items()} == pytest.approx(expected)
    assert found['score'] == pytest.approx(min(expected.values()))
    assert found['notes'] == []
    assert 'equalized_odds' in found['values']['sex = m']['synthetic_data']


def test_where_it_does_not_apply_the_reason_is_listed(xgboost):
    holdout = HOLDOUT[(HOLDOUT['sex'] != 'x') | (HOLDOUT['hired'] == 'no')]
    rare = pd.concat([FAIR[FAIR['sex'] != 'f'], FAIR[FAIR['sex'] == 'f'][:6]])
    roles = ROLES | {'sensitive_columns': ['sex', 'age']}
    values = WorstEqualizedOddsImprovement.compute_breakdown(REAL, rare, METADATA, holdout=holdout, **roles)['values']
    assert not np.isnan(values['sex = m']['score'])
    assert np.isnan([values[name]['score'] for name in ('sex = f', 'sex = x', 'age = None')]).all()
    assert 'Insufficient data' in values['sex = f']['notes'][0]
    assert 'no held-out row' in values['sex = x']['notes'][0]
    assert 'not numbers' in values['age = None']['notes'][0]


def test_a_numeric_label_does_not_apply(xgboost):
    roles = ROLES | {'target_column': 'age', 'favorable_value': 30}
    found = WorstEqualizedOddsImprovement.compute_breakdown(REAL, FAIR, METADATA, holdout=HOLDOUT, **roles)
    assert np.isnan(found['score'])
    assert 'categorical label' in found['notes'][0]


def test_without_xgboost_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(module, 'find_spec', lambda _: None)
    with pytest.warns(UserWarning, match=r"XGBoost is not installed: pip install 'sdmetrics\[xgboost\]'"):
        score = WorstEqualizedOddsImprovement.compute(REAL, FAIR, METADATA, holdout=HOLDOUT, **ROLES)
    assert np.isnan(score)


def test_without_held_out_rows_it_says_so(xgboost):
    found = WorstEqualizedOddsImprovement.compute_breakdown(REAL, FAIR, METADATA, **ROLES)
    assert found['notes'] == ['it needs held-out rows: give holdout']
