"""Real tables sent through tokens and drawn back keep the shape of every column."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdt import HyperTransformer
from sdmetrics.reports.single_table._properties import ColumnShapes

from sdv_fairdistill.encoding import DatetimeBinner, LevelTokenizer, QuantileBinner, TableTokenizer

REPOSITORY = Path(__file__).resolve().parents[3]
TABLES = {
    'adult': REPOSITORY / 'sdv_fairdistill/datasets/data/adult.csv.gz',
    'german': REPOSITORY / 'sdv_fairdistill/datasets/data/german_credit.csv.gz',
    'compas': REPOSITORY.parent / 'shared/data/compas.csv.gz',
}
DAYS = {'jail_in': '%Y-%m-%d'}


def describe(table):
    columns = {}
    for column in table:
        if column in DAYS:
            columns[column] = {'sdtype': 'datetime', 'datetime_format': DAYS[column]}
        else:
            number = pd.api.types.is_numeric_dtype(table[column])
            columns[column] = {'sdtype': 'numerical' if number else 'categorical'}
    return columns


def transformer_for(description):
    if description['sdtype'] == 'datetime':
        return DatetimeBinner(description['datetime_format'])
    return QuantileBinner() if description['sdtype'] == 'numerical' else LevelTokenizer()


@pytest.mark.parametrize('name', TABLES)
def test_column_shapes(name):
    if not TABLES[name].exists():
        pytest.skip(f'{TABLES[name]} is not here')
    table = pd.read_csv(TABLES[name])
    columns = describe(table)
    transformer = HyperTransformer()
    transformer.set_config(
        {
            'sdtypes': {column: description['sdtype'] for column, description in columns.items()},
            'transformers': {column: transformer_for(description) for column, description in columns.items()},
        }
    )
    processed = transformer.fit_transform(table)
    tokenizer = TableTokenizer().fit(processed, transformer.field_transformers)

    drawn = tokenizer.to_processed(tokenizer.to_tokens(processed), np.random.default_rng(0))
    shapes = ColumnShapes()
    score = shapes.get_score(table, transformer.reverse_transform(drawn), {'columns': columns})

    assert score >= 0.995
    assert shapes.details['Score'].min() >= 0.98
