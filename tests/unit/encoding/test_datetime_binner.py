"""Datetime columns through RDT: formats, types, missing values, precision."""

import copy
from datetime import date, datetime

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.encoding import DatetimeBinner


def fitted(values, datetime_format=None, **arguments):
    table = pd.DataFrame({'when': values})
    binner = DatetimeBinner(datetime_format=datetime_format, **arguments)
    binner.fit(table, 'when')
    return binner, table


STRINGS = {
    '%Y-%m-%d': ['2013-08-13', '1950-01-26', np.nan, '1850-12-31'],
    '%d/%m/%y %H:%M': ['13/08/13 10:05', np.nan, '26/01/99 23:59'],
    '%Y-%m-%d %H:%M:%S%z': ['2013-08-13 10:00:00+0200', '1950-01-26 11:00:00+0200', np.nan],
    '%Y-%m-%d %H:%M:%S.%f': ['2013-08-13 10:00:00.123457', '1950-01-26 11:00:00.000001', np.nan],
}


@pytest.mark.parametrize('datetime_format', STRINGS)
def test_strings_come_back(datetime_format):
    binner, table = fitted(STRINGS[datetime_format], datetime_format)

    codes = binner.transform(table)

    assert codes['when'].dtype == np.float64
    assert binner.n_tokens == len(table)
    pd.testing.assert_frame_equal(binner.reverse_transform(codes), table)


def test_numbers_with_a_format_come_back():
    binner, table = fitted([20130813, 19500126], '%Y%m%d')

    pd.testing.assert_frame_equal(binner.reverse_transform(binner.transform(table)), table)


LONG_NUMBERS = {  # of more digits than a float holds, and the last two of more than 64 bits hold
    'milliseconds': (
        [20220131235959999, 20220302110400001, 20220302110400003],
        ['int64', 'Int64', 'int64[pyarrow]', object],
    ),
    'milliseconds, one missing': ([20220131235959999, None, 20220302110400003], ['Int64', 'int64[pyarrow]', object]),
    'microseconds': ([20220902110443000000, 20220916230400000000, 20220826173917000001], [object]),
    'microseconds, one missing': ([20220902110443000000, None, 20220826173917000001], [object]),
}


@pytest.mark.parametrize(('name', 'dtype'), [(name, dtype) for name in LONG_NUMBERS for dtype in LONG_NUMBERS[name][1]])
def test_long_numbers_come_back_with_every_digit(name, dtype):
    values = pd.Series(LONG_NUMBERS[name][0], dtype=dtype)
    binner, table = fitted(values, '%Y%m%d%H%M%S%f')

    pd.testing.assert_frame_equal(binner.reverse_transform(binner.transform(table)), table)
    assert [binner.spelled(value) for value in values.dropna()] == values.dropna().tolist()


@pytest.mark.parametrize('dtype', ['datetime64[ns]', 'datetime64[s]', 'datetime64[us]', 'datetime64[ns, Europe/Paris]'])
@pytest.mark.parametrize('datetime_format', [None, '%Y-%m-%d %H:%M:%S'])
def test_datetimes_come_back(dtype, datetime_format):
    if 'Paris' in dtype and datetime_format:
        datetime_format += '%z'
    times = pd.Series(pd.to_datetime(['2013-08-13 10:00:01', '1950-01-26 00:00:00', None]))
    values = times.dt.tz_localize('Europe/Paris') if 'Paris' in dtype else times.astype(dtype)
    binner, table = fitted(values, datetime_format)

    pd.testing.assert_frame_equal(binner.reverse_transform(binner.transform(table)), table)


@settings(max_examples=50)
@given(st.lists(st.dates(date(1700, 1, 1), date(2200, 1, 1)), min_size=1, max_size=200))
def test_days_come_back_as_the_same_days(days):
    binner, table = fitted([day.isoformat() for day in days], '%Y-%m-%d', max_tokens=5, max_knots=20)

    assert binner.reverse_transform(binner.transform(table))['when'].tolist() == table['when'].tolist()


@settings(max_examples=50)
@given(st.lists(st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)), min_size=1, max_size=200))
def test_times_come_back_as_precisely_as_a_float_holds_their_codes(times):
    binner, table = fitted(pd.Series(times, dtype='datetime64[ns]'))
    pieces = binner.binning
    slope = ((pieces.value_high - pieces.value_low) / (pieces.code_high - pieces.code_low)).max()

    back = binner.reverse_transform(binner.transform(table))['when']

    error = pd.Timedelta(slope * np.spacing(float(pieces.n_tokens)), 'ns') + pd.Timedelta('2us')
    assert (back - table['when']).abs().max() <= error


def test_days_are_drawn_for_days():
    days = pd.Series(pd.date_range('2000-01-01', periods=3000, freq='D'))
    binner, table = fitted(days)
    codes = np.floor(binner.transform(table)['when']) + np.random.default_rng(0).random(3000)

    drawn = binner.reverse_transform(pd.DataFrame({'when': codes}))['when']

    assert (drawn == drawn.dt.normalize()).all()
    assert drawn.between(days.min(), days.max()).all()
    assert drawn.nunique() > 1500


@pytest.mark.parametrize('values', [[None, None], [pd.NaT, pd.NaT]])
def test_all_missing(values):
    binner, table = fitted(values, '%Y-%m-%d')

    assert binner.n_tokens == 1
    assert binner.reverse_transform(binner.transform(table))['when'].isna().all()


def test_a_condition_takes_the_code_of_its_value():
    binner, _ = fitted(['2013-08-13', '1950-01-26', '2000-01-01'], '%Y-%m-%d')

    condition = binner.transform(pd.DataFrame({'when': ['2000-01-01']}))

    assert condition['when'].tolist() == [1.5]


def test_missing_never_seen_warns():
    binner, _ = fitted(['2013-08-13'], '%Y-%m-%d')

    with pytest.warns(UserWarning, match="Column 'when': 1 values are missing"):
        binner.transform(pd.DataFrame({'when': [None]}, dtype=object))


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda binner: cloudpickle.loads(cloudpickle.dumps(binner))])
def test_copies_give_the_same_codes(copied):
    binner, table = fitted(['2013-08-13', '1950-01-26'], '%Y-%m-%d')

    pd.testing.assert_frame_equal(copied(binner).transform(table), binner.transform(table))


@pytest.mark.parametrize('dtype', ['datetime64[ns]', 'datetime64[s]', 'datetime64[ns, UTC]', '%Y-%m-%d %H:%M:%S'])
@pytest.mark.parametrize('first', ['1692-10-30 13:49:49', '2020-02-02 02:20:20', '2199-03-01 00:00:07'])
def test_seconds_of_far_dates_are_exact(first, dtype):
    # A float of nanoseconds is off by up to 512 there, and what is cut to seconds would lose one.
    times = pd.Series(pd.date_range(first, periods=300, freq='977s'))
    times = times.dt.tz_localize('UTC') if 'UTC' in dtype else times
    values = times.dt.strftime(dtype) if '%' in dtype else times.astype(dtype)
    binner, table = fitted(values, dtype if '%' in dtype else None)

    pd.testing.assert_frame_equal(binner.reverse_transform(binner.transform(table)), table)
