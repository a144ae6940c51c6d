"""What a metric is asked: the tables as SDMetrics gives them, and everything beside; how it is answered stays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.metrics.downstream import Downstream, Task
from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.intervals import RESAMPLES
from sdv_fairdistill.metrics.parity import LEAST_ROWS
from sdv_fairdistill.metrics.schema import Schema, keys_of
from sdv_fairdistill.table.roles import Roles
from sdv_fairdistill.table.storage import check_storage

__all__ = ['Question', 'Settings']

Table = pd.DataFrame | Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Settings:
    """The keyword arguments of every metric here, beside the tables; one that a metric does not need is not looked at.

    Attributes:
        sensitive_columns: Columns whose combinations are the groups; numbers and dates are cut into five quantile bins.
        target_column: The label.
        favorable_value: The label's desired value.
        holdout: Real rows that neither the models nor the synthesizer have seen.
        admissible_columns: Columns by which a label may rightly differ; their combinations are the strata.
        learner: Name of the model, one of ``LEARNERS``.
        with_sensitive: Whether the model looks at the sensitive columns too.
        seed: Decides everything random.
        least_rows: Rows that a group needs for its rate to count.
        resamples: How often rows are drawn anew for the intervals; 0 for no intervals.
    """

    sensitive_columns: Sequence[str] | str = ()
    target_column: str | None = None
    favorable_value: Any = None
    holdout: Table | None = None
    admissible_columns: Sequence[str] | str = ()
    learner: str = 'boosting'
    with_sensitive: bool = True
    seed: int = 0
    least_rows: int = LEAST_ROWS
    resamples: int = RESAMPLES

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Settings:
        """Takes keyword arguments.

        Raises:
            TypeError: If one of them is not known.
        """
        known = [field.name for field in fields(cls)]
        unknown = [name for name in given if name not in known]
        if unknown:
            raise TypeError(
                f'{", ".join(unknown)} is no argument of this metric. The arguments are {", ".join(known)}.'
            )
        return cls(**given)


@dataclass(frozen=True)
class Question:
    """The tables and roles of one call, checked.

    Attributes:
        tables: ``'real'``, ``'synthetic'`` and, if given, ``'holdout'``, with all their columns.
        single: The metadata of the table, as SDMetrics takes them.
        schema: The columns of the tables.
        roles: Which columns are sensitive, which is the target, and its desired value.
        admissible: The columns that make the strata.
        grouping: The groups, as the real rows have them; None without sensitive columns.
        settings: The other arguments.
    """

    tables: dict[str, pd.DataFrame]
    single: dict[str, Any]
    schema: Schema
    roles: Roles
    admissible: tuple[str, ...]
    grouping: Grouping | None
    settings: Settings

    @classmethod
    def of(
        cls, tables: dict[str, pd.DataFrame], single: dict[str, Any], given: Settings, needed: tuple[str, ...]
    ) -> Question:
        """Checks the arguments against the metadata of the table.

        Raises:
            RoleError: If an argument is missing or cannot be played by its column.
            FairDistillError: If a table lacks a column.
        """
        sdtypes = {str(name): column['sdtype'] for name, column in single['columns'].items()}
        keys = keys_of(single)
        favorable = given.favorable_value if given.target_column is not None else None
        roles = Roles.of(sdtypes, keys, given.sensitive_columns, given.target_column, favorable)
        admissible = Roles.of(sdtypes, keys, given.admissible_columns, None, None).sensitive
        _require(roles, admissible, needed)
        schema = Schema.of(single)
        for name, table in tables.items():
            check_storage(table, single['columns'], name)
        tables = {name: table.rename(columns=str).reset_index(drop=True) for name, table in tables.items()}
        for name, table in tables.items():
            missing = [column for column in schema.columns if column not in table]
            if missing:
                raise FairDistillError(f'The {name} data lack the columns {missing} that the metadata describe.')
        roles, grouping = roles.as_in(tables['real'], single['columns']), None
        if roles.favorable is not None:
            schema.value(roles.target, roles.favorable)
        if roles.sensitive:
            grouping = Grouping.fit(schema.read(tables['real']), roles.sensitive, schema.quantities, dates=schema.dates)
        return cls(tables, single, schema, roles, admissible, grouping, given)

    @property
    def numeric(self) -> bool:
        """Whether the label is a number, none of whose values is desired."""
        return self.roles.favorable is None and self.roles.target in self.schema.quantities

    @property
    def generator(self) -> np.random.Generator | None:
        """A fresh generator for resamples; None if none are wanted."""
        return np.random.default_rng(self.settings.seed) if self.settings.resamples else None

    @property
    def leave_out(self) -> tuple[str, ...]:
        """Columns that a model shall not look at."""
        return () if self.settings.with_sensitive else self.roles.sensitive

    @property
    def test(self) -> str:
        """Which table the models are tested on: the held-out rows, or else the real ones."""
        return 'holdout' if 'holdout' in self.tables else 'real'

    def task(self, favorable: Any = None) -> Task:
        """Gives the task to predict the desired value, or another one."""
        return Task(
            self.schema, self.roles.target, self.roles.favorable if favorable is None else favorable, self.grouping
        )

    def classes(self) -> list:
        """Gives the desired value, or every value of the label if none is, the real rows' first."""
        if self.roles.favorable is not None:
            return [self.roles.favorable]
        known = pd.concat([self.tables[name][self.roles.target] for name in ('real', 'synthetic')])
        return known.astype(object).dropna().unique().tolist()

    def downstream(self, name: str) -> Downstream:
        """Trains on the table of that name and tests on the test rows."""
        asked = self.settings
        return Downstream.of(
            self.tables[name],
            self.tables[self.test],
            self.task(),
            self.leave_out,
            asked.seed,
            asked.least_rows,
            asked.learner,
            asked.resamples,
        )


def _require(roles: Roles, admissible: tuple[str, ...], needed: tuple[str, ...]) -> None:
    given = {
        'sensitive_columns': bool(roles.sensitive),
        'target_column': roles.target is not None,
        'favorable_value': roles.favorable is not None,
        'admissible_columns': bool(admissible),
    }
    missing = [name for name in needed if not given[name]]
    if missing:
        raise RoleError(f'This metric needs {" and ".join(missing)}: give {"them" if missing[1:] else "it"} by name.')
