"""Rows of one distribution cannot be told apart, others can; the interval against resampled rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.metrics import Schema, TwoSample
from sdv_fairdistill.metrics import two_sample as module

SCHEMA = Schema(('age', 'wage'), (), ('town',))


def draw(rows: int = 500, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    age = generator.normal(size=rows)
    return pd.DataFrame(
        {'age': age, 'wage': age + 0.3 * generator.normal(size=rows), 'town': generator.choice(['A', 'B'], rows)}
    )


REAL, OTHER = draw(), draw(seed=1)
MIXED = OTHER.assign(wage=np.random.default_rng(2).permutation(OTHER['wage']))


@pytest.fixture(scope='module')
def mixed():
    """The AUC of columns that have lost each other."""
    return TwoSample.of(REAL, MIXED, SCHEMA).auc


def test_another_sample_of_the_same_cannot_be_told():
    found = TwoSample.of(REAL, OTHER, SCHEMA)
    assert 0.4 < found.auc < 0.6
    assert found.interval[0] < found.auc < found.interval[1]
    assert found.rows == 500
    assert found.features == ('age', 'wage', 'town')


@pytest.mark.parametrize('learner', ['boosting', 'logistic'])
@pytest.mark.parametrize('marked', [OTHER.assign(town='C'), OTHER.assign(wage=np.nan)], ids=['level', 'gap'])
def test_a_mark_gives_every_row_away(marked, learner):
    found = TwoSample.of(REAL, marked, SCHEMA, learner=learner)
    assert found.auc == 1
    assert found.interval == (1, 1)


def test_a_number_that_real_rows_never_have_gives_rows_away():
    found = TwoSample.of(REAL, OTHER.assign(age=9.0), SCHEMA)
    assert 0.99 < found.auc <= 1  # boosting sees bins: the largest real numbers may share one with it


def test_columns_that_have_lost_each_other_are_told_though_each_is_as_it_was(mixed):
    assert mixed > 0.8
    assert TwoSample.of(REAL, MIXED, SCHEMA, leave_out=['wage']).auc < 0.6


def test_which_table_comes_first_and_the_names_of_levels_hardly_matter(mixed):
    assert TwoSample.of(MIXED, REAL, SCHEMA).auc == pytest.approx(mixed, abs=0.05)
    renamed = [table.assign(town=table['town'].map({'A': 'x', 'B': 'y'})) for table in (REAL, MIXED)]
    assert TwoSample.of(*renamed, SCHEMA).auc == mixed


def test_rows_that_are_in_both_tables_do_not_count_as_told():
    assert TwoSample.of(REAL, REAL, SCHEMA).auc < 0.5
    constant = REAL.assign(age=1.0, wage=2.0, town='A')
    assert TwoSample.of(constant, constant, SCHEMA).auc == pytest.approx(0.5, abs=0.005)


def test_as_many_rows_of_each_are_used(monkeypatch):
    assert TwoSample.of(REAL, OTHER[:60], SCHEMA).rows == 60
    monkeypatch.setattr(module, 'MOST_ROWS', 100)
    found = [TwoSample.of(REAL, MIXED, SCHEMA, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1]
    assert found[0].auc != found[2].auc
    assert found[0].rows == 100


def test_too_few_rows_or_columns_are_undefined():
    few = TwoSample.of(REAL, OTHER[:29], SCHEMA)
    assert np.isnan([few.auc, *few.interval]).all()
    assert few.notes == ('30 rows of each table are needed, and one has 29',)
    blank = TwoSample.of(REAL, OTHER, SCHEMA, leave_out=SCHEMA.columns)
    assert np.isnan(blank.auc)
    assert blank.notes == ('there is no column to tell by',)


def test_with_the_fewest_rows_a_mark_is_still_seen():
    assert TwoSample.of(REAL[:30], OTHER[:30].assign(town='C'), SCHEMA).auc == 1
