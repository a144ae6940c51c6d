"""Metrics of a trained model: they are the model's figures, on rows it has not seen, and say when there are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from sdv_fairdistill.metrics import (
    Downstream,
    DownstreamAccuracy,
    DownstreamAUC,
    DownstreamF1,
    DownstreamParityDifference,
    DownstreamParityRatio,
    DownstreamR2,
    EqualizedOddsDifference,
    EqualOpportunityDifference,
    Grouping,
    GroupPredictability,
    PredictiveParityDifference,
    Schema,
    Task,
)

METADATA = {
    'columns': {
        'skill': {'sdtype': 'numerical'},
        'sex': {'sdtype': 'categorical'},
        'hired': {'sdtype': 'boolean'},
        'pay': {'sdtype': 'numerical'},
    }
}
ROLES = {'sensitive_columns': 'sex', 'target_column': 'hired', 'favorable_value': True}
FIGURES = {
    DownstreamParityDifference: lambda found: found.selection.difference,
    DownstreamParityRatio: lambda found: found.selection.ratio,
    EqualizedOddsDifference: lambda found: found.equalized_odds_difference,
    EqualOpportunityDifference: lambda found: found.true_positive.difference,
    PredictiveParityDifference: lambda found: found.predictive.difference,
    DownstreamAUC: lambda found: found.auc,
    DownstreamAccuracy: lambda found: found.accuracy,
    DownstreamF1: lambda found: found.f1,
}


def draw(rows: int, seed: int, bias: float = 2.0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({'skill': generator.normal(size=rows), 'sex': generator.choice(['f', 'm'], rows)})
    score = table['skill'] + bias * (table['sex'] == 'm') - bias / 2
    table['hired'] = score + generator.normal(size=rows) > 0
    return table.assign(pay=score + generator.normal(size=rows) / 4)


REAL, FAIR, HOLDOUT = draw(400, 0), draw(400, 1, bias=0), draw(400, 2)


@pytest.mark.parametrize('metric', FIGURES, ids=lambda metric: metric.name)
def test_the_score_is_the_models_figure(metric):
    found = metric.compute_breakdown(REAL, FAIR, METADATA, holdout=HOLDOUT, learner='logistic', **ROLES)
    schema = Schema.of(METADATA)
    task = Task(schema, 'hired', True, Grouping.fit(REAL, ['sex']))
    for part, table in ((found, FAIR), (found['real'], REAL)):
        expected = FIGURES[metric](Downstream.of(table, HOLDOUT, task, learner='logistic', resamples=0))
        assert part['score'] == pytest.approx(expected)
        assert part['interval'][0] < part['score'] < part['interval'][1]
        assert part['learner'] == 'logistic'
        assert part['rates']['selection rate']['f']['rows'] == (HOLDOUT['sex'] == 'f').sum()


def test_beside_the_ratio_of_common_predictions_stands_that_of_the_others():
    tables = [table.assign(hired=table['skill'] + (table['sex'] == 'm') > -1.5) for table in (REAL, FAIR, HOLDOUT)]
    given = ROLES | {'holdout': tables[2], 'learner': 'logistic'}
    found = DownstreamParityRatio.compute_breakdown(*tables[:2], METADATA, **given)
    rates = [line['rate'] for line in found['rates']['selection rate'].values()]
    assert found['score'] > 0.8
    assert found['unfavorable_ratio'] == pytest.approx((1 - max(rates)) / (1 - min(rates)))
    assert found['unfavorable_ratio'] < 0.5
    assert found['difference'] == pytest.approx(max(rates) - min(rates))
    assert 'a ratio of favorable rates can flatter' in found['notes'][-1]


@pytest.mark.parametrize('learner', ['boosting', 'logistic'])
def test_fair_rows_make_a_fairer_model(learner):
    settings = ROLES | {'holdout': HOLDOUT, 'learner': learner}
    metadata = {'columns': {name: of for name, of in METADATA['columns'].items() if name != 'pay'}}
    real, fair = REAL.drop(columns='pay'), FAIR.drop(columns='pay')
    found = DownstreamParityRatio.compute_breakdown(real, fair, metadata, **settings)
    assert found['real']['score'] < 0.5 < 0.7 < found['score']


def test_without_the_sensitive_columns_they_are_not_looked_at():
    settings = ROLES | {'holdout': HOLDOUT, 'with_sensitive': False, 'resamples': 0}
    found = DownstreamAUC.compute_breakdown(REAL, FAIR, METADATA, **settings)
    assert found['features'] == ['skill', 'pay']
    assert np.isnan(found['interval']).all()


def test_without_held_out_rows_the_real_ones_are_the_test_and_it_is_said():
    found = DownstreamAUC.compute_breakdown(REAL, FAIR, METADATA, **ROLES)
    assert 'no held-out rows' in found['notes'][0]
    assert found['rates']['selection rate']['f']['rows'] == (REAL['sex'] == 'f').sum()
    assert np.isnan(found['real']['score'])
    assert 'give holdout' in found['real']['notes'][0]


def test_a_group_without_positives_leaves_the_odds_undefined():
    holdout = HOLDOUT.assign(hired=HOLDOUT['hired'] & (HOLDOUT['sex'] == 'm'))
    found = EqualizedOddsDifference.compute_breakdown(REAL, FAIR, METADATA, holdout=holdout, **ROLES)
    assert np.isnan([found['score'], *found['interval']]).all()
    assert found['rates']['true positive rate']['f']['reason'] == 'no rows'
    assert any('true positives' in note and 'f (0)' in note for note in found['notes'])
    assert not np.isnan(found['rates']['false positive rate']['f']['rate'])


def test_one_label_to_learn_from_is_undefined_with_the_reason():
    with pytest.warns(UserWarning, match='the label is always True'):
        assert np.isnan(DownstreamAUC.compute(REAL, FAIR.assign(hired=True), METADATA, holdout=HOLDOUT, **ROLES))


def test_a_numeric_label_has_the_r2_of_scikit_learn(monkeypatch):
    class Skill:
        def fit(self, *_):
            return self

        def predict(self, features):
            return features['skill'].to_numpy()

    monkeypatch.setattr('sdv_fairdistill.metrics.single_table.downstream.learner_of', lambda *_, **__: Skill())
    found = DownstreamR2.compute_breakdown(REAL, FAIR, METADATA, target_column='pay', holdout=HOLDOUT)
    assert found['score'] == pytest.approx(r2_score(HOLDOUT['pay'], HOLDOUT['skill']))
    assert found['interval'][0] < found['score'] < found['interval'][1]


@pytest.mark.parametrize('learner', ['boosting', 'logistic'])
def test_a_number_is_learned(learner):
    settings = {'target_column': 'pay', 'holdout': HOLDOUT, 'learner': learner, 'resamples': 0}
    assert DownstreamR2.compute(REAL, REAL, METADATA, **settings) > 0.85


@pytest.mark.parametrize(
    ('target', 'synthetic', 'holdout', 'reason'),
    [
        ('hired', FAIR, HOLDOUT, 'is no number'),
        ('pay', FAIR.assign(pay=np.nan), HOLDOUT, 'no model was trained: 0 rows'),
        ('pay', FAIR, HOLDOUT.assign(pay=1.0), 'R² is undefined'),
    ],
)
def test_r2_is_undefined_with_its_reason(target, synthetic, holdout, reason):
    found = DownstreamR2.compute_breakdown(REAL, synthetic, METADATA, target_column=target, holdout=holdout)
    assert np.isnan(found['score'])
    assert reason in found['notes'][0]


def test_the_group_is_predicted_from_the_other_columns():
    found = GroupPredictability.compute_breakdown(REAL, FAIR, METADATA, sensitive_columns='sex')
    assert found['features'] == ['skill', 'pay', 'hired']
    assert found['score'] < 0.65 < 0.8 < found['real']['score']
    assert GroupPredictability.normalize(0.5) == GroupPredictability.normalize(0.45) == 1
    assert GroupPredictability.normalize(0.75) == 0.5
    assert np.isnan(GroupPredictability.normalize(np.nan))
