"""What SDV's metadata say of a table: sdtypes, the roles that columns can play, and whether rows fit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sdv_fairdistill.encoding import QuantileBinner, check_finite
from sdv_fairdistill.table.roles import Roles

__all__ = ['problems_of', 'rare_groups_of', 'read_roles', 'sdtypes_of']

ORDERED = ('numerical', 'datetime')  # sdtypes whose groups are quantile bins


def sdtypes_of(described: Any) -> dict[str, str]:
    """Gives the sdtype of every column, by its name as text.

    Args:
        described: SDV's metadata of a single table.
    """
    return {str(name): column['sdtype'] for name, column in described.columns.items()}


def read_roles(
    described: Any,
    sdtypes: Mapping[str, str],
    sensitive: Sequence[Any] | str | None,
    target: Any,
    favorable: Any,
    admissible: Sequence[Any] | str | None,
) -> Roles:
    """Checks what the user gave as roles; see :meth:`Roles.of`.

    Args:
        described: SDV's metadata of a single table, for its keys.
        sdtypes: The sdtype of every column.
        sensitive: The sensitive columns.
        target: The target column.
        favorable: The target's desired value.
        admissible: The admissible columns.

    Raises:
        RoleError: If a role cannot be played.
    """
    keys = {str(key) for key in described._get_primary_and_alternate_keys()}
    return Roles.of(sdtypes, keys, sensitive, target, favorable, admissible)


def problems_of(table: pd.DataFrame, roles: Roles, described: Any, sdtypes: Mapping[str, str]) -> list[str]:
    """Lists why a table cannot be learned, each as a message.

    Args:
        table: The rows, with columns named by texts.
        roles: The roles of its columns.
        described: SDV's metadata of the table.
        sdtypes: The sdtype of every column.

    Raises:
        FairDistillError: If a number is infinite.
    """
    problems = roles.problems(table, described.columns)
    if described.alternate_keys and not described.primary_key:
        problems.append(
            f'The metadata has the alternate keys {described.alternate_keys} but no primary key, and SDV cannot make'
            ' the one without the other. Name one of them as the primary key.'
        )
    for name, values in table.items():
        if sdtypes.get(name) == 'numerical':
            check_finite(name, QuantileBinner().floats(values))
    return problems


def rare_groups_of(table: pd.DataFrame, roles: Roles, sdtypes: Mapping[str, str]) -> list[str]:
    """Lists the groups with only a handful of rows, as texts; see :meth:`Roles.rare_groups`."""
    return roles.rare_groups(table, {name for name, sdtype in sdtypes.items() if sdtype in ORDERED})
