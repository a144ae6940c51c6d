"""The metrics run where those of SDMetrics run: its forms of data and metadata, and its helpers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import sdmetrics
from sdmetrics.goal import Goal
from sdmetrics.single_table import SingleTableMetric
from sdv.metadata import Metadata

from sdv_fairdistill import metrics
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.metrics import FairnessMetric, LabelParityRatio

METRICS = FairnessMetric.get_subclasses() | {'LabelParityDifference': metrics.LabelParityDifference}
CLASSES = [name for name in metrics.single_table.__all__ if name not in ('FairnessMetric', 'Settings')]
METADATA = {
    'columns': {
        'id': {'sdtype': 'id'},
        'sex': {'sdtype': 'categorical'},
        'since': {'sdtype': 'datetime', 'datetime_format': '%Y-%m-%d'},
        'job': {'sdtype': 'categorical'},
        'hired': {'sdtype': 'categorical'},
    },
    'primary_key': 'id',
}
ROLES = {'sensitive_columns': ['sex'], 'target_column': 'hired', 'favorable_value': 'yes'}


def draw(seed: int, rows: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({'id': range(rows), 'sex': generator.choice(['f', 'm'], rows)})
    table['since'] = pd.date_range('2020-01-01', periods=rows).strftime('%Y-%m-%d')
    table['job'] = generator.choice(['clerk', 'boss'], rows)
    return table.assign(hired=np.where(generator.random(rows) < 0.3 + 0.3 * (table['job'] == 'boss'), 'yes', 'no'))


REAL, SYNTHETIC, HOLDOUT = draw(0), draw(1), draw(2)


def test_every_metric_is_public_and_found_by_sdmetrics():
    assert set(METRICS) == set(CLASSES)
    assert FairnessMetric.get_subclasses().items() <= SingleTableMetric.get_subclasses().items()


@pytest.mark.parametrize('name', CLASSES)
def test_attributes_and_normalized_ends(name):
    metric = getattr(metrics, name)
    assert issubclass(metric, SingleTableMetric)
    assert metric.name == name
    best, worst = (metric.min_value, metric.max_value)[:: 1 if metric.goal is Goal.MINIMIZE else -1]
    assert metric.normalize(best) == 1
    assert metric.normalize(worst) == 0
    assert np.isnan(metric.normalize(np.nan))


@pytest.mark.filterwarnings('ignore:.* is undefined')
def test_all_run_together_in_sdmetrics():
    found = sdmetrics.compute_metrics(
        METRICS, REAL, SYNTHETIC, METADATA, holdout=HOLDOUT, admissible_columns=['job'], **ROLES
    ).set_index('metric')
    assert found['error'].isna().all()
    undefined = {'DownstreamR2'} | ({'WorstEqualizedOddsImprovement'} if 'xgboost' not in sys.modules else set())
    assert set(found.index[found['raw_score'].isna()]) <= undefined
    assert found['normalized_score'].dropna().between(0, 1).all()


def test_every_form_of_tables_and_metadata_gives_the_same():
    expected = LabelParityRatio.compute(REAL, SYNTHETIC, METADATA, **ROLES)
    both, unified = {'people': METADATA, 'other': {'columns': {}}}, {'tables': {'people': METADATA}}
    real, synthetic = {'people': REAL}, {'people': SYNTHETIC}
    assert LabelParityRatio.compute(real, synthetic, unified, **ROLES) == expected
    assert LabelParityRatio.compute(REAL, SYNTHETIC, {'tables': both}, 'people', **ROLES) == expected
    more = {'other': pd.DataFrame({'x': [1]})}
    assert LabelParityRatio.compute(more | real, more | synthetic, {'tables': both}, 'people', **ROLES) == expected
    assert LabelParityRatio.compute(REAL, SYNTHETIC, Metadata.load_from_dict(unified), **ROLES) == expected
    assert LabelParityRatio.compute(REAL, SYNTHETIC, **ROLES) == expected


def test_the_tables_are_left_as_they_were():
    real, synthetic = REAL.copy(), SYNTHETIC.copy()
    metrics.DownstreamAUC.compute(real, synthetic, METADATA, holdout=HOLDOUT, **ROLES)
    pd.testing.assert_frame_equal(real, REAL)
    pd.testing.assert_frame_equal(synthetic, SYNTHETIC)


@pytest.mark.parametrize(
    ('settings', 'error', 'message'),
    [
        ({}, RoleError, 'needs sensitive_columns and target_column'),
        (ROLES | {'sensitive_columns': 'race'}, RoleError, "'race', which is not in the metadata"),
        (ROLES | {'sensitive_columns': 'id'}, RoleError, 'which is a key'),
        (
            ROLES | {'favourable': 1},
            TypeError,
            'favourable is no argument of this metric. The arguments are sensitive_',
        ),
    ],
)
def test_wrong_arguments_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        LabelParityRatio.compute(REAL, SYNTHETIC, METADATA, **settings)


def test_a_column_that_the_holdout_lacks_and_a_table_that_is_not_there():
    with pytest.raises(FairDistillError, match=r"holdout data lack the columns \['job'\]"):
        metrics.DownstreamAUC.compute(REAL, SYNTHETIC, METADATA, holdout=HOLDOUT.drop(columns='job'), **ROLES)
    with pytest.raises(FairDistillError, match="table_name='b' is not among the tables"):
        LabelParityRatio.compute({'a': REAL}, {'a': SYNTHETIC}, METADATA, 'b', **ROLES)


def test_importing_the_metrics_imports_no_torch():
    code = (
        "import sys, sdv; print('torch' in sys.modules); import sdv_fairdistill.metrics; print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    before, after = run.stdout.split()
    assert after == before
