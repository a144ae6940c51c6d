"""Columns that complete conditions are those of drawn rows that resemble what is wanted, and never break anything."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.completion import completed
from sdv_fairdistill.table.dates import DateType

SIZE = 4_000


def in_order(table):
    return (table['low'] <= table['high']).to_numpy()


@pytest.fixture
def pool():
    generator = np.random.default_rng(0)
    low = generator.integers(0, 1_000, SIZE)
    side = generator.choice(['left', 'right'], SIZE)
    return pd.DataFrame({'low': low, 'high': low + np.where(side == 'left', 10, 200), 'side': side})


def test_the_other_column_is_as_it_is_in_rows_like_it(pool):
    known = pd.DataFrame({'low': [500] * 40})

    found = completed(known, ['low', 'high'], pool, in_order, {}, np.random.default_rng(0))

    assert found['low'].tolist() == [500] * 40
    near = found['high'] - 500
    assert near.between(0, 30).any()  # of both kinds of rows
    assert near.between(180, 220).any()
    assert near.max() < 300


@pytest.mark.parametrize(('side', 'gap'), [('left', 10), ('right', 200)])
def test_what_else_is_known_decides_as_well(pool, side, gap):
    known = pd.DataFrame({'low': [500] * 8, 'side': side})

    found = completed(known, ['low', 'high'], pool, in_order, {}, np.random.default_rng(0))

    assert (found['high'] - 500 - gap).abs().max() < 60


def test_each_wanted_row_gets_its_own_in_order(pool):
    known = pd.DataFrame({'high': [900, 100, 500]}, index=[7, 3, 5])

    found = completed(known, ['low', 'high'], pool, in_order, {}, np.random.default_rng(0))

    assert found.index.tolist() == [7, 3, 5]
    assert found['high'].tolist() == [900, 100, 500]
    assert ((found['high'] - found['low']) <= 250).all()
    assert (found['low'] <= found['high']).all()


def test_a_lone_fitting_row_is_found_among_all(pool):
    pool.loc[17, ['low', 'high']] = [5_000, 5_000]

    found = completed(pd.DataFrame({'high': [4_999]}), ['low', 'high'], pool, lambda table: in_order(table) & (
        table['low'] > 4_000).to_numpy() | (table['low'] == 3).to_numpy(), {}, np.random.default_rng(0))  # fmt: skip

    assert found['low'].tolist() == [3]


def test_what_no_row_can_be_given_is_named(pool):
    with pytest.raises(FairDistillError, match=r"none of 4,000 drawn rows can be given \{'high': -1\}"):
        completed(pd.DataFrame({'high': [5, -1]}), ['low', 'high'], pool, in_order, {}, np.random.default_rng(0))


def test_dates_are_near_by_time_and_not_by_spelling(pool):
    as_text = (pd.Timestamp('2020-01-01') + pd.to_timedelta(pool['low'], 'D')).dt.strftime('%d.%m.%Y')
    rows = pd.DataFrame({'day': as_text, 'number': pool['low']})
    dates = {'day': DateType.of(rows['day'], '%d.%m.%Y')}

    found = completed(
        pd.DataFrame({'day': ['31.12.2020'] * 9}),
        ['day', 'number'],
        rows,
        lambda table: np.ones(len(table), dtype=bool),
        dates,
        np.random.default_rng(0),
    )

    assert found['number'].between(350, 380).all()  # it is day 365
