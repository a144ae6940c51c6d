"""Roles that cannot be played: one clear error, or a warning where work can go on, before any training."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sdv.errors import InvalidDataError

from sdv_fairdistill.errors import FairDistillError, RoleError

COLUMNS = {
    'key': {'sdtype': 'id'},
    'other_key': {'sdtype': 'id'},
    'badge': {'sdtype': 'id'},
    'name': {'sdtype': 'name', 'pii': True},
    'note': {'sdtype': 'unknown'},
    'sex': {'sdtype': 'categorical'},
    'race': {'sdtype': 'categorical'},
    'age': {'sdtype': 'numerical'},
    'label': {'sdtype': 'categorical'},
}
AT_ONCE = {
    'unknown sensitive column': ({'sensitive_columns': ['gender']}, "names 'gender', which is not in the metadata"),
    'unknown target': ({'target_column': 'income'}, "names 'income', which is not in the metadata.*'label'"),
    'key': ({'sensitive_columns': ['key']}, "names 'key', which is a key"),
    'alternate key': ({'target_column': 'other_key'}, "names 'other_key', which is a key"),
    'personal data': ({'sensitive_columns': ['sex', 'name']}, "names 'name', whose sdtype is 'name'.*invented"),
    'id': ({'target_column': 'badge'}, "names 'badge', whose sdtype is 'id'"),
    'unknown sdtype': ({'target_column': 'note'}, "names 'note', whose sdtype is 'unknown'"),
    'both roles': ({'sensitive_columns': ['sex', 'label'], 'target_column': 'label'}, "'label' is both target"),
    'twice': ({'sensitive_columns': ['sex', 'sex']}, 'names a column twice'),
    'favorable without target': (
        {'sensitive_columns': ['sex'], 'favorable_value': 'p'}, "favorable_value='p' needs a target_column",
    ),
    'favorable list': ({'target_column': 'label', 'favorable_value': ['p']}, 'is not a single value'),
}  # fmt: skip
BOTH = {'sensitive_columns': ['sex'], 'target_column': 'label'}


def draw(**columns) -> pd.DataFrame:
    rows = np.arange(60)
    table = pd.DataFrame(
        {
            'key': rows,
            'other_key': [f'a{row}' for row in rows],
            'badge': np.resize(['b', 'c'], 60),
            'name': 'Some Body',
            'note': 'n',
            'sex': np.resize(['f', 'm'], 60),
            'race': np.resize(['r', 's', 't'], 60),
            'age': rows,
            'label': np.resize(['p', 'q', 'q'], 60),
        }
    )
    return table.assign(**columns)


@pytest.fixture
def build(tiny, monkeypatch):
    """Makes synthesizers that must not come to train."""
    monkeypatch.setattr('sdv_fairdistill.method.model.FairDistillModel.fit', lambda *_: pytest.fail('it trained'))
    return lambda **roles: tiny.make(tiny.metadata(COLUMNS, 'key', alternate_keys=['other_key']), **roles)


@pytest.mark.parametrize(('roles', 'message'), AT_ONCE.values(), ids=AT_ONCE)
def test_the_constructor_refuses(build, roles, message):
    with pytest.raises(RoleError, match=message):
        build(**roles)


@pytest.mark.parametrize('value', ['f', np.nan])
def test_a_sensitive_column_of_one_value_is_refused(build, value):
    with pytest.raises(InvalidDataError, match=r"'sex' \(sensitive_columns\) has the single value .* in all 60 rows"):
        build(**BOTH).fit({'table': draw(sex=value)})


def test_a_target_of_one_value_is_refused(build):
    with pytest.raises(InvalidDataError, match=r"'label' \(target_column\) has the single value 'p' in all 60 rows"):
        build(**BOTH).fit({'table': draw(label='p')})


def test_every_problem_is_told_at_once_and_nothing_else(build):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warnings.filterwarnings('ignore', 'We strongly recommend saving the metadata')
        with pytest.raises(InvalidDataError) as raised:
            build(**BOTH).fit({'table': draw(sex='f', label='p').head(1)})

    assert len(raised.value.errors) == 2


@pytest.mark.parametrize('favorable', ['P', 1, True])
def test_a_favorable_value_that_never_occurs_is_refused(build, favorable):
    with pytest.raises(InvalidDataError, match=r"never occurs in column 'label', whose values are\s+\['q', 'p'\]"):
        build(**BOTH, favorable_value=favorable).fit({'table': draw()})


def test_a_favorable_value_of_another_type_is_refused(build):
    with pytest.raises(InvalidDataError, match='spelled and typed as in the data'):
        build(sensitive_columns=['sex'], target_column='age', favorable_value='3').fit({'table': draw()})


@pytest.mark.parametrize('verb', ['fit', 'preprocess', 'validate', 'auto_assign_transformers'])
def test_every_way_in_checks_the_data(build, verb):
    with pytest.raises(InvalidDataError, match='single value'):
        getattr(build(**BOTH), verb)({'table': draw(sex='f')})


@pytest.mark.parametrize('verb', ['fit', 'preprocess', 'validate', 'auto_assign_transformers'])
def test_two_columns_of_one_name_are_refused_by_their_name(build, verb):
    table = pd.concat([draw(), draw()[['sex', 'age']]], axis=1)

    with pytest.raises(FairDistillError, match=r"several columns of the same name: \['sex', 'age'\]"):
        getattr(build(**BOTH), verb)({'table': table})


def test_the_error_of_a_role_does_not_deny_that_ids_can_be_learned(tiny):
    columns = {'badge': COLUMNS['badge'], 'name': {'sdtype': 'name', 'pii': False}, 'age': COLUMNS['age']}
    table = draw(name=np.resize(['Al', 'Bo'], 60))[list(columns)]
    rows = tiny.fit(table, columns).sample(40)['table']

    for name in ('badge', 'name'):
        assert set(rows[name]) == set(table[name])
        with pytest.raises(RoleError, match='do not describe it, whether they are learned or invented anew'):
            tiny.make(tiny.metadata(columns), sensitive_columns=[name])


def test_a_refused_synthesizer_stays_unfitted_and_usable(tiny):
    synthesizer = tiny.make(tiny.metadata(COLUMNS, 'key', alternate_keys=['other_key']), **BOTH)
    with pytest.raises(InvalidDataError):
        synthesizer.fit({'table': draw(sex='f')})
    assert not synthesizer.get_info()['is_fit']
    synthesizer.fit({'table': draw()})

    assert len(synthesizer.sample(10)['table']) == 10


def test_small_groups_warn_and_work_goes_on(tiny):
    columns = {name: COLUMNS[name] for name in ('sex', 'race', 'age', 'label')}
    table = draw()[list(columns)]
    table.loc[0, 'sex'] = 'x'
    with pytest.warns(UserWarning, match=r'fewer than 5 rows: x / r \(1 rows\)'):
        synthesizer = tiny.fit(table, columns, sensitive_columns=['sex', 'race'], target_column='label')

    assert set(synthesizer.sample(300)['table']['sex']) == {'f', 'm', 'x'}


def test_groups_of_numbers_do_not_warn(tiny, recwarn):
    columns = {name: COLUMNS[name] for name in ('sex', 'age', 'label')}
    tiny.fit(draw()[list(columns)], columns, sensitive_columns=['age'], target_column='label')

    assert not [warning for warning in recwarn if 'fewer than 5 rows' in str(warning.message)]


def test_missing_values_are_a_group_of_their_own(tiny):
    columns = {name: COLUMNS[name] for name in ('sex', 'age', 'label')}
    table = draw(sex=np.resize(['f', None, 'm'], 60))[list(columns)]
    synthesizer = tiny.fit(table, columns, sensitive_columns=['sex'], target_column='label')

    assert synthesizer._model.groups.count == 3
    assert abs(synthesizer.sample(300)['table']['sex'].isna().mean() - 1 / 3) < 0.01
