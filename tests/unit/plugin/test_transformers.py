"""Columns that are learned, needed, or in the way of a formatter, by SDV's own data processor and without a model."""

import pandas as pd
import pytest
from rdt.transformers import AnonymizedFaker, FloatFormatter
from sdv.data_processing import DataProcessor
from sdv.metadata import Metadata

from sdv_fairdistill.encoding import LevelTokenizer
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.transformers import learned_columns, require_columns, without_failing_formatters

COLUMNS = {
    'key': {'sdtype': 'id'},
    'name': {'sdtype': 'name', 'pii': True},
    'mail': {'sdtype': 'email', 'pii': True},
    'sex': {'sdtype': 'categorical'},
    'age': {'sdtype': 'numerical'},
}
TABLE = pd.DataFrame(
    {
        'key': ['a', 'b', 'c'],
        'name': ['Ann', 'Bo', 'Cy'],
        'mail': ['a@x.org', 'b@x.org', 'c@x.org'],
        'sex': ['f', 'm', 'f'],
        'age': [1, 2, 3],
    }
)


@pytest.fixture
def processor():
    described = {'tables': {'people': {'columns': COLUMNS, 'primary_key': 'key'}}}
    made = DataProcessor(Metadata.load_from_dict(described).tables['people'], table_name='people')
    made.prepare_for_fitting(TABLE)
    return made


def test_invented_columns_are_not_learned(processor):
    learned = learned_columns(processor)

    assert {'sex', 'age'} <= set(learned)
    assert not {'name', 'mail'} & set(learned)
    assert learned['age']['sdtype'] == 'numerical'


def test_an_invented_kind_of_column_is_learned_once_its_transformer_does_not_invent(processor):
    processor._hyper_transformer.field_transformers['mail'] = LevelTokenizer()

    assert 'mail' in learned_columns(processor)
    assert 'name' not in learned_columns(processor)


def test_rows_need_what_was_learned_and_nothing_else():
    transformers = {'name': AnonymizedFaker(), 'sex': LevelTokenizer(), 'age': FloatFormatter(), 'raw': None}
    names = ['name', 'sex', 'age', 'raw', 'y']

    require_columns(pd.DataFrame(columns=['sex', 'age', 'raw']), names, transformers, 'y')
    with pytest.raises(FairDistillError, match=r"lack the columns \['age', 'raw'\]"):
        require_columns(pd.DataFrame(columns=['sex']), names, transformers, 'y')
    with pytest.raises(FairDistillError, match=r"lack the columns \['y'\]"):
        require_columns(pd.DataFrame(columns=['sex', 'age', 'raw']), names, transformers, None)


def test_only_formatters_of_python_numbers_go(processor):
    processor.fit(TABLE)
    assert 'age' in processor.formatters
    without_failing_formatters(processor, TABLE)
    assert 'age' in processor.formatters
    without_failing_formatters(processor, TABLE.astype({'age': object}))
    assert 'age' not in processor.formatters
