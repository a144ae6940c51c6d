"""Places of roles among tokens: a tokenizer of a few rows, and no fit."""

import pandas as pd
import pytest

from sdv_fairdistill.encoding import LevelTokenizer, QuantileBinner, TableTokenizer
from sdv_fairdistill.errors import RoleError
from sdv_fairdistill.plugin.places import MOST_CLASSES, Places
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.table.roles import Roles

ROWS = 60
TABLE = pd.DataFrame(
    {
        'age': [float(number) for number in range(ROWS - 1)] + [None],
        'score': [number % 3 for number in range(ROWS)],
        'sex': ['f', 'm'] * (ROWS // 2),
        'town': ['Vik', 'Moss', 'Bodo'] * (ROWS // 3),
        'y': ['no', 'yes'] * (ROWS // 2),
    }
)
SDTYPES = {'age': 'numerical', 'score': 'numerical', 'sex': 'categorical', 'town': 'categorical', 'y': 'categorical'}


def transformed(table=TABLE, replaced=()):
    """A table and its transformers, without any for the columns that are ``replaced`` by raw numbers."""
    transformers = {}
    for name in table.columns.drop(list(replaced)):
        transformers[name] = QuantileBinner() if SDTYPES.get(name) == 'numerical' else LevelTokenizer()
        table = transformers[name].fit_transform(table, name)
    return table, transformers


def places(roles, joint=None, table=TABLE, replaced=()):
    """Where roles are in a transformed table."""
    return Places(TableTokenizer().fit(*transformed(table, replaced)), roles, SDTYPES, joint or {})


def test_roles_are_found_by_position():
    layout = places(Roles(('sex', 'age'), 'y', 'yes', ('town',))).layout()

    columns = places(Roles()).tokenizer.columns
    assert [columns[place] for place in layout.sensitive] == ['sex', 'age']
    assert (columns[layout.target], [columns[place] for place in layout.admissible]) == ('y', ['town'])
    assert [columns[place] for place in layout.with_missing] == ['age']
    assert dict(zip(columns, layout.ordered, strict=True)) == {
        'age': True, 'score': True, 'sex': False, 'town': False, 'y': False,
    }  # fmt: skip


def test_without_roles_there_are_only_columns():
    layout = places(Roles()).layout()

    assert layout == Layout(layout.cardinalities, layout.ordered, with_missing=layout.with_missing)
    assert len(layout.cardinalities) == len(TABLE.columns)


@pytest.mark.parametrize('values', [3, MOST_CLASSES, MOST_CLASSES + 1])
def test_a_number_of_few_values_is_a_label_of_classes(values):
    table = pd.DataFrame({'score': [number % values for number in range(20 * values)]})

    found = places(Roles((), 'score'), table=table)

    assert found.tokenizer.cardinalities == [values]
    assert found.layout().ordered == (values > MOST_CLASSES,)


def test_a_joint_column_plays_the_role_of_what_it_holds():
    table = TABLE.rename(columns={'sex': 'sex#town'}).drop(columns='town')
    joint = {'sex': 'sex#town', 'town': 'sex#town'}

    found = places(Roles(('sex', 'town'), 'y'), joint, table=table)

    assert found.layout().sensitive == (found.tokenizer.columns.index('sex#town'),)


def test_a_joint_column_plays_one_role_only():
    table = TABLE.rename(columns={'sex': 'sex#town'}).drop(columns='town')
    joint = {'sex': 'sex#town', 'town': 'sex#town'}

    with pytest.raises(RoleError, match='joins columns of different roles'):
        places(Roles(('sex',), 'y', None, ('town',)), joint, table=table).layout()


def test_a_joint_column_is_no_target():
    table = TABLE.rename(columns={'y': 'y#town'})

    with pytest.raises(RoleError, match="target_column names 'y', but a constraint"):
        places(Roles((), 'y'), {'y': 'y#town'}, table=table).layout()


def test_a_column_that_is_gone_is_named():
    with pytest.raises(RoleError, match=r"sensitive_columns names 'town', but .* replaced .*\['age', 'score'"):
        places(Roles(('town',), 'y'), table=TABLE.drop(columns='town')).layout()


def test_levels_as_numbers_play_no_role():
    table = TABLE.assign(sex=TABLE['sex'].map({'f': 0.25, 'm': 0.75}))

    with pytest.raises(RoleError, match='makes numbers of its levels'):
        places(Roles(('sex',), 'y'), replaced=('sex',), table=table).layout()


def test_the_favorable_value_has_a_token():
    found = places(Roles((), 'y', 'yes'))
    column = found.tokenizer.columns.index('y')

    tokens = found.tokenizer.to_tokens(transformed()[0])

    assert ((tokens[:, column] == found.favorable_token()) == (TABLE['y'] == 'yes')).all()


def test_a_favorable_value_among_many_has_no_token_of_its_own():
    table = pd.DataFrame({'score': [number / 7 for number in range(5_000)]})

    with pytest.raises(RoleError, match='not a value of its own'):
        places(Roles((), 'score', 100 / 7), table=table).favorable_token()
