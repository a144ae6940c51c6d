"""Rare levels and extreme values that are kept out of a table."""

import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.encoding import withhold
from sdv_fairdistill.errors import FairDistillError, RoleError

LEVELS = {'x': {'sdtype': 'categorical'}}
NUMBERS = {'x': {'sdtype': 'numerical'}}
DAYS = {'x': {'sdtype': 'datetime', 'datetime_format': '%d.%m.%Y'}}


def withheld(values, columns, least, dtype=None, fixed=(), seed=0):
    """The column ``x`` without what is withheld; that much of it is, is not said."""
    table = pd.DataFrame({'x': pd.Series(values, dtype=dtype)})
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', r'.*of its rows')
        return withhold(table, columns, fixed, least, np.random.default_rng(seed))['x']


class TestLevels:
    def test_rows_of_rare_levels_get_a_kept_one_and_the_others_stay(self):
        values = ['a'] * 60 + ['rare', 'rarer', 'rare'] + ['b'] * 20

        result = withheld(values, LEVELS, 3)

        assert result.drop([60, 61, 62]).tolist() == ['a'] * 60 + ['b'] * 20
        assert set(result[60:63]) <= {'a', 'b'}

    def test_a_level_of_just_so_many_rows_stays(self):
        assert withheld(['a'] * 9 + ['b'] * 3, LEVELS, 3).tolist() == ['a'] * 9 + ['b'] * 3

    def test_kept_levels_keep_their_proportions(self):
        names = [f'rare {number}' for number in range(5_000)]

        result = withheld(['a'] * 3_000 + ['b'] * 1_000 + names, LEVELS, 2)

        assert (result[4_000:] == 'a').mean() == pytest.approx(0.75, abs=0.03)  # five standard errors

    def test_missing_values_are_no_level_and_are_not_drawn(self):
        result = withheld([None] + ['a'] * 5 + ['b'], LEVELS, 2)

        assert result.isna().tolist() == [True] + [False] * 6
        assert result[6] == 'a'

    def test_equal_values_of_other_types_are_one_level_and_texts_another(self):
        assert withheld([1, 1.0, True, 1, '1', None], LEVELS, 2, object)[4] == 1

    @pytest.mark.parametrize(
        ('values', 'dtype'),
        [
            ([True, True, False], 'bool'),
            ([True, True, False, None], 'boolean'),
            ([3, 3, 4], 'Int64'),
            (['a', 'a', 'b', None], 'string'),
            ([(1, 2), (1, 2), (3,)], 'object'),
            (pd.to_datetime(['2020-01-01', '2020-01-01', '2021-01-01']), 'datetime64[ns]'),
        ],
    )
    def test_every_dtype_stays(self, values, dtype):
        result = withheld(values, LEVELS, 2, dtype)

        assert result.dtype == dtype
        assert result[2] == result[0]

    def test_the_dtype_forgets_the_categories_that_are_withheld_and_no_other(self):
        dtype = pd.CategoricalDtype(['unused', 'b', 'rare', 'a'], ordered=True)

        result = withheld(['a', 'a', 'b', 'b', 'rare'], LEVELS, 2, dtype)

        assert result.dtype == pd.CategoricalDtype(['unused', 'b', 'a'], ordered=True)

    def test_nothing_left_is_refused(self):
        with pytest.raises(FairDistillError, match=r"Column 'x' has no level with 2 rows.*'unknown'"):
            withheld(['a', 'b', 'c', None], LEVELS, 2)

    def test_all_missing_stays(self):
        assert withheld([None, None], LEVELS, 2).isna().all()

    def test_groups_and_labels_are_not_changed(self):
        values = ['a'] * 9 + ['b'] * 2 + list('cdefg')

        with pytest.raises(RoleError, match=r"fewer than 3 rows \('b', 'c', 'd', 'e', 'f' and 1 more\)"):
            withheld(values, LEVELS, 3, fixed={'x'})
        assert withheld(['a'] * 9, LEVELS, 3, fixed={'x'}).tolist() == ['a'] * 9

    def test_it_is_said_when_much_of_a_column_changes(self):
        table = pd.DataFrame({'x': ['a'] * 8 + ['b', 'c']})

        with pytest.warns(UserWarning, match=r"Column 'x': 20% of its rows have levels with fewer than 2 rows"):
            withhold(table, LEVELS, (), 2, np.random.default_rng(0))

    @given(st.lists(st.sampled_from('aabbcdef'), min_size=12, max_size=40), st.integers(1, 4), st.integers(0, 9))
    def test_what_is_left_is_frequent(self, values, least, seed):
        counts = pd.Series(values).value_counts()
        if counts.max() < least:
            return

        result = withheld(values, LEVELS, least, seed=seed)

        assert set(result) == set(counts.index[counts >= least])
        assert result.value_counts().min() >= least


class TestExtremes:
    def test_by_hand(self):
        result = withheld([50, 1, 7, 5, 3, 999, -80, 6], NUMBERS, 3)

        assert result.tolist() == [7, 3, 7, 5, 3, 7, 3, 6]

    def test_ends_that_are_frequent_stay(self):
        values = [0, 0, 0, 5, 6, 7, 9, 9, 9]

        assert withheld(values, NUMBERS, 3).tolist() == values

    def test_one_value_is_left_of_fewer_than_twice_so_many(self):
        assert withheld([1, 2, 3, None], NUMBERS, 2, 'float64').tolist()[:3] == [2, 2, 2]

    def test_too_few_values_are_refused(self):
        with pytest.raises(FairDistillError, match=r"Column 'x' has values in 2 rows only"):
            withheld([1, 2, None, None], NUMBERS, 3)

    def test_infinite_values_are_left_to_be_refused(self):
        assert withheld([np.inf, 1, 2, 3, 3], NUMBERS, 2)[0] == np.inf

    @pytest.mark.parametrize('dtype', ['int8', 'float32', 'Int64', 'object'])
    def test_missing_values_and_dtypes_stay(self, dtype):
        values = [1, 2, 2, 3, 3, 9] + ([None] if dtype in ('Int64', 'object') else [])

        result = withheld(values, NUMBERS, 2, dtype)

        assert result.dtype == dtype
        assert result.dropna().tolist() == [2, 2, 2, 3, 3, 3]
        assert len(result) == len(values)

    def test_decimals(self):
        values = [Decimal(text) for text in ('0.10', '0.2', '0.2', '0.3', '0.3', '7')]

        assert withheld(values, NUMBERS, 2).tolist() == [values[1]] * 3 + [values[3]] * 3

    def test_dates_as_texts_are_ordered_as_dates(self):
        days = ['31.01.1871', '02.03.1950', '01.04.1950', '15.02.1960', None, '01.01.1961', '30.12.2025']

        assert withheld(days, DAYS, 2).tolist() == [days[1], days[1], days[2], days[3], None, days[5], days[5]]

    @pytest.mark.parametrize('dtype', ['datetime64[ns]', 'datetime64[s]', 'datetime64[ns, Europe/Paris]'])
    def test_dates(self, dtype):
        days = pd.Series(pd.date_range('2000-01-01', periods=6)).astype('datetime64[ns]')
        days = days.dt.tz_localize('Europe/Paris') if 'Paris' in dtype else days.astype(dtype)

        result = withheld(days, {'x': {'sdtype': 'datetime'}}, 2)

        assert result.tolist() == days[[1, 1, 2, 3, 4, 4]].tolist()
        assert result.dtype == dtype

    @given(st.lists(st.integers(-50, 50), min_size=1, max_size=60), st.integers(1, 6))
    def test_the_ends_belong_to_so_many_rows(self, values, least):
        if len(values) < least:
            return

        result = withheld(values, NUMBERS, least)

        for end in (result.min(), result.max()):
            assert (result == end).sum() >= least
        assert (np.diff(result[np.argsort(values, kind='stable')]) >= 0).all()


def test_the_table_itself_is_left_as_it_is():
    table = pd.DataFrame({'x': ['a', 'a', 'a', 'b'], 'y': [1, 2, 2, 9], 'key': list('pqrs')}, index=[7, 7, 3, 1])
    before = table.copy()

    with pytest.warns(UserWarning, match='25% of its rows'):
        result = withhold(table, LEVELS | {'y': {'sdtype': 'numerical'}}, (), 2, np.random.default_rng(0))

    pd.testing.assert_frame_equal(table, before)
    assert result.index.tolist() == [7, 7, 3, 1]
    assert result['key'].tolist() == list('pqrs')
    assert result['y'].tolist() == [2, 2, 2, 2]
