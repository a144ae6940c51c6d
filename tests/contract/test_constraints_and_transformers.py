"""What users put between their data and the model: SDV's constraints, and RDT's transformers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdt.transformers import (
    AnonymizedFaker,
    BinaryEncoder,
    FloatFormatter,
    GaussianNormalizer,
    LabelEncoder,
    OneHotEncoder,
    PseudoAnonymizedFaker,
    UniformEncoder,
    UnixTimestampEncoder,
)
from sdv.cag import FixedCombinations, FixedIncrements, Inequality, OneHotEncoding, Range
from sdv.errors import SynthesizerInputError
from sdv.sampling import Condition

from sdv_fairdistill.encoding import DatetimeBinner, LevelTokenizer, QuantileBinner
from sdv_fairdistill.errors import FairDistillError, RoleError

ROLES = {'sensitive_columns': ['sex', 'race'], 'target_column': 'label'}
NUMBERS = ('low', 'middle', 'high', 'a', 'b', 'c', 'step')
CITIES = {'no': 'Oslo', 'se': 'Lund', 'dk': 'Odense'}
CONSTRAINTS = {
    'inequality': Inequality('low', 'middle'),
    'range': Range('low', 'middle', 'high'),
    'fixed combinations': FixedCombinations(['country', 'city']),
    'one hot': OneHotEncoding(['a', 'b', 'c']),
    'fixed increments': FixedIncrements('step', 5),
}
MET = {
    'inequality': {'low': 10, 'middle': 12, 'sex': 'f'},
    'range': {'low': 10, 'middle': 12, 'high': 15},
    'fixed combinations': {'country': 'se', 'city': 'Lund', 'label': 'q'},
    'one hot': {'a': 0, 'b': 1, 'c': 0},
    'fixed increments': {'step': 10},
}


@pytest.fixture(scope='module')
def table():
    rows, size = np.random.default_rng(1), 120
    low = np.resize(np.arange(50), size)
    chosen = np.eye(3, dtype=int)[rows.integers(0, 3, size)]
    frame = pd.DataFrame(
        {
            'sex': rows.choice(['f', 'm'], size),
            'race': rows.choice(['r', 's', 't'], size),
            'low': low,
            'middle': low + np.resize([1, 2, 3], size),
            'country': rows.choice(list(CITIES), size),
            'a': chosen[:, 0],
            'b': chosen[:, 1],
            'c': chosen[:, 2],
            'step': 5 * rows.integers(0, 9, size),
            'label': rows.choice(['p', 'q'], size),
        }
    )
    return frame.assign(high=frame['middle'] + np.resize([2, 3, 4, 5], size), city=frame['country'].map(CITIES))


@pytest.fixture
def constrained(tiny, table):
    def make(*constraints: Any, **roles: Any) -> Any:
        columns = {name: {'sdtype': 'numerical' if name in NUMBERS else 'categorical'} for name in table}
        synthesizer = tiny.make(tiny.metadata(columns), **(roles or ROLES))
        synthesizer.add_constraints(list(constraints))
        return synthesizer

    return make


@pytest.mark.parametrize('name', CONSTRAINTS)
def test_a_constraint_holds_and_takes_conditions(constrained, table, name, monkeypatch):
    synthesizer = constrained(CONSTRAINTS[name])
    synthesizer.fit({'table': table.copy()})
    rows = synthesizer.sample(60)['table']

    synthesizer.validate_constraints(rows)
    pd.testing.assert_index_equal(rows.columns, table.columns)
    assert type(rows.index) is pd.RangeIndex
    assert not rows.isna().any(axis=None)
    assert len(synthesizer.get_fair_representation(table.drop(columns='label'))) == len(table)
    calls, draw = [], synthesizer._sample
    monkeypatch.setattr(synthesizer, '_sample', lambda *given: calls.append(given) or draw(*given))
    met = synthesizer.sample_from_conditions([Condition(MET[name], num_rows=6)])['table']
    assert len(met) == 6
    assert all((met[column] == value).all() for column, value in MET[name].items())
    assert len(calls) == 1


def test_constraints_come_together(constrained, table):
    synthesizer = constrained(*(CONSTRAINTS[name] for name in CONSTRAINTS if name != 'inequality'))
    synthesizer.fit({'table': table.copy()})
    synthesizer.set_fairness(dial=0.5)

    synthesizer.validate_constraints(synthesizer.sample(50, batch_size=20)['table'])


def test_add_constraints_keeps_our_transformers(constrained, table):
    synthesizer = constrained(CONSTRAINTS['inequality'])
    synthesizer.auto_assign_transformers({'table': table.copy()})

    kinds = {type(transformer) for transformer in synthesizer.get_transformers().values()}
    assert kinds == {LevelTokenizer, QuantileBinner}


@pytest.mark.parametrize(
    ('constraint', 'roles', 'message'),
    [
        (FixedCombinations(['country', 'label']), ROLES, "target_column names 'label'"),
        (
            Inequality('low', 'middle'),
            {'target_column': 'low', 'sensitive_columns': ['sex']},
            "target_column names 'low'",
        ),
        (FixedIncrements('step', 5), {'sensitive_columns': ['step']}, "sensitive_columns names 'step'"),
        (OneHotEncoding(['a', 'b', 'c']), {'sensitive_columns': ['b']}, "sensitive_columns names 'b'"),
    ],
)
def test_a_constraint_that_takes_a_role_away_is_refused_before_training(
    constrained, table, monkeypatch, constraint, roles, message
):
    monkeypatch.setattr('sdv_fairdistill.method.model.FairDistillModel.fit', lambda *_: pytest.fail('it trained'))
    with pytest.raises(RoleError, match=f'{message}, but a constraint or a transformer has replaced that column'):
        constrained(constraint, **roles).fit({'table': table.copy()})


def test_fixed_combinations_may_hold_sensitive_columns(constrained, table):
    synthesizer = constrained(FixedCombinations(['sex', 'race']), **{**ROLES, 'sensitive_columns': ['sex', 'race']})
    synthesizer.fit({'table': table.copy()})
    known = set(table[['sex', 'race']].itertuples(index=False, name=None))

    assert len(synthesizer._model.layout.sensitive) == 1  # the joint column plays the role of both
    assert synthesizer._model.groups.count == len(known)
    rows = synthesizer.sample(200)['table']
    assert set(rows[['sex', 'race']].itertuples(index=False, name=None)) == known
    condition = table[['sex', 'race']].iloc[3].to_dict()
    met = synthesizer.sample_from_conditions([Condition(condition, num_rows=5)])['table']
    assert met[['sex', 'race']].drop_duplicates().to_dict('records') == [condition]


def test_a_constraint_that_joins_roles_is_refused(constrained, table):
    roles = {**ROLES, 'sensitive_columns': ['sex'], 'admissible_columns': ['race'], 'notion': 'conditional_parity'}
    with pytest.raises(RoleError, match='A constraint joins columns of different roles into one'):
        constrained(FixedCombinations(['sex', 'race']), **roles).fit({'table': table.copy()})


def test_conditions_that_break_a_constraint_are_refused_at_once(constrained, table):
    synthesizer = constrained(CONSTRAINTS['fixed combinations'], CONSTRAINTS['fixed increments'])
    synthesizer.fit({'table': table.copy()})
    for condition in ({'country': 'se', 'city': 'Oslo', 'step': 5}, {'country': 'se', 'city': 'Lund', 'step': 6}):
        with pytest.raises(Exception, match='Sampling terminated') as raised:
            synthesizer.sample_from_conditions([Condition(condition, num_rows=5)])
        assert 'not valid for the given constraints' in str(raised.value.__cause__)
    with pytest.raises(FairDistillError, match="sex='other'"):
        synthesizer.sample_from_conditions([Condition({'country': 'se', 'city': 'Lund', 'sex': 'other'}, num_rows=5)])


def test_a_missing_column_of_a_constraint_is_named(constrained, table):
    synthesizer = constrained(CONSTRAINTS['range'])
    synthesizer.fit({'table': table.copy()})

    with pytest.raises(FairDistillError, match=r"lack the columns \['middle'\]"):
        synthesizer.get_fair_representation(table.drop(columns='middle'))


def refit(tiny: Any, people: pd.DataFrame, transformers: dict[str, Any], **roles: Any) -> Any:
    """A synthesizer of the people with some transformers replaced."""
    synthesizer = tiny.people(**roles)
    synthesizer.auto_assign_transformers({'table': people.copy()})
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Replacing the default transformer|Unable to turn off rounding')
        synthesizer.update_transformers(transformers)
    synthesizer.fit({'table': people.copy()})
    return synthesizer


def test_transformers_are_ours_by_default(fitted):
    transformers = fitted.get_transformers()

    assert list(transformers) == list(fitted.get_metadata().tables['table'].columns)
    assert {name: type(transformers[name]) for name in ('sex', 'owner', 'grade', 'badge')} == dict.fromkeys(
        ('sex', 'owner', 'grade', 'badge'), LevelTokenizer
    )
    assert {type(transformers[name]) for name in ('age', 'wealth')} == {QuantileBinner}
    assert {type(transformers[name]) for name in ('joined', 'seen')} == {DatetimeBinner}


@pytest.mark.parametrize(
    ('transformers', 'conditions'),
    [
        (
            {'wealth': GaussianNormalizer(), 'town': UniformEncoder(), 'owner': None, 'joined': None},
            [{'wealth': 12.34}, {'town': 'Vik'}, {'town': None}, {'owner': True}],
        ),
        (
            {
                'wealth': FloatFormatter(missing_value_generation='from_column'),
                'town': LabelEncoder(),
                'owner': BinaryEncoder(missing_value_generation='from_column'),
                'joined': UnixTimestampEncoder(datetime_format='%d.%m.%Y'),
            },
            [{'wealth': 12.34}, {'wealth': None}, {'town': 'Vik'}, {'owner': False}, {'joined': '01.02.1970'}],
        ),
        (
            {
                'wealth': None,
                'age': FloatFormatter(),
                'town': OneHotEncoder(),
                'badge': AnonymizedFaker(),
                'seen': None,
            },
            [{'wealth': 12.34}, {'age': 40}, {'town': 'Ås', 'sex': 'male'}],
        ),
        (
            {'name': PseudoAnonymizedFaker(provider_name='person', function_name='name'), 'town': None},
            [{'town': 'Vik'}],
        ),
    ],
)
def test_replaced_transformers_fit_sample_and_take_conditions(tiny, people, transformers, conditions):
    synthesizer = refit(tiny, people, transformers)
    rows = synthesizer.sample(40)['table']

    pd.testing.assert_series_equal(rows.dtypes, people.dtypes)
    assert set(rows['town'].dropna()) <= {'Ostby', 'Vik', 'Ås'}
    assert rows['wealth'].dropna().between(people['wealth'].min(), people['wealth'].max()).all()
    assert {name: synthesizer.get_transformers()[name] for name in transformers} == transformers
    assert len(synthesizer.get_fair_representation(people.drop(columns='income'))) == len(people)
    for condition in conditions:
        met = synthesizer.sample_from_conditions([Condition(condition, num_rows=3)])['table']
        assert len(met) == 3
        for name, value in condition.items():
            assert (met[name].isna() if value is None else met[name] == value).all()


@pytest.mark.parametrize('column', ['town', 'wealth'])
def test_a_missing_condition_on_a_raw_column_is_refused(tiny, people, column):
    """SDV groups by the condition, and would lose the rows without a word."""
    synthesizer = refit(tiny, people, {'town': None, 'wealth': None})

    with pytest.raises(FairDistillError, match=f'{column} is missing, and only its default transformer'):
        synthesizer.sample_from_conditions([Condition({column: None}, num_rows=3)])
    with pytest.raises(FairDistillError, match=f'{column} is missing'):
        synthesizer.sample_remaining_columns(pd.DataFrame({column: [None, people[column].dropna().iloc[0]]}))


@pytest.mark.parametrize('column', ['sex', 'income'])
@pytest.mark.parametrize('transformer', [UniformEncoder(), LabelEncoder(), OneHotEncoder()], ids=lambda one: str(one))
def test_a_role_keeps_its_levels_or_is_refused_before_training(tiny, people, column, transformer, monkeypatch):
    monkeypatch.setattr('sdv_fairdistill.method.model.FairDistillModel.fit', lambda *_: pytest.fail('it trained'))
    with pytest.raises(RoleError, match=f"names '{column}'.*default"):
        refit(tiny, people, {column: type(transformer)()})


def test_a_role_may_be_left_raw(tiny, people):
    synthesizer = refit(tiny, people, {'sex': None, 'income': None})
    rows = synthesizer.sample(60)['table']

    assert set(rows['sex']) == {'female', 'male'}
    assert set(rows['income']) == {'high', 'low'}
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        synthesizer.get_fair_representation(people.drop(columns='income'))


def test_a_numeric_target_may_have_another_transformer(tiny, people):
    synthesizer = refit(tiny, people, {'age': FloatFormatter()}, target_column='age', favorable_value=None)

    assert synthesizer.sample(20)['table']['age'].between(18, 80).all()


def test_keys_refuse_transformers_as_elsewhere(fitted, ctgan):
    for synthesizer in (fitted, ctgan):
        with pytest.raises(SynthesizerInputError, match='is a key'):
            synthesizer.update_transformers({'person': LabelEncoder()})


def test_transformers_need_data_as_elsewhere(tiny):
    with pytest.raises(ValueError, match='No transformers were returned'):
        tiny.people().get_transformers()
