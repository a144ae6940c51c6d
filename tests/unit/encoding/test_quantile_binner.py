"""Numerical columns through RDT: types, missing values, refusals."""

import copy
from decimal import Decimal

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from rdt import HyperTransformer

from sdv_fairdistill.encoding import QuantileBinner


def fitted(values, dtype=None, **arguments):
    table = pd.DataFrame({'x': pd.Series(values, dtype=dtype)})
    binner = QuantileBinner(**arguments)
    binner.fit(table, 'x')
    return binner, table


DTYPES = ['int8', 'uint16', 'int64', 'float32', 'float64', 'Int64', 'UInt8', 'Float32', 'Float64']


@pytest.mark.parametrize('dtype', DTYPES)
def test_the_dtype_comes_back(dtype):
    binner, table = fitted(range(100), dtype)

    back = binner.reverse_transform(binner.transform(table))

    pd.testing.assert_frame_equal(back, table)


@pytest.mark.parametrize('dtype', ['float32', 'float64', 'Int64', 'Float64', 'object'])
def test_missing_values_come_back(dtype):
    binner, table = fitted([1, None, 2, None], dtype)

    codes = binner.transform(table)
    back = binner.reverse_transform(codes)

    assert codes['x'].tolist() == [0.5, 2.5, 1.5, 2.5]
    assert codes['x'].dtype == np.float64
    assert binner.n_tokens == 3
    pd.testing.assert_frame_equal(back, table)


def test_every_mark_of_missing_is_read():
    binner, table = fitted([1.5, None, np.nan, pd.NA, pd.NaT], object)

    assert binner.transform(table)['x'].tolist() == [0.5, 1.5, 1.5, 1.5, 1.5]


@pytest.mark.parametrize('values', [[1, 2, 10**12], [Decimal('1.10'), Decimal('2.2'), None], [0.5, 1.25, None]])
def test_objects_come_back_as_what_they_were(values):
    binner, table = fitted(values, object)

    back = binner.reverse_transform(binner.transform(table))['x'].tolist()

    assert back == values
    assert [type(value) for value in back] == [type(value) for value in values]


def test_extreme_integers_do_not_overflow():
    ends = np.iinfo('int64')
    binner, table = fitted([ends.min, 0, ends.max], 'int64')

    back = binner.reverse_transform(binner.transform(table))['x']

    assert back.iloc[0] == ends.min
    assert back.iloc[2] > 2**62


def test_missing_never_seen_warns_and_is_the_commonest():
    binner, _ = fitted([1.0, 2.0, 2.0])

    with pytest.warns(UserWarning, match=r"Column 'x': 2 values are missing"):
        codes = binner.transform(pd.DataFrame({'x': [np.nan, 1.0, np.nan]}))

    assert codes['x'].tolist() == [1.5, 0.5, 1.5]


def test_values_for_a_column_that_was_all_missing_warn():
    binner, _ = fitted([None, None], 'float64')

    with pytest.warns(UserWarning, match='all were missing'):
        codes = binner.transform(pd.DataFrame({'x': [3.0]}))

    assert binner.n_tokens == 1
    assert binner.reverse_transform(codes)['x'].isna().all()


@pytest.mark.parametrize('infinite', [np.inf, -np.inf, 1e301])
def test_infinite_values_are_refused(infinite):
    with pytest.raises(ValueError, match=r"Column 'x' has 2 values that are infinite"):
        fitted([1.0, infinite, infinite])


class TestRepresentation:
    def test_what_fits_is_taken(self):
        binner, table = fitted([1, 2, 100], computer_representation='Int8')

        assert binner.reverse_transform(binner.transform(table))['x'].tolist() == [1, 2, 100]

    @pytest.mark.parametrize(('values', 'representation'), [([1, 200], 'Int8'), ([-1, 3], 'UInt8'), ([0.5], 'Int64')])
    def test_what_does_not_fit_is_refused(self, values, representation):
        with pytest.raises(ValueError, match=f"Column 'x' has 1 values that '{representation}' cannot hold"):
            fitted(values, computer_representation=representation)


@pytest.mark.parametrize('name', ['max_tokens', 'max_knots'])
def test_limits_are_checked(name):
    with pytest.raises(ValueError, match=f'{name} is 0'):
        QuantileBinner(**{name: 0})


def test_the_index_is_kept():
    binner, table = fitted([1.0, 2.0, 3.0])
    table.index = [7, 5, 7]

    codes = binner.transform(table)

    assert codes.index.tolist() == [7, 5, 7]
    assert binner.reverse_transform(codes).index.tolist() == [7, 5, 7]


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda binner: cloudpickle.loads(cloudpickle.dumps(binner))])
def test_copies_give_the_same_codes(copied):
    binner, table = fitted(np.random.default_rng(0).normal(size=500))

    pd.testing.assert_frame_equal(copied(binner).transform(table), binner.transform(table))


def test_no_training_rows_are_stored():
    binner, _ = fitted(np.random.default_rng(0).normal(size=50_000))

    assert len(cloudpickle.dumps(binner)) < 100_000


def test_through_a_hyper_transformer():
    table = pd.DataFrame({'x': [1.5, None, 2.5], 'y': [1, 2, 3]})
    transformer = HyperTransformer()
    transformer.set_config(
        {
            'sdtypes': {'x': 'numerical', 'y': 'numerical'},
            'transformers': {'x': QuantileBinner(), 'y': QuantileBinner(max_tokens=2)},
        }
    )

    codes = transformer.fit_transform(table)
    transformer.reset_randomization()
    back = transformer.reverse_transform(codes)
    condition = transformer.transform_subset(pd.DataFrame({'x': [2.5]}))

    pd.testing.assert_frame_equal(back, table)
    assert condition['x'].tolist() == [1.5]
    pd.testing.assert_frame_equal(transformer.reverse_transform_subset(condition), pd.DataFrame({'x': [2.5]}))
