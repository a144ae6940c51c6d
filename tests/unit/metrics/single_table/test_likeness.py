"""The two metrics as SDMetrics runs them: without roles, beside held-out rows, with reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.metrics import Associations, AssociationSimilarity, Schema, TwoSample, TwoSampleAUC

METADATA = {'columns': {'age': {'sdtype': 'numerical'}, 'job': {'sdtype': 'categorical'}}}
SCHEMA = Schema.of(METADATA)


def draw(seed: int, rows: int = 200) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    age = generator.normal(size=rows)
    return pd.DataFrame({'age': age, 'job': np.where(age + generator.normal(size=rows) > 0, 'boss', 'clerk')})


REAL, HOLDOUT = draw(0), draw(1)
SYNTHETIC = draw(2).assign(age=draw(3)['age'])


def test_they_are_the_measures_of_the_same_rows():
    pairs = AssociationSimilarity.compute_breakdown(REAL, SYNTHETIC, METADATA, holdout=HOLDOUT)
    expected = Associations.of(REAL, SYNTHETIC, SCHEMA)
    assert pairs['score'] == expected.similarity < pairs['real']['score']
    assert pairs['real']['score'] == Associations.of(REAL, HOLDOUT, SCHEMA).similarity
    assert pairs['pairs'] == expected.pairs.to_dict(orient='records')
    told = TwoSampleAUC.compute_breakdown(REAL, SYNTHETIC, METADATA, holdout=HOLDOUT)
    expected = TwoSample.of(HOLDOUT, SYNTHETIC, SCHEMA)
    assert (told['score'], told['interval']) == (expected.auc, expected.interval)
    assert told['real']['score'] == TwoSample.of(HOLDOUT, REAL, SCHEMA).auc < told['score']
    assert told['rows'] == 200


def test_without_held_out_rows_there_is_no_second_sample_and_that_is_said():
    for metric in (AssociationSimilarity, TwoSampleAUC):
        found = metric.compute_breakdown(REAL, SYNTHETIC, METADATA)
        assert np.isnan(found['real']['score'])
        assert 'give holdout' in found['real']['notes'][0]
    assert 'the synthesizer learned from' in found['notes'][0]
    assert found['score'] == TwoSample.of(REAL, SYNTHETIC, SCHEMA).auc


def test_a_score_that_is_undefined_is_nan_with_its_reason():
    with pytest.warns(UserWarning, match='AssociationSimilarity is undefined: 1 of 1 pairs are left out: job has no'):
        assert np.isnan(AssociationSimilarity.compute(REAL, SYNTHETIC.assign(job='boss'), METADATA))
    with pytest.warns(UserWarning, match='TwoSampleAUC is undefined: .*30 rows of each table are needed'):
        assert np.isnan(TwoSampleAUC.compute(REAL, SYNTHETIC[:20], METADATA))


def test_half_is_as_good_as_can_be():
    assert [TwoSampleAUC.normalize(auc) for auc in (0.3, 0.5, 0.75, 1)] == [1, 1, 0.5, 0]
