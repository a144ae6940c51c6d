"""Groups are the same in any table of the same columns, whatever the spelling, the order or the missing values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.metrics import Grouping


def test_groups_are_the_observed_combinations():
    table = pd.DataFrame({'sex': ['m', 'f', 'm', 'm'], 'here': [True, True, None, True]})
    grouping = Grouping.fit(table, ['sex', 'here'])
    assert grouping.names == ('f / True', 'm / (missing)', 'm / True')
    assert grouping.of(table).tolist() == ['m / True', 'f / True', 'm / (missing)', 'm / True']


def test_bins_have_equal_shares_and_are_listed_from_low_to_high():
    table = pd.DataFrame({'age': np.random.default_rng(0).permutation(1000)})
    grouping = Grouping.fit(table, ['age'], numerical=['age'])
    assert grouping.of(table).value_counts().tolist() == [200] * 5
    assert grouping.names[0] == 'age ≤ 199.8'
    assert grouping.names[1] == '199.8 < age ≤ 399.6'
    assert grouping.names[-1] == 'age > 799.2'


def test_another_table_falls_into_the_bins_of_the_first():
    grouping = Grouping.fit(pd.DataFrame({'age': range(100)}), ['age'], numerical=['age'], bins=2)
    other = pd.DataFrame({'age': [-5.0, 49.5, 49.6, 1e9, np.nan]}, index=[9, 8, 7, 6, 5])
    groups = grouping.of(other)
    assert groups.tolist() == ['age ≤ 49.5', 'age ≤ 49.5', 'age > 49.5', 'age > 49.5', '(missing)']
    assert groups.index.tolist() == [9, 8, 7, 6, 5]


def test_a_number_with_few_values_is_not_cut():
    table = pd.DataFrame({'code': [0.0, 1.0, 1.0, np.nan]})
    assert Grouping.fit(table, ['code'], numerical=['code']).names == ('(missing)', '0', '1')


def test_bins_of_dates_are_named_by_days():
    days = pd.Series(pd.date_range('1965-01-01', periods=10, freq='D'))
    table = pd.DataFrame({'born': (days - pd.Timestamp(0)).dt.total_seconds()})
    given = {'columns': ['born'], 'numerical': ['born'], 'dates': ['born']}
    assert Grouping.fit(table, **given, bins=3).names == (
        'born ≤ 1965-01-04',
        '1965-01-04 < born ≤ 1965-01-07',
        'born > 1965-01-07',
    )
    few = pd.DataFrame({'born': [-86_400.0, 60.0]})
    assert Grouping.fit(few, **given).names == ('1969-12-31', '1970-01-01 00:01:00')
    hours = table / 24  # several cuts on the same day
    assert Grouping.fit(hours, **given, bins=3).names[0] == 'born ≤ 1969-10-17 01:00:00'


def test_ends_of_bins_that_differ_in_late_digits_are_told_apart():
    table = pd.DataFrame({'account': 1e9 + np.arange(10)})
    names = Grouping.fit(table, ['account'], numerical=['account'], bins=3).names
    assert len(set(names)) == 3


def test_a_value_held_by_most_rows_leaves_no_empty_bin():
    table = pd.DataFrame({'gain': [0] * 95 + list(range(1, 10))})
    grouping = Grouping.fit(table, ['gain'], numerical=['gain'])
    assert set(grouping.names) == set(grouping.of(table))


@pytest.mark.parametrize(
    'values', [[1, 2, 2], [1.0, 2.0, 2.0], pd.Categorical([1, 2, 2])], ids=['int', 'float', 'category']
)
def test_a_whole_number_has_one_spelling(values):
    assert Grouping.fit(pd.DataFrame({'code': values}), ['code']).names == ('1', '2')


def test_a_value_that_was_never_seen_is_a_group_of_its_own():
    grouping = Grouping.fit(pd.DataFrame({'sex': ['f', 'm']}), ['sex'])
    assert grouping.of(pd.DataFrame({'sex': ['x']})).tolist() == ['x']
