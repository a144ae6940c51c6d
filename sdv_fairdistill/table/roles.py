"""The roles of columns — sensitive, target, favorable value — and every check of them. No SDV, no tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import RoleError
from sdv_fairdistill.table.naming import JOINT, MISSING, names_of
from sdv_fairdistill.table.numbers import floats_of, is_narrow
from sdv_fairdistill.table.values import level_index, rows_with

__all__ = ['Roles']

SDTYPES = ('boolean', 'categorical', 'datetime', 'numerical', 'ordinal')
FEW_ROWS = 5  # rows of a group below which its label rate says nothing; the repair then leans on the other groups
SHOWN = 8  # values that a message lists


@dataclass(frozen=True)
class Roles:
    """Which columns are sensitive, which is the target, and which of its values is the desired one.

    Attributes:
        sensitive: Names of the sensitive columns.
        target: Name of the target column; None without one.
        favorable: The target's desired value; None if it was not said.
        admissible: Names of the columns through which the label may depend on the group.
    """

    sensitive: tuple[str, ...] = ()
    target: str | None = None
    favorable: Any = None
    admissible: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Mapping[str, str],
        keys: set[str],
        sensitive: Sequence[Any] | str | None,
        target: Any,
        favorable: Any,
        admissible: Sequence[Any] | str | None = None,
    ) -> Roles:
        """Checks roles against a table's columns.

        Args:
            columns: SDV's sdtype of every column.
            keys: Columns that are keys.
            sensitive: What the user gave as ``sensitive_columns``; one name stands for a list of it.
            target: What the user gave as ``target_column``.
            favorable: What the user gave as ``favorable_value``.
            admissible: What the user gave as ``admissible_columns``.

        Raises:
            RoleError: If a role cannot be played.
        """
        target = None if target is None else str(target)
        roles = cls(_names(sensitive), target, favorable, _names(admissible))
        for role, names in (('sensitive_columns', roles.sensitive), ('admissible_columns', roles.admissible)):
            if len(set(names)) < len(names):
                raise RoleError(f'{role} names a column twice: {list(names)}. Name each once.')
        for role, name in roles.named():
            _check_column(role, name, columns, keys)
        if roles.target in roles.sensitive:
            raise RoleError(
                f"Column '{roles.target}' is both target_column and one of sensitive_columns {list(roles.sensitive)}."
                ' A label cannot be made independent of itself: give it one of the two roles.'
            )
        both = {*roles.sensitive, roles.target} & set(roles.admissible)
        if both:
            raise RoleError(
                f'admissible_columns names {sorted(both)}, which is sensitive or the target. Admissible are other'
                ' columns, through which the label may depend on the group.'
            )
        if favorable is not None and roles.target is None:
            raise RoleError(f'favorable_value={favorable!r} needs a target_column: name the column whose value it is.')
        if not pd.api.types.is_scalar(favorable):
            raise RoleError(
                f'favorable_value={favorable!r} is not a single value: name one value of the target column.'
            )
        if favorable is not None and pd.isna(favorable):
            raise RoleError(
                f'favorable_value={favorable!r} is a missing value, and no desired one. Name a value of column'
                f" '{roles.target}', or give its missing values a level of their own."
            )
        return roles

    def named(self) -> list[tuple[str, str]]:
        """Gives pairs of an argument's name and a column's name."""
        target = [] if self.target is None else [('target_column', self.target)]
        admissible = [('admissible_columns', name) for name in self.admissible]
        return [('sensitive_columns', name) for name in self.sensitive] + target + admissible

    @property
    def lacking(self) -> str:
        """Says which roles are not given, and what then is not made fair; empty if nothing is lacking."""
        if self.sensitive and self.target is not None:
            return ''
        if self.sensitive:
            return (
                'No target_column is given: the latent space is kept independent of the sensitive columns, but no label'
                ' is repaired, and the dial does nothing.'
            )
        given = 'Neither sensitive_columns nor target_column are' if self.target is None else 'No sensitive_columns are'
        return f'{given} given: this is a plain synthesizer, nothing is made fair, and the dial does nothing.'

    def problems(self, table: pd.DataFrame, columns: Mapping[Any, Mapping[str, Any]] | None = None) -> list[str]:
        """Lists why a table cannot be learned with these roles, each as a message.

        Args:
            table: The rows; columns may be missing.
            columns: SDV's description of each column, by name; without them values are levels.
        """
        found = []
        for role, name in self.named():
            if name in self.admissible:
                continue
            if name in table and table[name].nunique(dropna=False) == 1:
                found.append(
                    f"Column '{name}' ({role}) has the single value {table[name].iloc[0]!r} in all {len(table)} rows:"
                    ' there is nothing to compare. Leave it out of the roles, or fit on rows that differ in it.'
                )
        if self.favorable is not None and self.target in table and not found:
            values = table[self.target]
            held = values[self.are_favorable(values, _about(self.target, columns or {}))]
            present = f'{values.value_counts(dropna=False).index[:SHOWN].tolist()}'
            present += ' and others' if values.nunique(dropna=False) > SHOWN else ''
            if held.empty:
                found.append(
                    f"favorable_value={self.favorable!r} never occurs in column '{self.target}', whose values are"
                    f' {present}. Name one of them, spelled and typed as in the data.'
                )
            elif held.nunique() > 1 and pd.api.types.is_integer_dtype(held.infer_objects().dtype):
                found.append(
                    f"favorable_value={self.favorable!r} is one of several values in column '{self.target}' that are"
                    f' the same as floats, as which numbers are learned: {present}. Give the column sdtype'
                    " 'categorical'."
                )
        return found

    def as_in(self, table: pd.DataFrame, columns: Mapping[Any, Mapping[str, Any]]) -> Roles:
        """Gives the roles with the desired value spelled and typed as a table has it; as it is, if it is not there.

        Args:
            table: The rows.
            columns: SDV's description of each column, by name.
        """
        if self.favorable is None or self.target not in table:
            return self
        labels = table[self.target]
        held = labels[self.are_favorable(labels, _about(self.target, columns))].head(1)
        if is_narrow(labels.dtype):
            held = pd.Series(floats_of(held))
        return replace(self, favorable=held.astype(object).iloc[0]) if len(held) else self

    def are_favorable(self, labels: pd.Series, about: Mapping[str, Any]) -> np.ndarray:
        """Tells which labels ``(rows,)`` are the desired one, however it was spelled; missing ones are not.

        Args:
            labels: The target column.
            about: SDV's description of it.
        """
        return rows_with(labels, self.favorable, about.get('sdtype', 'categorical'), about.get('datetime_format'))

    def rare_groups(self, table: pd.DataFrame, numerical: set[str]) -> list[str]:
        """Lists combinations of sensitive values with only a handful of rows, as text; numbers are left out.

        Args:
            table: The rows.
            numerical: Columns of numbers or dates, whose groups are quantile bins and never small.
        """
        columns = [name for name in self.sensitive if name in table and name not in numerical]
        if not columns:
            return []
        parts = [pd.factorize(level_index(table[name].where(table[name].notna(), None))) for name in columns]
        names = [[*names_of(levels, to_join=len(columns) > 1), MISSING] for _, levels in parts]
        groups, counts = np.unique(np.stack([places for places, _ in parts]), axis=1, return_counts=True)
        named = [JOINT.join(name[place] for name, place in zip(names, group, strict=True)) for group in groups.T]
        return [f'{name} ({size} rows)' for name, size in zip(named, counts, strict=True) if size < FEW_ROWS]


def _about(name: str, columns: Mapping[Any, Mapping[str, Any]]) -> Mapping[str, Any]:
    return {str(label): about for label, about in columns.items()}.get(name, {})


def _check_column(role: str, name: str, columns: Mapping[str, str], keys: set[str]) -> None:
    if name not in columns:
        raise RoleError(f"{role} names '{name}', which is not in the metadata. Its columns are {list(columns)}.")
    if name in keys:
        raise RoleError(
            f"{role} names '{name}', which is a key: its values say which row it is and are never learned."
            ' Name a column that describes the row.'
        )
    if columns[name] not in SDTYPES:
        raise RoleError(
            f"{role} names '{name}', whose sdtype is '{columns[name]}': such values say which row it is or whose, and"
            ' do not describe it, whether they are learned or invented anew. Name a column of sdtype'
            f' {", ".join(SDTYPES)}, or change its sdtype in the metadata.'
        )


def _names(given: Sequence[Any] | str | None) -> tuple[str, ...]:
    names = [] if given is None else [given] if pd.api.types.is_scalar(given) else list(given)
    return tuple(str(name) for name in names)
