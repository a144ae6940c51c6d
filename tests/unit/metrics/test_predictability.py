"""Proxies of the group are found where there are some, and chance is chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.metrics import Predictability, Schema
from sdv_fairdistill.metrics import predictability as module

SCHEMA = Schema(('height',), (), ('sex', 'town'))


def draw(rows: int, shift: float) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    table = pd.DataFrame({'sex': generator.choice(['f', 'm', 'x'], rows), 'town': generator.choice(['A', 'B'], rows)})
    return table.assign(height=generator.normal(size=rows) + shift * (table['sex'] == 'm'))


@pytest.mark.parametrize('learner', ['boosting', 'logistic'])
def test_a_proxy_is_found_and_noise_is_not(learner):
    plain, proxy = draw(600, 0), draw(600, 3)
    chance = Predictability.of(plain, SCHEMA, plain['sex'], ['sex'], learner=learner)
    found = Predictability.of(proxy, SCHEMA, proxy['sex'], ['sex'], learner=learner)
    assert chance.auc < 0.6
    assert found.auc > 0.9
    assert found.groups['auc'].idxmax() == 'm'
    assert found.interval[0] < found.auc < found.interval[1]
    assert found.features == ('height', 'town')


def test_names_of_the_groups_do_not_matter():
    table = draw(150, 1)
    first = Predictability.of(table, SCHEMA, table['sex'], ['sex'], expected=['f', 'm', 'x'], resamples=0)
    renamed = table['sex'].map({'f': 'a', 'm': 'b', 'x': 'c'})
    second = Predictability.of(table, SCHEMA, renamed, ['sex'], expected=['a', 'b', 'c'], resamples=0)
    assert first.groups['auc'].tolist() == second.groups['auc'].tolist()


def test_small_groups_are_listed():
    table = draw(100, 1).assign(sex=['f'] * 50 + ['m'] * 46 + ['x'] * 4)
    found = Predictability.of(table, SCHEMA, table['sex'], ['sex'], expected=['y'], resamples=0)
    assert np.isnan(found.groups.loc[['x', 'y'], 'auc']).all()
    assert found.groups.loc['x', 'reason'] == '4 rows, fewer than the 10 needed'
    assert 'x (4)' in found.notes[0]


def test_nothing_to_compare_or_to_look_at_is_undefined():
    table = draw(30, 0)
    assert np.isnan(Predictability.of(table, SCHEMA, ['f'] * 30).auc)
    blank = Predictability.of(table, SCHEMA, ['f', 'm'] * 15, SCHEMA.columns)
    assert np.isnan(blank.auc)
    assert blank.notes == ('no column to predict from differs between the rows',)
    assert blank.groups['rows'].tolist() == [15, 15]
    assert blank.features == ()
    assert np.isnan(blank.interval).all()


def test_a_long_table_is_sampled_and_says_so(monkeypatch):
    monkeypatch.setattr(module, 'MOST_ROWS', 60)
    table = draw(500, 3).assign(sex=['m'] * 490 + ['f'] * 10)
    found = Predictability.of(table, SCHEMA, table['sex'], ['sex'], resamples=0)
    assert not np.isnan(found.auc)
    assert found.notes == ('a sample of 60 of 500 rows was used',)


def test_the_seed_decides_which_rows_are_drawn_and_the_interval(monkeypatch):
    monkeypatch.setattr(module, 'MOST_ROWS', 60)
    table = draw(500, 1)

    def found(seed):
        result = Predictability.of(table, SCHEMA, table['sex'], ['sex'], seed=seed)
        return result.auc, result.interval

    assert found(1) == found(1)
    assert found(1) != found(2)


def test_what_differs_in_a_single_row_only_is_still_a_chance():
    table = pd.DataFrame({'height': [1.0] + [0.0] * 29, 'sex': ['f', 'm'] * 15, 'town': 'A'})
    found = Predictability.of(table, SCHEMA, table['sex'], ['sex'])
    assert found.auc == pytest.approx(0.5, abs=0.05)
