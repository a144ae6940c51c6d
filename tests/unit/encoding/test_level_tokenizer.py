"""Levels: order, types, missing and unseen levels, many levels."""

import copy

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdt.errors import TransformerInputError

from sdv_fairdistill.encoding import LevelTokenizer

levels = st.one_of(st.none(), st.text(max_size=3), st.integers(-5, 5), st.floats(0, 1, width=16))


def fitted(values, dtype=None, **arguments):
    table = pd.DataFrame({'x': pd.Series(values, dtype=dtype)})
    tokenizer = LevelTokenizer(**arguments)
    tokenizer.fit(table, 'x')
    return tokenizer, table


class TestOrder:
    def test_frequent_first_then_first_seen(self):
        tokenizer, _ = fitted(['c', 'a', 'b', 'b', None])

        assert tokenizer.levels.tolist() == ['b', 'c', 'a']
        assert tokenizer.n_tokens == 4

    def test_given(self):
        tokenizer, table = fitted(['high', 'low', 'high'], order=['low', 'middle', 'high'])

        assert tokenizer.levels.tolist() == ['low', 'high']
        assert tokenizer.transform(table)['x'].tolist() == [1, 0, 1]

    def test_given_with_a_level_too_few(self):
        with pytest.raises(TransformerInputError, match=r"Column 'x' has levels that its order lacks: 'high'"):
            fitted(['high', 'low'], order=['low'])

    def test_given_twice(self):
        with pytest.raises(TransformerInputError, match='must differ'):
            LevelTokenizer(order=['a', 'a'])

    @pytest.mark.parametrize(('order_by', 'expected'), [('alphabetical', [10, 2, 9]), ('numerical_value', [2, 9, 10])])
    def test_sorted(self, order_by, expected):
        assert fitted([9, 9, 2, 10], order_by=order_by)[0].levels.tolist() == expected

    def test_unknown_order(self):
        with pytest.raises(TransformerInputError, match="'order_by' is 'length'"):
            LevelTokenizer(order_by='length')


CASES = {
    'bool': ([True, False, True], 'bool'),
    'bool with missing': ([True, None, False], 'object'),
    'nullable bool': ([True, None, False], 'boolean'),
    'object': (['a', None, 'b'], 'object'),
    'string': (['a', None, 'b'], 'string'),
    'category': (['a', None, 'b'], pd.CategoricalDtype(['z', 'b', 'a'], ordered=True)),
    'int': ([3, 1, 3], 'int64'),
    'nullable int': ([3, None, 3], 'Int64'),
    'float': ([1.5, np.nan, 2.5], 'float64'),
    'datetime': (pd.to_datetime(['2020-01-01', None]), 'datetime64[ns]'),
    'tuples': ([(1, 2), (3,), None], 'object'),
    'mixed': ([1, '1', None, 2.5], 'object'),
    'constant': (['a', 'a'], 'object'),
    'missing': ([None, None], 'object'),
    'missing float': ([np.nan, np.nan], 'float64'),
}


@pytest.mark.parametrize('case', CASES)
def test_values_and_dtype_come_back(case):
    tokenizer, table = fitted(*CASES[case])

    tokens = tokenizer.transform(table)
    back = tokenizer.reverse_transform(tokens)

    assert tokens['x'].dtype == np.float64
    assert set(tokens['x']) == set(range(tokenizer.n_tokens))
    pd.testing.assert_frame_equal(back, table)


@given(st.lists(levels, min_size=1, max_size=50))
def test_any_objects_come_back(values):
    tokenizer, table = fitted(values, object)

    back = tokenizer.reverse_transform(tokenizer.transform(table))

    assert back['x'].where(back['x'].notna(), None).tolist() == values


@given(st.lists(levels, min_size=1, max_size=50), st.randoms())
def test_tokens_follow_the_values_not_the_rows(values, random):
    tokenizer, table = fitted(values, object)
    tokens = tokenizer.transform(table)['x']
    order = list(range(len(values)))
    random.shuffle(order)

    assert tokenizer.transform(table.iloc[order])['x'].tolist() == tokens.iloc[order].tolist()


class TestUnseen:
    def test_the_most_frequent_level_stands_in(self):
        tokenizer, _ = fitted(['a', 'b', 'b'])

        with pytest.warns(UserWarning, match=r"\('c', 'd'\) are read as the most frequent one, 'b'"):
            tokens = tokenizer.transform(pd.DataFrame({'x': ['c', 'a', 'd', 'c']}))

        assert tokens['x'].tolist() == [0, 1, 0, 0]

    def test_the_message_names_five(self):
        tokenizer, _ = fitted(['a'])

        with pytest.warns(UserWarning, match=r"'4' and 95 more\)"):
            tokenizer.transform(pd.DataFrame({'x': [str(number) for number in range(100)]}))

    def test_missing_never_seen(self):
        tokenizer, _ = fitted(['a', 'b', 'b'])

        with pytest.warns(UserWarning, match=r'\(None\)'):
            tokens = tokenizer.transform(pd.DataFrame({'x': [None, 'a']}))

        assert tokens['x'].tolist() == [0, 1]

    def test_a_level_of_another_type(self):
        tokenizer, _ = fitted([0, 1, 1])

        assert tokenizer.level_token('1') is None
        assert tokenizer.level_token(1.0) == 0
        assert tokenizer.level_token(None) is None


def test_twenty_thousand_levels():
    names = np.array([f'level {number}' for number in range(20_000)])
    rows = np.concatenate([names, np.random.default_rng(0).choice(names, 80_000)])
    tokenizer, table = fitted(rows)

    back = tokenizer.reverse_transform(tokenizer.transform(table))

    assert tokenizer.n_tokens == 20_000
    pd.testing.assert_frame_equal(back, table)


def test_tokens_out_of_range_are_clipped():
    tokenizer, _ = fitted(['a', 'a', 'b'])

    assert tokenizer.decode(np.array([-1.0, 5.0, 0.7])).tolist() == ['a', 'b', 'a']


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda tokenizer: cloudpickle.loads(cloudpickle.dumps(tokenizer))])
def test_copies_give_the_same_tokens(copied):
    tokenizer, table = fitted(['a', 'b', None])

    pd.testing.assert_frame_equal(copied(tokenizer).transform(table), tokenizer.transform(table))
