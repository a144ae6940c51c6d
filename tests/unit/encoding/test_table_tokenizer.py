"""Tables and tokens: coded columns, columns with other transformers, conditions, levels."""

import copy

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from rdt import HyperTransformer
from rdt.transformers import FloatFormatter, GaussianNormalizer, UniformEncoder

from sdv_fairdistill.encoding import DatetimeBinner, LevelTokenizer, QuantileBinner, TableTokenizer

RAW = pd.DataFrame(
    {
        'sex': ['f', 'm', 'f', None],
        'age': [30, 40, 50, 50],
        'day': ['2020-01-01', np.nan, '2020-01-03', '2020-01-03'],
        'plain': [True, False, True, True],
    }
)


@pytest.fixture
def hyper_transformer():
    transformer = HyperTransformer()
    transformer.set_config(
        {
            'sdtypes': {'sex': 'categorical', 'age': 'numerical', 'day': 'datetime', 'plain': 'boolean'},
            'transformers': {
                'sex': LevelTokenizer(),
                'age': QuantileBinner(),
                'day': DatetimeBinner('%Y-%m-%d'),
                'plain': None,
            },
        }
    )
    transformer.fit(RAW)
    return transformer


@pytest.fixture
def processed(hyper_transformer):
    return hyper_transformer.transform(RAW)[['sex', 'age', 'day', 'plain']]


@pytest.fixture
def tokenizer(hyper_transformer, processed):
    return TableTokenizer().fit(processed, hyper_transformer.field_transformers)


def test_tokens(tokenizer, processed):
    tokens = tokenizer.to_tokens(processed)

    assert tokens.dtype == np.int32
    assert tokens.tolist() == [[0, 0, 0, 0], [1, 1, 2, 1], [0, 2, 1, 0], [2, 2, 1, 0]]
    assert tokenizer.columns == ['sex', 'age', 'day', 'plain']
    assert tokenizer.cardinalities == [3, 3, 3, 2]


def test_tokens_and_back(tokenizer, processed, hyper_transformer):
    back = tokenizer.to_processed(tokenizer.to_tokens(processed), np.random.default_rng(0))

    assert back.index.equals(pd.RangeIndex(4))
    assert back['sex'].tolist() == [0, 1, 0, 2]
    assert not np.array_equal(back['age'], processed['age'])
    np.testing.assert_array_equal(np.floor(back['age']), np.floor(processed['age']))
    pd.testing.assert_frame_equal(hyper_transformer.reverse_transform(back)[list(RAW)], RAW)


def test_the_generator_alone_decides(tokenizer, processed):
    tokens = tokenizer.to_tokens(processed)
    first, again, other = (tokenizer.to_processed(tokens, np.random.default_rng(seed)) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_exact_values_are_written_unchanged(tokenizer):
    back = tokenizer.to_processed(np.zeros((2, 4), dtype=int), np.random.default_rng(0), exact={'age': 1.25})

    assert back['age'].tolist() == [1.25, 1.25]


def test_no_rows(tokenizer):
    back = tokenizer.to_processed(np.zeros((0, 4), dtype=int), np.random.default_rng(0), exact={'age': 1.25})

    assert back.shape == (0, 4)
    assert tokenizer.to_tokens(back).shape == (0, 4)


def test_the_next_float_below_a_bin_is_not_reached(tokenizer):
    class Ones:
        def random(self, size):
            return np.full(size, np.nextafter(1.0, 0.0))

    tokens = np.array([[0, 1, 1, 0]])

    assert tokenizer.to_tokens(tokenizer.to_processed(tokens, Ones())).tolist() == tokens.tolist()


def test_conditions(tokenizer):
    assert tokenizer.condition_tokens('age', [1.25, 0.5]).tolist() == [1, 0]
    assert tokenizer.condition_tokens('sex', [2.0]).tolist() == [2]
    assert tokenizer.condition_tokens('plain', [False]).tolist() == [1]


def test_level_tokens(tokenizer):
    assert [tokenizer.level_token('sex', value) for value in ('f', 'm', None, np.nan, 'x')] == [0, 1, 2, 2, None]
    assert [tokenizer.level_token('age', value) for value in (30, 50, 31, None, '30', 'x')] == [0, 2] + [None] * 4
    assert [tokenizer.level_token('day', value) for value in ('2020-01-03', None, 'x')] == [1, 2, None]
    assert [tokenizer.level_token('plain', value) for value in (True, False)] == [0, 1]


def test_a_value_that_shares_its_bin_is_no_level():
    table = pd.DataFrame({'x': np.arange(1000) % 100})
    binner = QuantileBinner(max_tokens=10)
    tokenizer = TableTokenizer().fit(binner.fit_transform(table, 'x'), {'x': binner})

    assert tokenizer.level_token('x', 5) is None


def test_token_values(tokenizer):
    assert tokenizer.token_values('sex') == ['f', 'm', None]
    assert tokenizer.token_values('age') == [30, 40, 50]
    assert tokenizer.token_values('day') == ['2020-01-01', '2020-01-03', pytest.approx(np.nan, nan_ok=True)]
    assert tokenizer.token_values('plain') == [True, False]


def test_numeric_columns(tokenizer):
    assert [tokenizer.is_numeric(column) for column in tokenizer.columns] == [False, True, True, False]


def test_unknown_columns_are_named(tokenizer):
    with pytest.raises(KeyError, match=r"No column 'height' in the table; its columns are \['sex'"):
        tokenizer.is_numeric('height')


def test_columns_with_other_transformers_get_an_encoder():
    rows = np.random.default_rng(0)
    raw = pd.DataFrame(
        {
            'normal': rows.normal(size=500),
            'holes': np.where(rows.random(500) < 0.3, np.nan, rows.normal(size=500)),
            'uniform': rows.choice(['a', 'b'], 500),
            'ours': rows.normal(size=500),
        }
    )
    transformers = {
        'normal': GaussianNormalizer(),
        'holes': FloatFormatter(missing_value_generation='from_column'),
        'uniform': UniformEncoder(),
        'ours': QuantileBinner(),
    }
    hyper_transformer = HyperTransformer()
    sdtypes = dict.fromkeys(raw, 'numerical') | {'uniform': 'categorical'}
    hyper_transformer.set_config({'sdtypes': sdtypes, 'transformers': transformers})
    processed = hyper_transformer.fit_transform(raw)

    tokenizer = TableTokenizer().fit(processed, hyper_transformer.field_transformers)
    tokens = tokenizer.to_tokens(processed)
    back = tokenizer.to_processed(tokens, rows)
    reversed_rows = hyper_transformer.reverse_transform(back)

    assert set(tokenizer.columns) == {'normal', 'holes', 'holes.is_null', 'uniform', 'ours'}
    assert tokenizer.cardinalities[tokenizer.columns.index('holes.is_null')] == 2
    assert (back.dtypes == processed.dtypes).all()
    assert (tokens.max(axis=0) < tokenizer.cardinalities).all()
    assert reversed_rows['holes'].isna().mean() == pytest.approx(raw['holes'].isna().mean())
    assert reversed_rows['normal'].mean() == pytest.approx(raw['normal'].mean(), abs=0.05)
    assert (reversed_rows['uniform'] == 'a').mean() == pytest.approx((raw['uniform'] == 'a').mean(), abs=0.05)


def test_columns_that_are_not_strings():
    table = pd.DataFrame({0: [1, 2, 2], 'a': [0.5, 0.5, 1.5]})

    tokenizer = TableTokenizer().fit(table, {0: None, 'a': None})
    back = tokenizer.to_processed(tokenizer.to_tokens(table), np.random.default_rng(0), exact={0: 2})

    assert tokenizer.columns == ['0', 'a']
    assert tokenizer.condition_tokens(0, [2]) == tokenizer.condition_tokens('0', [2]) == [1]
    assert back.columns.tolist() == [0, 'a']
    assert back[0].tolist() == [2, 2, 2]


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda tokenizer: cloudpickle.loads(cloudpickle.dumps(tokenizer))])
def test_copies_give_the_same_tokens(copied, tokenizer, processed):
    np.testing.assert_array_equal(copied(tokenizer).to_tokens(processed), tokenizer.to_tokens(processed))


def test_relations_of_many_rows_are_found_in_a_part_of_them(monkeypatch):
    low = pd.Series(np.random.default_rng(0).normal(size=1_000))
    table = pd.DataFrame({'low': low, 'high': low + 1})
    table.loc[1, 'high'] = -9.0
    fitted = {name: QuantileBinner() for name in table}
    processed = table.copy()
    for name, binner in fitted.items():
        processed[name] = binner.fit_transform(table[[name]], name)[name]

    assert TableTokenizer().fit(processed, fitted).relations.found == ()
    monkeypatch.setattr('sdv_fairdistill.encoding.table_tokenizer.MOST_ROWS', 500)
    assert [one.name for one in TableTokenizer().fit(processed, fitted).relations.found] == ['low <= high']


def test_a_column_that_is_named_like_a_relation_is_no_relation():
    generator = np.random.default_rng(0)
    bill = pd.Series(generator.gamma(2, 500, 2_000).round(2))
    paid = bill.where(generator.random(2_000) < 0.3, (bill * generator.random(2_000)).round(2))
    told = pd.Series(generator.choice(['a', 'b', 'c'], 2_000))
    table = pd.DataFrame({'bill': bill, 'paid': paid, 'paid = bill': told})
    fitted = {'bill': QuantileBinner(), 'paid': QuantileBinner(), 'paid = bill': LevelTokenizer()}
    processed = table.copy()
    for name, encoder in fitted.items():
        processed[name] = encoder.fit_transform(table[[name]], name)[name]

    tokenizer = TableTokenizer().fit(processed, fitted)
    tokens = tokenizer.to_tokens(processed)

    assert [one.name for one in tokenizer.relations.equalities] == ['paid = bill']
    assert len(set(tokenizer.columns)) == len(tokenizer.columns) == 4
    assert tokenizer.cardinalities[2:] == [3, 2]
    assert tokens[:, 3].mean() == pytest.approx(0.3, abs=0.05)
    again = tokenizer.to_processed(tokens, np.random.default_rng(0))
    assert (fitted['paid = bill'].reverse_transform(again[['paid = bill']])['paid = bill'] == told).all()
