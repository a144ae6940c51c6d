"""The transformers inside SDV's DataProcessor: parameters from the metadata, conditions, and types on the way back."""

import numpy as np
import pandas as pd
import pytest
from rdt.transformers import get_default_transformers
from sdv.data_processing.data_processor import DataProcessor
from sdv.metadata import Metadata

from sdv_fairdistill.encoding import DatetimeBinner, LevelTokenizer, QuantileBinner, TableTokenizer

DEFAULTS = {
    'numerical': QuantileBinner,
    'datetime': DatetimeBinner,
    'categorical': LevelTokenizer,
    'boolean': LevelTokenizer,
    'ordinal': LevelTokenizer,
}
COLUMNS = {
    'amount': {'sdtype': 'numerical'},
    'count': {'sdtype': 'numerical', 'computer_representation': 'Int64'},
    'holes': {'sdtype': 'numerical'},
    'day': {'sdtype': 'datetime', 'datetime_format': '%d.%m.%Y'},
    'grade': {'sdtype': 'ordinal', 'range_values': ['low', 'middle', 'high']},
    'town': {'sdtype': 'categorical', 'range_values': ['x', 'y', 'z']},
    'flag': {'sdtype': 'boolean'},
    'badge': {'sdtype': 'id'},
}


@pytest.fixture(scope='module')
def raw():
    rows = np.random.default_rng(0)
    size = 400
    return pd.DataFrame(
        {
            'amount': rows.lognormal(size=size).round(2),
            'count': rows.integers(0, 50, size),
            'holes': pd.Series(rows.integers(0, 9, size), dtype='Int64').mask(rows.random(size) < 0.2),
            'day': pd.Series(
                pd.Timestamp('1960-01-01') + pd.to_timedelta(rows.integers(0, 9000, size), 'D')
            ).dt.strftime('%d.%m.%Y'),
            'grade': rows.choice(['high', 'low', 'middle'], size),
            'town': pd.Series(rows.choice(['x', 'y'], size), dtype='category'),
            'flag': pd.Series(rows.choice([True, False], size), dtype=object).mask(rows.random(size) < 0.1, np.nan),
            'badge': rows.choice(['b1', 'b2', 'b3'], size),
        }
    )


@pytest.fixture(scope='module')
def processor(raw):
    metadata = Metadata.load_from_dict({'tables': {'table': {'columns': COLUMNS}}})
    processor = DataProcessor(metadata._convert_to_single_table(), table_name='table')
    for sdtype, transformer in DEFAULTS.items():
        processor._update_transformers_by_sdtypes(sdtype, transformer())
    processor.fit(raw)
    return processor


def test_metadata_reaches_the_transformers(processor):
    transformers = processor._hyper_transformer.field_transformers

    assert transformers['count'].computer_representation == 'Int64'
    assert transformers['day'].datetime_format == '%d.%m.%Y'
    assert transformers['grade'].levels.tolist() == ['low', 'middle', 'high']
    assert isinstance(transformers['badge'], LevelTokenizer)


def test_the_table_comes_back(processor, raw):
    back = processor.reverse_transform(processor.transform(raw))

    pd.testing.assert_frame_equal(back, raw)


def test_tokens_come_back_with_types_and_ranges(processor, raw):
    processed = processor.transform(raw)
    tokenizer = TableTokenizer().fit(processed, processor._hyper_transformer.field_transformers)

    drawn = tokenizer.to_processed(tokenizer.to_tokens(processed), np.random.default_rng(0))
    back = processor.reverse_transform(drawn)

    pd.testing.assert_series_equal(back.dtypes, raw.dtypes)
    np.testing.assert_array_equal(back['holes'].isna(), raw['holes'].isna())
    pd.testing.assert_frame_equal(back[['grade', 'town', 'flag', 'badge']], raw[['grade', 'town', 'flag', 'badge']])
    assert back['amount'].between(raw['amount'].min(), raw['amount'].max()).all()


@pytest.mark.parametrize('column', COLUMNS)
def test_a_condition_keeps_its_value(processor, raw, column):
    requested = raw[[column]].drop_duplicates().reset_index(drop=True)
    rows = processor.transform(raw.head(len(requested)))

    rows[column] = processor.transform(requested, is_condition=True)[column]
    back = processor.reverse_transform(rows)

    pd.testing.assert_frame_equal(back[[column]], requested)


@pytest.mark.parametrize('column', ['holes', 'flag'])
def test_a_missing_condition_is_the_missing_token(processor, raw, column):
    processed = processor.transform(raw)
    tokenizer = TableTokenizer().fit(processed, processor._hyper_transformer.field_transformers)

    code = processor.transform(pd.DataFrame({column: [None]}, dtype=object), is_condition=True)[column].iloc[0]

    assert tokenizer.condition_tokens(column, [code])[0] == tokenizer.level_token(column, None) is not None


def test_the_defaults_of_rdt_stay():
    get_default_transformers.cache_clear()

    ours = (QuantileBinner, DatetimeBinner, LevelTokenizer)
    assert not any(isinstance(transformer, ours) for transformer in get_default_transformers().values())
