"""Tables of any size are as large and as full of levels as they say, and the same for the same seed."""

from __future__ import annotations

import pandas as pd

from sdv_fairdistill.benchmark.tables import adult_of_rows, table_of_columns, table_of_levels
from sdv_fairdistill.datasets import load_adult


def test_adult_keeps_its_columns_ranges_and_levels():
    adult, made = load_adult().table, adult_of_rows(500).table
    assert (list(made), len(made)) == (list(adult), 500)
    assert (made.dtypes == adult.dtypes).all()
    assert made['age'].between(adult['age'].min(), adult['age'].max()).all()
    assert set(made['education']) <= set(adult['education'])
    assert (made['capital-gain'] == 0).mean() > 0.8


def test_the_seed_decides_and_the_sizes_are_as_asked():
    pd.testing.assert_frame_equal(table_of_columns(20, 300, 1).table, table_of_columns(20, 300, 1).table)
    assert not table_of_columns(20, 300, 1).table.equals(table_of_columns(20, 300, 2).table)
    made = table_of_columns(20, 300)
    assert made.table.shape == (300, 20)
    assert (made.table['label'] == 'yes').mean() == 0.25
    assert table_of_levels(40, 300).table['column_0'].nunique() == 40


def test_the_label_depends_on_the_group():
    table = table_of_columns(5, 5_000).table
    rates = (table['label'] == 'yes').groupby(table['group']).mean()
    assert rates['b'] > rates['a'] + 0.05
