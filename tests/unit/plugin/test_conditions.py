"""Conditions against what the transformers know: the error comes before the first draw."""

import warnings

import numpy as np
import pandas as pd
import pytest
from rdt import HyperTransformer
from rdt.transformers import FloatFormatter, LabelEncoder
from sdv.cag._errors import ConstraintNotMetError

from sdv_fairdistill.encoding import DatetimeBinner, LevelTokenizer, QuantileBinner
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.conditions import UNMET, raise_if_unmet, unmet_conditions

TABLE = pd.DataFrame(
    {
        'town': ['Vik', None, 'Ostby', 'Vik'] * 10,
        'age': [20, 30, 40, 50] * 10,
        'wealth': [0.5, 10.25, np.nan, 200.0] * 10,
        'born': pd.to_datetime(['1960-01-01', '1970-01-01', '1980-01-01', '1990-01-01'] * 10),
        'label': ['p', 'q'] * 20,
        'plain': [1.5, 2.5] * 20,
        'raw': [1.0, 2.0] * 20,
    }
)


@pytest.fixture(scope='module')
def transformer():
    hyper = HyperTransformer()
    hyper.set_config(
        {
            'sdtypes': {
                'town': 'categorical', 'age': 'numerical', 'wealth': 'numerical', 'born': 'datetime',
                'label': 'categorical', 'plain': 'numerical', 'raw': 'numerical',
            },
            'transformers': {
                'town': LevelTokenizer(), 'age': QuantileBinner(), 'wealth': QuantileBinner(), 'born': DatetimeBinner(),
                'label': LabelEncoder(), 'plain': FloatFormatter(), 'raw': None,
            },
        }
    )  # fmt: skip
    hyper.fit(TABLE)
    return hyper


def unmet(transformer, **condition):
    row = pd.DataFrame([condition], index=[17])
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return unmet_conditions(row, transformer.transform_subset(row), transformer)


@pytest.mark.parametrize(
    'condition',
    [
        {'town': 'Vik'},
        {'town': None},
        {'age': 30},
        {'age': 30.0},
        {'wealth': 10.25},
        {'wealth': np.nan},
        {'wealth': 10.2},
        {'born': pd.Timestamp('1970-01-01')},
        {'label': 'q'},
        {'plain': 2.0},
        {'raw': 1.7},
        {'town': 'Ostby', 'age': 50, 'wealth': None, 'label': 'p'},
    ],
    ids=str,
)
def test_what_can_be_drawn_is_met(transformer, condition):
    assert unmet(transformer, **condition) == {}


@pytest.mark.parametrize(
    ('condition', 'messages'),
    [
        ({'town': 'Ås'}, {'town': "town='Ås', but the data has 'Vik', 'Ostby'"}),
        ({'age': 31}, {'age': 'age=31, but the nearest value known from the data is 30'}),
        ({'age': 19}, {'age': 'age=19, but the nearest value known from the data is 20'}),
        ({'age': np.int64(99)}, {'age': 'age=99, but the nearest value known from the data is 50'}),
        ({'age': None}, {'age': 'age=None, but the nearest value known from the data is 20'}),
        ({'wealth': 10.5}, {'wealth': 'wealth=10.5, but the nearest value known from the data is 10.25'}),
        ({'wealth': 0.0}, {'wealth': 'wealth=0.0, but the nearest value known from the data is 0.5'}),
        ({'label': 'r'}, {'label': "label='r', but the nearest value known from the data is 'q'"}),
        ({'raw': None}, {'raw': 'raw is missing, and only its default transformer can tell a model so'}),
        (
            {'town': 'Ås', 'age': 30, 'wealth': -1.0},
            {
                'town': "town='Ås', but the data has 'Vik', 'Ostby'",
                'wealth': 'wealth=-1.0, but the nearest value known from the data is 0.5',
            },
        ),
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_told(transformer, condition, messages):
    if 'label' in condition:  # RDT reads an unseen level as a level at random
        found = unmet(transformer, **condition)
        assert list(found) == ['label']
        assert found['label'].startswith("label='r', but the nearest value known from the data is ")
    else:
        assert unmet(transformer, **condition) == messages


def test_a_float_is_met_within_one_percent(transformer):
    """SDV's own tolerance, on both sides of the value that the transformer knows."""
    assert [bool(unmet(transformer, wealth=200.0 * factor)) for factor in (0.98, 0.991, 1.009, 1.02)] == [
        True, False, False, True
    ]  # fmt: skip


def test_long_lists_of_levels_are_cut():
    table = pd.DataFrame({'level': list('abcdefghijkl')})
    hyper = HyperTransformer()
    hyper.set_config({'sdtypes': {'level': 'categorical'}, 'transformers': {'level': LevelTokenizer()}})
    hyper.fit(table)

    assert unmet(hyper, level='z')['level'].endswith("'g', 'h' and others")


def test_sdv_passes_errors_on_that_say_these_words():
    from sdv.single_table.utils import handle_sampling_error

    with pytest.raises(ValueError, match='the reason'):
        handle_sampling_error(None, ValueError(f'{UNMET}: the reason'))
    with pytest.raises(ValueError, match='Sampling terminated'):
        handle_sampling_error(None, ValueError('the reason'))


def test_what_is_not_met_is_refused_in_words_that_sdv_shows():
    raise_if_unmet({}, ['town'])
    with pytest.raises(FairDistillError, match=f'{UNMET}: no such town; no such age. Condition on'):
        raise_if_unmet({'town': 'no such town', 'age': 'no such age'}, ['town', 'age'])


def test_a_column_that_a_constraint_made_is_left_to_sdv():
    with pytest.raises(ConstraintNotMetError, match='no such pair; no such age'):
        raise_if_unmet({'town#age': 'no such pair', 'age': 'no such age'}, ['town', 'age'])
