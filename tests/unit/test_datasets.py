"""The bundled tables are the published ones, described truthfully, and fit the synthesizer's arguments."""

from __future__ import annotations

import csv
import dataclasses
import gzip
from collections import Counter
from importlib.resources import files

import pandas as pd
import pytest

from sdv_fairdistill.datasets import load_adult, load_german_credit

LOADERS = {'adult': load_adult, 'german_credit': load_german_credit}


@pytest.fixture(params=LOADERS, scope='module')
def dataset(request):
    return LOADERS[request.param]()


def raw_rows(name):
    """The bundled file read without pandas."""
    with gzip.open(files('sdv_fairdistill.datasets') / 'data' / f'{name}.csv.gz', 'rt', newline='') as source:
        yield from csv.DictReader(source)


def test_the_table_comes_in_the_form_sdv_takes(dataset):
    assert list(dataset.data) == [dataset.name]
    assert dataset.table is dataset.data[dataset.name]
    assert list(dataset.table.index) == list(range(len(dataset.table)))


def test_the_metadata_names_every_column_and_fits_the_data(dataset):
    columns = dataset.metadata.to_dict()['tables'][dataset.name]['columns']
    assert list(columns) == list(dataset.table.columns)
    dataset.metadata.validate()
    dataset.metadata.validate_data(dataset.data)


def test_a_numerical_column_holds_integers_and_a_categorical_one_strings(dataset):
    columns = dataset.metadata.to_dict()['tables'][dataset.name]['columns']
    for name, description in columns.items():
        values = dataset.table[name].dropna()
        if description['sdtype'] == 'numerical':
            assert values.dtype == 'int64', name
        else:
            assert description['sdtype'] == 'categorical', name
            assert set(map(type, values)) == {str}, name


def test_the_roles_are_the_synthesizers_arguments_and_name_columns(dataset):
    roles = dataset.roles
    assert set(roles) == {'sensitive_columns', 'target_column', 'favorable_value'}
    assert isinstance(roles['sensitive_columns'], list)
    assert {*roles['sensitive_columns'], roles['target_column']} <= set(dataset.table.columns)
    assert roles['favorable_value'] in set(dataset.table[roles['target_column']])
    assert roles['target_column'] not in roles['sensitive_columns']


def test_the_roles_are_a_new_dict_each_time(dataset):
    dataset.roles['sensitive_columns'].append('race')
    assert dataset.roles['sensitive_columns'] == ['sex']


def test_a_dataset_cannot_be_reassigned(dataset):
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = 'other'


@pytest.mark.parametrize('name', LOADERS)
def test_changing_a_loaded_table_leaves_the_next_one_alone(name):
    first = LOADERS[name]()
    untouched = first.table.copy()
    first.table.loc[:, 'age'] = -1
    pd.testing.assert_frame_equal(LOADERS[name]().table, untouched)


@pytest.mark.parametrize('name', LOADERS)
def test_every_value_is_the_files(name):
    table = LOADERS[name]().table
    text = table.astype(object).where(table.notna(), '').astype(str)
    assert text.to_dict('records') == list(raw_rows(name))


@pytest.mark.parametrize('name', LOADERS)
def test_the_docstring_gives_source_and_licence(name):
    text = LOADERS[name].__doc__
    assert 'https://doi.org/10.24432/' in text
    assert 'CC BY 4.0' in text
    assert 'Known harms and limits' in text


def test_adult_is_the_published_table():
    adult = load_adult()
    assert adult.table.shape == (48_842, 15)
    missing = adult.table.isna().sum()
    assert missing[missing > 0].to_dict() == {'workclass': 2_799, 'occupation': 2_809, 'native-country': 857}
    assert not (adult.table == '?').to_numpy().any()
    assert adult.table['race'].value_counts().to_dict() == {
        'White': 41_762, 'Black': 4_685, 'Asian-Pac-Islander': 1_519, 'Amer-Indian-Eskimo': 470, 'Other': 406,
    }  # fmt: skip
    assert adult.roles == {'sensitive_columns': ['sex'], 'target_column': 'income', 'favorable_value': '>50K'}


def test_adult_says_its_education_twice():
    pairs = load_adult().table[['education', 'education-num']].drop_duplicates()
    assert len(pairs) == pairs['education'].nunique() == pairs['education-num'].nunique() == 16


def test_adult_label_rates_by_sex_match_a_count_by_hand():
    counts = Counter((row['sex'], row['income']) for row in raw_rows('adult'))
    assert counts == {
        ('Male', '>50K'): 9_918, ('Male', '<=50K'): 22_732, ('Female', '>50K'): 1_769, ('Female', '<=50K'): 14_423,
    }  # fmt: skip
    rates = load_adult().table.groupby('sex')['income'].apply(lambda label: (label == '>50K').mean())
    assert rates.to_dict() == pytest.approx({'Male': 9_918 / 32_650, 'Female': 1_769 / 16_192})


def test_german_credit_is_the_published_table():
    german = load_german_credit()
    assert german.table.shape == (1_000, 21)
    assert not german.table.isna().to_numpy().any()
    assert german.table['credit'].value_counts().to_dict() == {'good': 700, 'bad': 300}
    assert german.table['sex'].value_counts().to_dict() == {'male': 690, 'female': 310}
    assert german.table['foreign_worker'].value_counts().to_dict() == {'A201': 963, 'A202': 37}
    assert german.roles == {'sensitive_columns': ['sex'], 'target_column': 'credit', 'favorable_value': 'good'}
