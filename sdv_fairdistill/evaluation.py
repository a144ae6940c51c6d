"""Real and synthetic rows side by side, SDMetrics' scores and ours; single measures live in ``metrics``."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sdmetrics.reports import QualityReport

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.metrics import Downstream, Grouping, Parity, Schema, Task, keys_of
from sdv_fairdistill.roles import Roles

__all__ = ['Evaluation', 'Scores', 'evaluate']

REAL, SYNTHETIC, HOLDOUT = 'real', 'synthetic', 'holdout'
WIDTH = 100  # characters of a printed line


@dataclass(frozen=True)
class Scores:
    """What was found for one table.

    Attributes:
        quality: SDMetrics' quality score against the real training rows, 0 to 1. For the real column it is that of the
            held-out rows: another real sample of the same population, so that it is less than 1.
        label: How often each group has the desired label in the table itself.
        downstream: A model trained on the table with all columns, tested on the held-out rows.
        downstream_without: The same without the sensitive columns among the model's features.
    """

    quality: float
    label: Parity
    downstream: Downstream
    downstream_without: Downstream


# The lines of the printed table.
LINES: dict[str, Callable[[Scores], float]] = {
    'Quality (SDMetrics)': lambda scores: scores.quality,
    'Label parity ratio': lambda scores: scores.label.ratio,
    'Downstream parity ratio': lambda scores: scores.downstream.selection.ratio,
    'Downstream parity ratio, without sensitive columns': lambda scores: scores.downstream_without.selection.ratio,
    'Equalized odds difference': lambda scores: scores.downstream.equalized_odds_difference,
    'AUC': lambda scores: scores.downstream.auc,
    'AUC, without sensitive columns': lambda scores: scores.downstream_without.auc,
    'Accuracy': lambda scores: scores.downstream.accuracy,
}


@dataclass(frozen=True)
class Evaluation:
    """Real rows beside synthetic rows.

    Attributes:
        scores: What was found, by table: ``'real'`` first, then ``'synthetic'``.
        roles: The roles of the columns.
        rows: Number of rows of every table, and of the held-out real rows as ``'holdout'``.
    """

    scores: dict[str, Scores]
    roles: Roles
    rows: dict[str, int]

    def table(self) -> pd.DataFrame:
        """Gives a line a figure and a column a table; NaN is undefined, and :meth:`notes` says why."""
        columns = {name: [line(scores) for line in LINES.values()] for name, scores in self.scores.items()}
        return pd.DataFrame(columns, index=list(LINES))

    def label_rates(self) -> pd.DataFrame:
        """Gives how often each group has the desired label: a line a group, a column a table."""
        return pd.DataFrame({name: scores.label.rates['rate'] for name, scores in self.scores.items()})

    def notes(self) -> list[str]:
        """Gives what is undefined or left out, and why, in words."""
        places: dict[str, list[str]] = {}  # of each note; the same held-out groups are small in every model's test
        for name, scores in self.scores.items():
            blind = 'downstream without sensitive columns'
            parts = {'label': scores.label, 'downstream': scores.downstream, blind: scores.downstream_without}
            for part, result in parts.items():
                for note in result.notes:
                    places.setdefault(note, []).append(f'{part} ({name})')
        return [f'{", ".join(where)}: {note}' for note, where in places.items()]

    def explanation(self) -> str:
        """Gives what the lines mean, in words."""
        favorable, groups = f'{self.roles.target} = {self.roles.favorable}', ', '.join(self.roles.sensitive)
        return '\n'.join(
            textwrap.fill(line, WIDTH)
            for line in (
                f'Parity ratio: the smallest share of {favorable} over the largest, between groups of {groups}; 1 is'
                ' parity. Label: in the rows themselves. Downstream: as predicted by a model that was trained on these'
                f' rows ({self.rows[REAL]:,} real, {self.rows[SYNTHETIC]:,} synthetic) and tested on'
                f' {self.rows[HOLDOUT]:,} held-out real rows.',
                'Equalized odds difference: the larger gap of true or of false positive rates; 0 is parity.',
                'Quality: against the real rows. In the real column that of the held-out rows, a second real sample.',
            )
        )

    def __str__(self) -> str:
        rates = self.label_rates()
        rates.index = [f'Share of {self.roles.target} = {self.roles.favorable}: {group}' for group in rates.index]
        table = pd.concat([self.table(), rates])
        text = table.to_string(float_format='{:.3f}'.format, na_rep='undefined')
        return '\n'.join([text, '', self.explanation(), *(f'Note: {note}.' for note in self.notes())])


def evaluate(
    real: pd.DataFrame | Mapping[str, pd.DataFrame],
    synthetic: pd.DataFrame | Mapping[str, pd.DataFrame],
    metadata: Any,
    sensitive_columns: list[str],
    target_column: str,
    favorable_value: Any,
    holdout: pd.DataFrame | Mapping[str, pd.DataFrame],
    seed: int = 0,
) -> Evaluation:
    """Judges synthetic rows beside the real ones they were learned from.

    Args:
        real: The real rows that the synthesizer was fitted on, as a DataFrame or as ``{table_name: DataFrame}``.
        synthetic: The synthetic rows.
        metadata (sdv.metadata.Metadata): Describes the table.
        sensitive_columns: Columns whose combinations are the groups; numbers and dates are cut into five quantile bins.
        target_column: The label.
        favorable_value: The label's desired value.
        holdout: Real rows that the synthesizer has not seen; the models are tested on them.
        seed: Decides everything random in the models.

    Raises:
        RoleError: If a role is missing or cannot be played by its column.
        FairDistillError: If a table lacks a column.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> first, second, third = german.table[:400], german.table[400:700], german.table[700:]
        >>> evaluation = evaluate(first, second, german.metadata, **german.roles, holdout=third)
        >>> evaluation.table().loc['Label parity ratio'].round(3).to_dict()
        {'real': 0.925, 'synthetic': 0.86}
    """
    name, single = _single_table(metadata)
    roles = _checked_roles(single, sensitive_columns, target_column, favorable_value)
    schema = Schema.of(single)
    tables = {
        kind: _table(kind, given, name, schema)
        for kind, given in {REAL: real, SYNTHETIC: synthetic, HOLDOUT: holdout}.items()
    }
    problems = roles.problems(tables[REAL])
    if problems:
        raise RoleError(' '.join(problems))
    grouping = Grouping.fit(schema.read(tables[REAL]), roles.sensitive, schema.quantities)
    task = Task(schema, roles.target, roles.favorable, grouping)

    def judged(kind: str, against: str) -> Scores:
        return Scores(
            quality=_quality(tables[REAL], tables[against], name, metadata),
            label=task.label_parity(tables[kind]),
            downstream=Downstream.of(tables[kind], tables[HOLDOUT], task, seed=seed),
            downstream_without=Downstream.of(tables[kind], tables[HOLDOUT], task, leave_out=roles.sensitive, seed=seed),
        )

    scores = {REAL: judged(REAL, against=HOLDOUT), SYNTHETIC: judged(SYNTHETIC, against=SYNTHETIC)}
    return Evaluation(scores, roles, {kind: len(table) for kind, table in tables.items()})


def _single_table(metadata: Any) -> tuple[str, dict]:
    tables = metadata.to_dict()['tables']
    if len(tables) != 1:
        raise FairDistillError(f'The metadata describe the tables {list(tables)}: give metadata of a single table.')
    return next(iter(tables.items()))


def _checked_roles(single: dict, sensitive: list[str], target: str, favorable: Any) -> Roles:
    sdtypes = {str(name): column['sdtype'] for name, column in single['columns'].items()}
    roles = Roles.of(sdtypes, keys_of(single), sensitive, target, favorable)
    missing = [
        argument
        for argument, given in {
            'sensitive_columns': roles.sensitive,
            'target_column': roles.target,
            'favorable_value': roles.favorable,
        }.items()
        if given is None or given == ()
    ]
    if missing:
        raise RoleError(
            f'{" and ".join(missing)} missing: fairness is judged by how often each group has the desired label. Name'
            " the sensitive columns, the target, and the target's desired value."
        )
    return roles


def _table(kind: str, given: pd.DataFrame | Mapping[str, pd.DataFrame], name: str, schema: Schema) -> pd.DataFrame:
    if isinstance(given, Mapping):
        if name not in given:
            raise FairDistillError(f"The {kind} data have the tables {list(given)}, the metadata describe '{name}'.")
        given = given[name]
    table = given.rename(columns=str).reset_index(drop=True)
    missing = [column for column in schema.columns if column not in table]
    if missing:
        raise FairDistillError(f'The {kind} data lack the columns {missing} that the metadata describe.')
    return table


def _quality(real: pd.DataFrame, other: pd.DataFrame, name: str, metadata: Any) -> float:
    report = QualityReport()
    report.generate({name: real}, {name: other}, metadata.to_dict(), verbose=False)
    return float(report.get_score())
