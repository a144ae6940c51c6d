"""What is judged: checked tables, roles and held-out rows; what is measured in them stays out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.metrics import Grouping, Schema, Task, keys_of
from sdv_fairdistill.table.roles import Roles
from sdv_fairdistill.table.storage import check_storage

__all__ = ['HOLDOUT', 'REAL', 'SYNTHETIC', 'Case', 'Table']

REAL, SYNTHETIC, HOLDOUT = 'real', 'synthetic', 'holdout'
HELD_OUT = 0.3  # share of the real rows that is held out where none are given
DEFAULT_NAME = 'table'  # SDV's own, for a table without a name

Table: TypeAlias = pd.DataFrame | Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Case:
    """Real rows, copies of them, and what to judge them by.

    Attributes:
        name: Name of the table.
        metadata: The metadata, in the form SDMetrics takes.
        roles: The roles of the columns.
        task: What the models predict, and the groups that are compared.
        real: All the real rows that the copies were made from.
        train: The real rows that models learn from: all of ``real``, or what the split leaves.
        holdout: The real rows that every model is tested on.
        copies: The synthetic rows, by name.
        split: Whether ``holdout`` was split off ``real``, so that whoever made the copies has seen it.
        seed: Decides everything random: the split and the models.
    """

    name: str
    metadata: dict[str, Any]
    roles: Roles
    task: Task
    real: pd.DataFrame
    train: pd.DataFrame
    holdout: pd.DataFrame
    copies: dict[str, pd.DataFrame]
    split: bool
    seed: int

    @classmethod
    def of(
        cls,
        real: Table,
        copies: Mapping[str, Table],
        metadata: Any,
        sensitive_columns: Sequence[str] | str,
        target_column: str,
        favorable_value: Any,
        holdout: Table | None = None,
        seed: int = 0,
    ) -> Case:
        """Checks what a user gives.

        Args:
            real: The real rows, as a DataFrame or as ``{table_name: DataFrame}``.
            copies: Synthetic rows in either form, by name.
            metadata: SDV's metadata of a single table, or their dict.
            sensitive_columns: Columns whose combinations are the groups.
            target_column: The label.
            favorable_value: The label's desired value.
            holdout: Real rows in either form that no synthesizer has seen; None splits them off the real rows.
            seed: Decides everything random.

        Raises:
            RoleError: If a role is missing or cannot be played by its column.
            FairDistillError: If a table is empty or lacks a column, or if the metadata describe several tables.
        """
        name, described = _single_table(metadata)
        roles = _checked_roles(described, sensitive_columns, target_column, favorable_value)
        schema = Schema.of(described)
        rows = _table(REAL, real, name, described)
        problems = roles.problems(rows, described['columns'])
        if problems:
            raise RoleError(' '.join(problems))
        roles = roles.as_in(rows, described['columns'])
        schema.value(roles.target, roles.favorable)
        grouping = Grouping.fit(schema.read(rows), roles.sensitive, schema.quantities, dates=schema.dates)
        task = Task(schema, roles.target, roles.favorable, grouping)
        train, tested = (
            _split(rows, task, seed) if holdout is None else (rows, _table(HOLDOUT, holdout, name, described))
        )
        return cls(
            name=name,
            metadata={'tables': {name: described}},
            roles=roles,
            task=task,
            real=rows,
            train=train,
            holdout=tested,
            copies={kind: _table(kind, copy, name, described) for kind, copy in copies.items()},
            split=holdout is None,
            seed=seed,
        )

    @property
    def rows(self) -> dict[str, int]:
        """Number of rows of every table: ``'real'``, the copies, ``'holdout'``."""
        tables = {REAL: self.real, **self.copies, HOLDOUT: self.holdout}
        return {kind: len(table) for kind, table in tables.items()}

    def table(self, kind: str) -> pd.DataFrame:
        """Gives all rows of ``'real'`` or of a copy."""
        return self.real if kind == REAL else self.copies[kind]

    def learned(self, kind: str) -> pd.DataFrame:
        """Gives the rows that models learn from: of ``'real'`` those that are not held out, or all of a copy."""
        return self.train if kind == REAL else self.copies[kind]


def _single_table(metadata: Any) -> tuple[str, dict[str, Any]]:
    described = metadata if isinstance(metadata, Mapping) else metadata.to_dict()
    tables = described.get('tables', {DEFAULT_NAME: described})
    if len(tables) != 1:
        raise FairDistillError(f'The metadata describe the tables {list(tables)}: give metadata of a single table.')
    name, single = next(iter(tables.items()))
    return str(name), {**single, 'columns': {str(column): about for column, about in single['columns'].items()}}


def _checked_roles(described: dict[str, Any], sensitive: Sequence[str] | str, target: str, favorable: Any) -> Roles:
    sdtypes = {str(name): column['sdtype'] for name, column in described['columns'].items()}
    roles = Roles.of(sdtypes, keys_of(described), sensitive, target, favorable)
    missing = [
        argument
        for argument, given in {
            'sensitive_columns': roles.sensitive,
            'target_column': roles.target,
            'favorable_value': roles.favorable,
        }.items()
        if given is None or (isinstance(given, tuple) and not given)
    ]
    if missing:
        raise RoleError(
            f'{" and ".join(missing)} missing: fairness is judged by how often each group has the desired label. Name'
            " the sensitive columns, the target, and the target's desired value."
        )
    return roles


def _table(kind: str, given: Table, name: str, described: Mapping[str, Any]) -> pd.DataFrame:
    if isinstance(given, Mapping):
        if name not in given:
            raise FairDistillError(f"The {kind} data have the tables {list(given)}, the metadata describe '{name}'.")
        given = given[name]
    if not isinstance(given, pd.DataFrame):
        raise FairDistillError(
            f'The {kind} data are a {type(given).__name__}: give a DataFrame or {{table_name: DataFrame}}.'
        )
    check_storage(given, described['columns'], kind)
    table = given.rename(columns=str).reset_index(drop=True)
    missing = [column for column in Schema.of(described).columns if column not in table]
    if missing:
        raise FairDistillError(f'The {kind} data lack the columns {missing} that the metadata describe.')
    unknown = [column for column in table if column not in described['columns']]
    if unknown:
        warnings.warn(
            f'The {kind} data have the columns {unknown}, which the metadata do not describe: they are left out.',
            stacklevel=2,
        )
        table = table.drop(columns=unknown)
    if table.empty:
        raise FairDistillError(f'The {kind} data have no rows: there is nothing to judge.')
    return table


def _split(real: pd.DataFrame, task: Task, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Holds out a share of the real rows, with the same share of desired labels if that can be."""
    if len(real) < 2:
        raise FairDistillError('The real data have one row: rows cannot be held out of it. Give more rows, or holdout.')
    desired = task.labels(task.schema.read(real))
    counts = np.bincount(desired)
    parts = train_test_split(
        real, test_size=HELD_OUT, random_state=seed, stratify=desired if counts[counts > 0].min() > 1 else None
    )
    return tuple(part.reset_index(drop=True) for part in parts)
