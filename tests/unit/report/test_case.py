"""What is judged: forms of tables, the split of its own, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.report import Case

from .conftest import METADATA, ROLES, draw_people

ARGUMENTS = tuple(ROLES.values())


def test_plain_tables_and_dicts_of_tables_are_the_same_case():
    real, copy = draw_people(60, 1), draw_people(50, 2)
    plain = Case.of(real, {'copy': copy}, METADATA, *ARGUMENTS, holdout=real)
    wrapped = Case.of({'people': real}, {'copy': {'people': copy}}, METADATA, *ARGUMENTS, holdout={'people': real})
    pd.testing.assert_frame_equal(plain.real, wrapped.real)
    pd.testing.assert_frame_equal(plain.copies['copy'], wrapped.copies['copy'])
    assert plain.rows == wrapped.rows == {'real': 60, 'copy': 50, 'holdout': 60}
    assert not plain.split


def test_metadata_of_a_table_alone_are_taken():
    assert Case.of(draw_people(60, 1), {}, METADATA['tables']['people'], *ARGUMENTS).name == 'table'


def test_without_held_out_rows_some_are_split_off():
    real = draw_people(200, 1)
    case = Case.of(real, {}, METADATA, *ARGUMENTS, seed=5)
    assert case.split
    assert len(case.holdout) == 60
    assert sorted([*case.train['row'], *case.holdout['row']]) == sorted(real['row'])
    pd.testing.assert_frame_equal(case.real, real)
    shares = [(table['hired'] == 'yes').mean() for table in (case.train, case.holdout)]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)
    again, other = (Case.of(real, {}, METADATA, *ARGUMENTS, seed=seed).holdout for seed in (5, 6))
    pd.testing.assert_frame_equal(case.holdout, again)
    assert not case.holdout.equals(other)


def test_one_desired_label_is_split_too():
    real = draw_people(40, 1).assign(hired=['yes'] + ['no'] * 39)
    assert len(Case.of(real, {}, METADATA, *ARGUMENTS).holdout) == 12


@pytest.mark.parametrize(
    ('real', 'copy', 'expected'),
    [
        (draw_people(60, 1).head(0), draw_people(60, 2), 'real data'),
        (draw_people(60, 1), draw_people(60, 2).head(0), 'copy data have no rows'),
        (draw_people(60, 1), [1, 2], 'copy data are a list'),
        (draw_people(60, 1), draw_people(60, 2).drop(columns='skill'), r"copy data lack the columns \['skill'\]"),
    ],
)
def test_tables_that_cannot_be_judged_are_refused(real, copy, expected):
    with pytest.raises(FairDistillError, match=expected):
        Case.of(real, {'copy': copy}, METADATA, *ARGUMENTS)


def test_missing_roles_and_several_tables_are_refused():
    with pytest.raises(RoleError, match='sensitive_columns missing'):
        Case.of(draw_people(60, 1), {}, METADATA, [], 'hired', 'yes')
    several = {'tables': {**METADATA['tables'], 'others': METADATA['tables']['people']}}
    with pytest.raises(FairDistillError, match='single table'):
        Case.of(draw_people(60, 1), {}, several, *ARGUMENTS)
