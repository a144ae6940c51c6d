"""Roles: what the user names, checked against the metadata and then against the data."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.table.roles import Roles

SDTYPES = {
    'sex': 'categorical',
    'race': 'ordinal',
    'vote': 'boolean',
    'age': 'numerical',
    'born': 'datetime',
    'badge': 'id',
    'mail': 'email',
    '3': 'categorical',
}


def roles_of(sensitive=None, target=None, favorable=None):
    return Roles.of(SDTYPES, {'badge'}, sensitive, target, favorable)


@pytest.mark.parametrize(
    ('given', 'names'),
    [
        (None, ()),
        ([], ()),
        ('sex', ('sex',)),
        (['sex', 'age'], ('sex', 'age')),
        (('race', 'sex'), ('race', 'sex')),
        (pd.Index(['vote', 'born']), ('vote', 'born')),
        (np.array(['sex']), ('sex',)),
        (3, ('3',)),
        ([3, 'sex'], ('3', 'sex')),
    ],
)
def test_sensitive_columns_are_read_in_any_form(given, names):
    assert roles_of(given).sensitive == names


@pytest.mark.parametrize('name', ['sex', 'race', 'vote', 'age', 'born'])
def test_any_column_that_is_learned_can_play_a_role(name):
    assert roles_of([name]).sensitive == (name,)
    assert roles_of(target=name).target == name


def test_roles_are_named_by_their_arguments():
    roles = roles_of(['sex', 'age'], 'vote')

    assert roles.named() == [('sensitive_columns', 'sex'), ('sensitive_columns', 'age'), ('target_column', 'vote')]
    assert Roles().named() == []


@pytest.mark.parametrize(
    ('sensitive', 'target', 'favorable', 'message'),
    [
        (
            ['gender'],
            None,
            None,
            r"sensitive_columns names 'gender', which is not in the metadata. Its columns are \['sex'",
        ),
        (None, 'income', None, "target_column names 'income'"),
        (['badge'], None, None, "'badge', which is a key"),
        (['mail'], None, None, "'mail', whose sdtype is 'email'.*boolean, categorical, datetime, numerical, ordinal"),
        (['sex', 'sex'], None, None, 'names a column twice'),
        (['3', 3], None, None, 'names a column twice'),
        (['sex'], 'sex', None, 'give it one of the two roles'),
        (['sex'], None, 'yes', "favorable_value='yes' needs a target_column"),
        (['sex'], 'vote', [True], 'is not a single value'),
        (['sex'], 'vote', float('nan'), 'is a missing value, and no desired one'),
    ],
)
def test_roles_that_cannot_be_played_are_refused(sensitive, target, favorable, message):
    with pytest.raises(RoleError, match=message) as raised:
        roles_of(sensitive, target, favorable)

    assert isinstance(raised.value, FairDistillError)
    assert type(raised.value)('text').args == ('text',)  # SDV makes errors anew from one text


@pytest.mark.parametrize('favorable', [False, 0, '', None])
def test_a_favorable_value_may_be_falsy(favorable):
    assert roles_of(['sex'], 'vote', favorable).favorable == favorable


def test_a_table_that_differs_has_no_problems():
    table = pd.DataFrame({'sex': ['f', None], 'vote': [True, False]})

    assert roles_of(['sex'], 'vote', True).problems(table) == []


def test_columns_that_are_missing_or_empty_are_no_problem_of_the_roles():
    assert roles_of(['sex'], 'vote', True).problems(pd.DataFrame({'age': [1]})) == []
    assert roles_of(['sex'], 'vote').problems(pd.DataFrame({'sex': [], 'vote': []})) == []


@pytest.mark.parametrize('value', ['f', None, np.nan])
def test_single_values_are_a_problem_each(value):
    problems = roles_of(['sex', 'race'], 'vote').problems(
        pd.DataFrame({'sex': [value] * 3, 'race': ['a', 'b', 'b'], 'vote': [True] * 3})
    )

    assert [problem.split(')')[0] for problem in problems] == [
        "Column 'sex' (sensitive_columns", "Column 'vote' (target_column"
    ]  # fmt: skip
    assert 'in all 3 rows' in problems[0]


@pytest.mark.parametrize(
    ('values', 'favorable', 'found'),
    [
        (['yes', 'no'], 'yes', True),
        (['yes', 'no'], 'Yes', False),
        ([1, 0], 1, True),
        ([1, 0], '1', False),
        ([1.0, np.nan], 1, True),
        ([True, False], 1, True),
        (pd.Categorical(['yes', 'no']), 'yes', True),
        (pd.Categorical(['yes', 'no']), 'perhaps', False),
        (pd.array([True, None], dtype='boolean'), False, False),
        (pd.to_datetime(['2000-01-01', '2001-01-01']), pd.Timestamp('2001-01-01'), True),
        (['yes', None], None, True),
    ],
)
def test_the_favorable_value_must_occur(values, favorable, found):
    problems = roles_of(target='vote', favorable=favorable).problems(pd.DataFrame({'vote': values}))

    assert bool(problems) != found
    assert found or 'never occurs' in problems[0]


def test_a_long_list_of_values_is_cut():
    problem = roles_of(target='sex', favorable='x').problems(pd.DataFrame({'sex': list('abcdefghijkl')}))[0]

    assert "'h'] and others" in problem
    assert "'i'" not in problem


def test_rare_groups_are_combinations_with_fewer_than_five_rows():
    table = pd.DataFrame({'sex': ['f'] * 9 + ['m'], 'race': ['a'] * 4 + ['b'] * 5 + [None]})

    assert roles_of(['sex']).rare_groups(table, set()) == ['m (1 rows)']
    assert roles_of(['sex', 'race']).rare_groups(table, set()) == ['f / a (4 rows)', 'm / (missing) (1 rows)']
    assert roles_of(['sex', 'race']).rare_groups(table, {'race'}) == ['m (1 rows)']
    assert roles_of(['sex']).rare_groups(table, {'sex'}) == []
    assert roles_of(target='sex').rare_groups(table, set()) == []


def test_levels_of_a_category_that_do_not_occur_are_no_groups():
    table = pd.DataFrame({'sex': pd.Categorical(['f'] * 6, categories=['f', 'm'])})

    assert roles_of(['sex']).rare_groups(table, set()) == []


@pytest.mark.parametrize(
    ('roles', 'expected'),
    [
        (Roles(('sex',), 'y'), ''),
        (Roles(('sex',)), 'No target_column is given: the latent space is kept independent'),
        (Roles((), 'y'), 'No sensitive_columns are given: this is a plain synthesizer'),
        (Roles(), 'Neither sensitive_columns nor target_column are given: this is a plain synthesizer'),
    ],
)
def test_what_is_lacking_is_said(roles, expected):
    assert roles.lacking.startswith(expected)
    assert bool(roles.lacking) == bool(expected)
