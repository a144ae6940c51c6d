"""Roles and problems read off SDV's metadata, without a synthesizer."""

import numpy as np
import pandas as pd
import pytest
from sdv.metadata import Metadata

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.plugin.metadata import problems_of, rare_groups_of, read_roles, sdtypes_of
from sdv_fairdistill.table.roles import Roles

COLUMNS = {
    'id': {'sdtype': 'id'},
    7: {'sdtype': 'categorical'},
    'age': {'sdtype': 'numerical'},
    'born': {'sdtype': 'datetime'},
    'y': {'sdtype': 'categorical'},
}


def describe(**more):
    """SDV's metadata of one table."""
    columns = {str(name): about for name, about in COLUMNS.items()}
    return Metadata.load_from_dict({'tables': {'people': {'columns': columns, **more}}}).tables['people']


def test_columns_go_by_their_names_as_texts():
    class Described:
        columns = COLUMNS

    assert sdtypes_of(Described) == {
        'id': 'id', '7': 'categorical', 'age': 'numerical', 'born': 'datetime', 'y': 'categorical',
    }  # fmt: skip


@pytest.mark.parametrize('more', [{'primary_key': 'id'}, {'alternate_keys': ['id']}], ids=['primary', 'alternate'])
def test_a_key_plays_no_role(more):
    described = describe(**more)

    with pytest.raises(RoleError, match="'id', which is a key"):
        read_roles(described, sdtypes_of(described), ['id'], 'y', None, None)


def test_what_the_user_gave_becomes_roles():
    described = describe(primary_key='id')

    roles = read_roles(described, sdtypes_of(described), [7, 'age'], 'y', 'yes', 'born')

    assert roles == Roles(('7', 'age'), 'y', 'yes', ('born',))


def test_an_alternate_key_alone_is_a_problem_beside_those_of_the_roles():
    described, table = describe(alternate_keys=['id']), pd.DataFrame({'7': ['a', 'a'], 'y': ['no', 'yes']})

    found = problems_of(table, Roles(('7',), 'y'), described, sdtypes_of(described))

    assert len(found) == 2
    assert 'single value' in found[0]
    assert "alternate keys ['id'] but no primary key" in found[1]
    both = describe(primary_key='id', alternate_keys=['7'])
    assert problems_of(table[['y']], Roles(('7',), 'y'), both, sdtypes_of(both)) == []


def test_only_numbers_must_be_finite():
    described = describe(primary_key='id')
    sdtypes = sdtypes_of(described)

    with pytest.raises(FairDistillError, match=r"'age'.*infinite"):
        problems_of(pd.DataFrame({'age': [1.0, np.inf]}), Roles(), described, sdtypes)
    assert problems_of(pd.DataFrame({'y': [1.0, np.inf], 'other': [np.inf, 1]}), Roles(), described, sdtypes) == []


def test_groups_of_numbers_and_dates_are_never_rare():
    table = pd.DataFrame({'7': ['a', 'b', 'b', 'b', 'b', 'b'], 'age': range(6), 'born': pd.Timestamp(0)})

    assert rare_groups_of(table, Roles(('7', 'age', 'born')), sdtypes_of(describe())) == ['a (1 rows)']
    assert rare_groups_of(table, Roles(('age', 'born')), sdtypes_of(describe())) == []
