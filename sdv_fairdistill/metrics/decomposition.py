"""What a difference between groups is made of: direct, indirect, spurious effect; estimates are in ``effects``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.causal import CausalGraph, read_graph
from sdv_fairdistill.causal.checks import check_graph
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.metrics.effects import EFFECTS, FOLDS, Effects, two_group_effects
from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.intervals import CONFIDENCE
from sdv_fairdistill.metrics.learners import Features
from sdv_fairdistill.metrics.parity import LEAST_ROWS
from sdv_fairdistill.metrics.schema import Schema
from sdv_fairdistill.table.values import rows_with

__all__ = ['Decomposition', 'Paths', 'decompose_disparity']

SAID_ALONE = 0.005  # share of rows without anybody comparable that is worth a sentence


@dataclass(frozen=True)
class Paths:
    """Which columns stand where between sensitive columns and a label.

    Attributes:
        confounders: Columns that the sensitive ones do not cause, and that may go together with them.
        mediators: Columns through which the sensitive ones act.
    """

    confounders: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Collection[str],
        sensitive: Sequence[str],
        target: str,
        confounders: Sequence[str] | str | None = None,
        mediators: Sequence[str] | str | None = None,
        causal_graph: Any = None,
    ) -> Paths:
        """Takes lists of columns, or a graph from which they follow.

        Args:
            columns: The columns of the table.
            sensitive: The sensitive ones.
            target: The label.
            confounders: Names; one stands for a list of it.
            mediators: Names likewise.
            causal_graph: What :func:`~sdv_fairdistill.causal.read_graph` takes.

        Raises:
            RoleError: If a name is no column, or plays two parts.
            FairDistillError: If both are given, or neither.
        """
        if (causal_graph is None) == (confounders is None and mediators is None):
            raise FairDistillError('Give either causal_graph, or confounders and mediators: effects follow from them.')
        if causal_graph is not None:
            graph = read_graph(causal_graph)
            check_graph(graph, columns, sensitive, target)
            return cls.from_graph(graph, sensitive, target)
        parts = {'confounders': _names(confounders), 'mediators': _names(mediators)}
        taken = dict.fromkeys(sensitive, 'sensitive_column') | {target: 'target_column'}
        for part, names in parts.items():
            for name in names:
                if name not in columns:
                    raise RoleError(f"{part} names '{name}', which is no column. The columns are {sorted(columns)}.")
                if name in taken:
                    raise RoleError(f"{part} names '{name}', which is {taken[name]} already. Give it one part only.")
                taken[name] = f'one of {part}'
        return cls(**parts)

    @classmethod
    def from_graph(cls, graph: CausalGraph, sensitive: Sequence[str], target: str) -> Paths:
        """Reads both off a graph that was checked."""
        return cls(graph.confounders(sensitive, target), graph.mediators(sensitive, target))


@dataclass(frozen=True)
class Decomposition:
    """A difference of rates (or means) between groups, as the sum of three effects.

    Attributes:
        effects: A line for each group and effect: ``Group``, ``Against``, ``Effect`` (one of ``EFFECTS``), ``Value``
            (of the other group less this one), ``Low`` and ``High`` (its interval) and ``Reason`` (why they are NaN).
        paths: Which columns were taken for confounders and for mediators.
        rows: How many rows were compared.
        notes: What is undefined or left out, and why, in words.
    """

    effects: pd.DataFrame
    paths: Paths
    rows: int
    notes: tuple[str, ...] = ()

    def value(self, effect: str, group: str | None = None) -> float:
        """Gives the value of an effect; of the group with the largest total variation, if none is named."""
        return float(self._line(effect, group)['Value'])

    def interval(self, effect: str, group: str | None = None) -> tuple[float, float]:
        """Gives the interval of an effect likewise."""
        line = self._line(effect, group)
        return float(line['Low']), float(line['High'])

    def _line(self, effect: str, group: str | None) -> pd.Series:
        lines = self.effects[self.effects['Effect'] == effect]
        if lines.empty:
            raise FairDistillError(f'effect={effect!r} is not known. Name one of {list(EFFECTS)}.')
        if group is None:
            totals = self.effects[self.effects['Effect'] == EFFECTS[0]].set_index('Group')['Value'].abs()
            group = totals.idxmax()
        found = lines[lines['Group'] == group]
        if found.empty:
            raise FairDistillError(f'group={group!r} is not compared. Name one of {lines["Group"].tolist()}.')
        return found.iloc[0]


def decompose_disparity(
    table: pd.DataFrame | Mapping[str, pd.DataFrame],
    sensitive_column: Sequence[str] | str,
    target_column: str,
    favorable_value: Any = None,
    confounders: Sequence[str] | str | None = None,
    mediators: Sequence[str] | str | None = None,
    causal_graph: Any = None,
    metadata: Any = None,
    reference: str | None = None,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Decomposition:
    r"""Splits the difference of a label's rates between groups into direct, indirect and spurious effect.

    Of each group against a reference group: *direct* is what the rows of the group would gain if the label alone saw
    them as the reference's, *indirect* what they would gain on top if the mediators did too, *spurious* what is left:
    the groups differ in the confounders. They are Ctf-DE, Ctf-IE and Ctf-SE of Zhang and Bareinboim (*Fairness in
    Decision-Making: The Causal Explanation Formula*, AAAI 2018; Plečko and Bareinboim, *Causal Fairness Analysis*,
    2022), the latter two with the sign that makes them add up to the total variation, exactly. Estimates are one-step
    ones from an additive model and boosting that begins at it, cross-fitted.

    It holds if no common cause is missing from the columns, and if mediators and confounders are what they are said to
    be. Where rows have nobody comparable in the other group, the interval is widened to whatever their labels might
    have been; where they are more than a fifth, the effect is undefined.

    Args:
        table: Rows, as a DataFrame or as ``{table_name: DataFrame}``. To audit a model, put its predictions in place
            of the label. Rows with a missing label are left out.
        sensitive_column: The column (or columns) whose values are the groups; numbers are cut into quantile bins.
        target_column: The label.
        favorable_value: Its desired value; None for a label that is a number, whose means are compared.
        confounders: Columns that the sensitive one does not cause, age with sex, say.
        mediators: Columns through which it acts.
        causal_graph: A graph from which both follow, in their place: pairs, a ``networkx.DiGraph``, or a file.
        metadata: SDV's metadata of the table, or their dict; without them numbers are numbers, all else are levels.
        reference: Name of the group that others are compared to; None for the one with the highest rate.
        confidence: Share of the runs in which an interval holds the truth, between 0 and 1.
        seed: Decides folds and trees.

    Raises:
        RoleError: If a column cannot play its part.
        FairDistillError: If there are no two groups with enough rows, or neither graph nor columns are given.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit().table
        >>> found = decompose_disparity(german, 'sex', 'credit', 'good', confounders='age', mediators='housing')
        >>> found.effects.set_index('Effect')['Value'].round(3).to_dict()
        {'total variation': 0.075, 'direct': ..., 'indirect': ..., 'spurious': ...}
    """
    table = next(iter(table.values())) if isinstance(table, Mapping) else table
    table = table.rename(columns=str).reset_index(drop=True)
    sensitive, target = _names(sensitive_column), str(target_column)
    for role, name in [*(('sensitive_column', name) for name in sensitive), ('target_column', target)]:
        if name not in table:
            raise RoleError(f"{role} names '{name}', which is no column. The columns are {sorted(table.columns)}.")
    if not 0 < confidence < 1:
        raise FairDistillError(f'confidence={confidence!r} is not allowed: give a number between 0 and 1.')
    paths = Paths.of(set(table.columns), sensitive, target, confounders, mediators, causal_graph)
    schema = _schema(table, metadata)
    read = schema.read(table)
    read = read[read[target].notna()].reset_index(drop=True)
    outcome = _outcome(read[target], schema, favorable_value)
    grouping = Grouping.fit(read, sensitive, schema.quantities, dates=schema.dates)
    return decomposed(read, schema, outcome, grouping.of(read).to_numpy(), paths, reference, confidence, seed)


def decomposed(
    read: pd.DataFrame,
    schema: Schema,
    outcome: np.ndarray,
    groups: np.ndarray,
    paths: Paths,
    reference: str | None = None,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Decomposition:
    """Does the work of :func:`decompose_disparity` on rows that were read.

    Args:
        read: Rows as the schema reads them.
        schema: Their columns.
        outcome: What is compared ``(rows,)``.
        groups: Name of every row's group ``(rows,)``.
        paths: The columns between.
        reference: As there, and so the rest.
        confidence: Share of the runs in which an interval holds the truth.
        seed: Decides folds and trees.
    """
    counts = pd.Series(groups).value_counts()
    enough = sorted(counts.index[counts >= max(LEAST_ROWS, FOLDS)])
    rates = pd.Series(outcome).groupby(groups).mean()
    if len(enough) < 2:
        raise FairDistillError(
            f'Effects are between groups, and only {enough} have {LEAST_ROWS} rows or more: {counts.to_dict()}.'
        )
    if reference is not None and reference not in enough:
        raise FairDistillError(f'reference={reference!r} is not allowed. Groups with enough rows are {enough}.')
    reference = rates[enough].idxmax() if reference is None else reference
    notes = [
        f"the group '{name}' has {counts[name]} rows and is left out" for name in sorted(set(counts.index) - {*enough})
    ]
    lines = []
    for group in enough:
        if group == reference:
            continue
        chosen = np.flatnonzero(np.isin(groups, [group, reference]))
        rows = read.iloc[chosen].reset_index(drop=True)
        parts = [Features(rows, schema, names) for names in (paths.confounders, paths.mediators)]
        levels = {name for part in parts for name, known in part.levels.items() if known is not None}
        second = groups[chosen] == reference
        tables = [part.of(rows) for part in parts]
        found = two_group_effects(outcome[chosen], second, *tables, levels, seed, confidence)
        lines += [_line(name, group, reference, found) for name in EFFECTS]
        notes += _notes(group, reference, found)
    return Decomposition(pd.DataFrame(lines), paths, len(read), tuple(notes))


def _line(effect: str, group: str, reference: str, found: Effects) -> dict[str, Any]:
    return {
        'Group': group,
        'Against': reference,
        'Effect': effect,
        'Value': found.values[effect],
        'Low': found.low[effect],
        'High': found.high[effect],
        'Reason': found.reasons.get(effect, ''),
    }


def _notes(group: str, reference: str, found: Effects) -> list[str]:
    notes = [f"'{group}' against '{reference}', {name}: undefined, {why}" for name, why in found.reasons.items()]
    given = ('confounders and mediators', 'confounders')
    for alone, what in zip(found.alone, given, strict=True):
        if alone > SAID_ALONE and not notes:
            notes.append(
                f"for {alone:.1%} of '{group}' nobody in '{reference}' has comparable {what}: intervals are widened to"
                ' whatever their labels might be'
            )
            break
    return notes


def _outcome(labels: pd.Series, schema: Schema, favorable: Any) -> np.ndarray:
    if favorable is None:
        if labels.name not in schema.quantities:
            raise RoleError(f"favorable_value is needed: '{labels.name}' is no number. Name its desired value.")
        return labels.to_numpy(dtype=float)
    kind = 'numerical' if labels.name in schema.quantities else 'ordinal'
    outcome = rows_with(labels, schema.value(labels.name, favorable), kind)
    if outcome.all() or not outcome.any():
        shown = labels.value_counts().index[:8].tolist()
        raise RoleError(f"favorable_value={favorable!r} parts no rows of '{labels.name}', whose values are {shown}.")
    return outcome.astype(float)


def _schema(table: pd.DataFrame, metadata: Any) -> Schema:
    if metadata is not None:
        described = metadata if isinstance(metadata, Mapping) else metadata.to_dict()
        return Schema.of(next(iter(described['tables'].values())) if 'tables' in described else described)
    kinds = pd.api.types
    dates = [name for name in table if kinds.is_datetime64_any_dtype(table[name].dtype)]
    numbers = [name for name in table if kinds.is_numeric_dtype(table[name]) and not kinds.is_bool_dtype(table[name])]
    levels = [name for name in table if name not in {*dates, *numbers}]
    return Schema(tuple(numbers), tuple((name, None) for name in dates), tuple(levels))


def _names(given: Sequence[str] | str | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(map(str, given))
