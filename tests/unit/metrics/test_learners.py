"""The models that judge a table learn what is there, from numbers and levels, whatever is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_info, threadpool_limits

from sdv_fairdistill.metrics import LEARNERS, Downstream, DownstreamR2, Grouping, Predictability, Schema, Task, learners
from sdv_fairdistill.metrics.learners import Features, learner_of

SCHEMA = Schema(('skill',), (), ('sex', 'town', 'hired'))


def draw(rows: int, seed: int) -> pd.DataFrame:
    """Skill and town decide in equal parts; a tenth of both is missing."""
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({'skill': generator.normal(size=rows), 'town': generator.choice(list('ABC'), rows)})
    score = table['skill'] + 2 * (table['town'] == 'A') - 0.7
    table['sex'], table['hired'] = generator.choice(['f', 'm'], rows), score + generator.normal(size=rows) / 2 > 0
    return table.mask(generator.random(table.shape) < [0.1, 0.1, 0, 0])


TASK = Task(SCHEMA, 'hired', True, Grouping.fit(draw(50, 0), ['sex']))


@pytest.mark.parametrize('learner', LEARNERS)
def test_both_learn_from_numbers_and_levels(learner):
    result = Downstream.of(draw(800, 1), draw(400, 2), TASK, learner=learner)
    assert result.auc > 0.87
    assert result.learner == learner
    low, high = result.intervals['auc']
    assert low < result.auc < high


@pytest.mark.parametrize('columns', [['skill'], ['town']])
def test_the_linear_one_takes_numbers_alone_and_levels_alone(columns):
    train = draw(200, 1)
    features = Features(train, SCHEMA, columns)
    model = learner_of('logistic', features).fit(features.of(train), train['hired'].astype(bool))
    strange = pd.DataFrame({'skill': [np.nan, 1.0], 'town': ['elsewhere', None]})
    assert np.isfinite(model.predict_proba(features.of(strange))).all()


@pytest.mark.parametrize(
    'judge',
    [
        lambda rows: Downstream.of(rows, draw(60, 2), TASK, resamples=0),
        lambda rows: Predictability.of(rows, SCHEMA, rows['sex'], ['sex'], resamples=0),
        lambda rows: DownstreamR2.compute(rows, rows, target_column='skill', holdout=draw(60, 2)),
    ],
)
def test_models_that_judge_train_on_one_thread(judge, monkeypatch):
    threads = []

    class Watched:
        def fit(self, features, labels):
            threads.extend(pool['num_threads'] for pool in threadpool_info())
            return super().fit(features, labels)

    for model in (HistGradientBoostingClassifier, HistGradientBoostingRegressor):
        monkeypatch.setattr(learners, model.__name__, type(model.__name__, (Watched, model), {}))
    with threadpool_limits(limits=2):
        judge(draw(60, 1))
        after = {pool['num_threads'] for pool in threadpool_info()}

    assert set(threads) == {1}
    assert 2 in after


def test_an_unknown_learner_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"learner='forest' is not known. Name one of 'boosting', 'logistic'"):
        Downstream.of(draw(50, 1), draw(50, 2), TASK, learner='forest')
