"""The script that judges what fills in missing values: what it removes, the other ways, and its figures."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from sdv_fairdistill.datasets import load_adult

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / 'tutorials' / 'how_well_it_fills.py'))
ROWS = 400
COLUMNS = ['age', 'workclass', 'education-num', 'sex', 'hours-per-week', 'income']
OTHERS = [name for name in SCRIPT['WAYS'] if 'impute`' not in name]


@pytest.fixture(scope='module')
def adult():
    return load_adult()


@pytest.fixture(scope='module')
def rows(adult):
    return adult.table.head(ROWS)[COLUMNS].fillna(SCRIPT['UNKNOWN'])


def test_a_fifth_of_the_cells_is_removed(adult, rows):
    lost = SCRIPT['without_cells'](rows, adult, seed=0).isna()

    assert lost.to_numpy().mean() == pytest.approx(0.2, abs=0.02)
    assert lost.mean().between(0.1, 0.3).all()


def test_high_incomes_are_removed_and_nothing_else(adult, rows):
    incomplete = SCRIPT['without_high_incomes'](rows, adult, seed=0)
    lost = incomplete['income'].isna().groupby(rows['income']).mean()

    assert lost['>50K'] == pytest.approx(0.6, abs=0.15)
    assert lost['<=50K'] == pytest.approx(0.05, abs=0.05)
    assert incomplete.drop(columns='income').equals(rows.drop(columns='income'))


@pytest.mark.parametrize('way', OTHERS)
def test_other_ways_keep_what_is_known_and_leave_no_gap(adult, rows, way):
    incomplete = SCRIPT['without_cells'](rows, adult, seed=0)
    filled = SCRIPT['WAYS'][way](incomplete, adult)

    assert filled.notna().all(axis=None)
    known = incomplete.loc[filled.index]
    assert filled.where(known.notna()).astype(object).equals(known.astype(object))
    for name in rows.select_dtypes(object):
        assert set(filled[name]) <= set(rows[name])


def test_complete_rows_are_like_themselves_and_others_less(adult, rows):
    holdout = adult.table.iloc[ROWS : 2 * ROWS][COLUMNS].fillna(SCRIPT['UNKNOWN'])
    same = SCRIPT['judged'](rows, rows, holdout, adult)
    filled = SCRIPT['filled_by_frequency'](SCRIPT['without_high_incomes'](rows, adult, seed=0), adult)
    other = SCRIPT['judged'](filled, rows, holdout, adult)

    assert same['shapes'] == same['pairs'] == 1
    assert same['high incomes'] == (rows['income'] == '>50K').mean()
    assert same['AUC'] > 0.7
    assert other['shapes'] < 1
    assert other['high incomes'] < same['high incomes'] / 1.5
    assert other['predicted high'] < same['predicted high']
