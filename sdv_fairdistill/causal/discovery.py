"""Proposing a causal graph from rows, with the package causal-learn; what comes out is a proposal, not a finding."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.causal.graph import CausalGraph
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.table.dates import read_dates

__all__ = ['discover_causal_graph']

LEVEL, MOST_ROWS = 0.01, 20_000  # of the tests: with many rows every trace of a dependence passes .05
BINS = 5  # quantile bins of a number: the chi-square test compares levels
MOST_LEVELS = 12  # of a column; the rarer ones are taken together, since cells without rows say nothing


def discover_causal_graph(
    data: pd.DataFrame | Mapping[str, pd.DataFrame],
    metadata: Any,
    sensitive_columns: Sequence[str] | str,
    target_column: str,
    columns: Sequence[str] | None = None,
    alpha: float = LEVEL,
    seed: int = 0,
) -> CausalGraph:
    """Proposes a causal graph: independence tests (the PC algorithm), with what is known of the order.

    Sensitive columns come first, the label last: no edge leads into the former or out of the latter. Edges whose
    direction the tests leave open lead away from the sensitive columns if one is at their end, and else from the column
    that comes first in the table. **It is a proposal**: tests err, many graphs pass the same tests, and a common cause
    that is no column is taken for an effect. A warning says so; read every arrow before you use it.

    Reference:
        Spirtes, Glymour and Scheines, *Causation, Prediction, and Search*, 2000; Zheng et al., *Causal-learn: Causal
        Discovery in Python*, JMLR 2024.

    Args:
        data: Rows, as a DataFrame or as ``{table_name: DataFrame}``; at most 20,000 of them are looked at.
        metadata: SDV's metadata of the table, or their dict: keys and personal data are left out.
        sensitive_columns: Columns that nothing else causes.
        target_column: The column that causes nothing else.
        columns: The columns to look at; None for all. Each one more takes longer.
        alpha: Level of the tests, between 0 and 1: the smaller, the fewer edges.
        seed: Decides which rows are looked at.

    Raises:
        FairDistillError: If causal-learn is not installed, or no edge is found.
        RoleError: If a column is not there.
    """
    table = next(iter(data.values())) if isinstance(data, Mapping) else data
    table = table.rename(columns=str)
    sensitive = [sensitive_columns] if isinstance(sensitive_columns, str) else list(map(str, sensitive_columns))
    if not 0 < alpha < 1:
        raise FairDistillError(f'alpha={alpha!r} is not allowed: give a number between 0 and 1.')
    known = _described(metadata)
    chosen = [name for name in table if name in known] if columns is None else list(map(str, columns))
    chosen = list(dict.fromkeys([*sensitive, *(name for name in chosen if name != target_column), str(target_column)]))
    unknown = [name for name in chosen if name not in table or name not in known]
    if unknown:
        raise RoleError(f'There are no columns {unknown} to learn from. Those that can be are {sorted(known)}.')
    if len(table) > MOST_ROWS:
        table = table.sample(MOST_ROWS, random_state=seed)
    levels = np.column_stack([_levels(table[name], known[name]) for name in chosen])
    graph = CausalGraph.of(_edges(levels, chosen, sensitive, str(target_column), alpha))
    warnings.warn(
        'This graph is a proposal: tests err, other graphs pass the same tests, and hidden common causes are taken for'
        ' effects. Read every arrow before you use it.',
        stacklevel=2,
    )
    return graph


def _edges(
    levels: np.ndarray, names: list[str], sensitive: list[str], target: str, alpha: float
) -> list[tuple[str, str]]:
    try:
        from causallearn.graph.GraphNode import GraphNode
        from causallearn.search.ConstraintBased.PC import pc
        from causallearn.utils.PCUtils.BackgroundKnowledge import BackgroundKnowledge
    except ImportError as error:
        raise FairDistillError(
            "Proposing a graph needs the package causal-learn: pip install 'sdv-fairdistill[causal]'."
        ) from error
    tiers = [0 if name in sensitive else 2 if name == target else 1 for name in names]
    order = BackgroundKnowledge()
    nodes = [GraphNode(name) for name in names]
    for node, tier in zip(nodes, tiers, strict=True):
        order.add_node_to_tier(node, tier)
    for one in nodes:  # nothing causes what is sensitive, not even another such column
        for other in nodes:
            if one is not other and one.get_name() in sensitive and other.get_name() in sensitive:
                order.add_forbidden_by_node(one, other)
    found = pc(
        levels, alpha=alpha, indep_test='chisq', background_knowledge=order, show_progress=False, node_names=names
    )
    marks = found.G.graph
    pairs = []
    for one in range(len(names)):
        for other in range(one + 1, len(names)):
            if marks[one, other] == 0 and marks[other, one] == 0:
                continue
            first = marks[other, one] == 1 and marks[one, other] == -1
            last = marks[one, other] == 1 and marks[other, one] == -1
            pairs.append((one, other, 1 if first else -1 if last else 0))
    return _without_circles(pairs, tiers, names)


def _without_circles(pairs: list[tuple[int, int, int]], tiers: list[int], names: list[str]) -> list[tuple[str, str]]:
    """Directs every pair; what would close a circle is turned round, the sure ones first."""
    edges: list[tuple[str, str]] = []
    for one, other, sure in sorted(pairs, key=lambda pair: not pair[2]):
        forward = sure > 0 or (sure == 0 and (tiers[one], one) <= (tiers[other], other))
        if tiers[one] != tiers[other]:
            forward = tiers[one] < tiers[other]
        elif tiers[one] == 0:
            continue
        edge = (names[one], names[other]) if forward else (names[other], names[one])
        if edges and edge[0] in CausalGraph.of(edges).descendants([edge[1]]):
            edge = edge[::-1]
        edges.append(edge)
    return edges


def _levels(column: pd.Series, sdtype: str) -> np.ndarray:
    """Gives a column as small whole numbers ``(rows,)``: quantile bins, or levels by how frequent they are."""
    if sdtype in ('datetime', 'numerical'):
        ordered = read_dates(column, None, coerce=True) if sdtype == 'datetime' else pd.to_numeric(column)
        return pd.factorize(np.ceil(ordered.rank(pct=True).fillna(0) * BINS))[0]
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    rank = np.argsort(np.argsort(-np.bincount(codes), kind='stable'))
    return np.minimum(rank[codes], MOST_LEVELS - 1)


def _described(metadata: Any) -> dict[str, str]:
    described = metadata if isinstance(metadata, Mapping) else metadata.to_dict()
    single = next(iter(described['tables'].values())) if 'tables' in described else described
    kinds = ('boolean', 'categorical', 'datetime', 'numerical', 'ordinal')
    return {str(name): about['sdtype'] for name, about in single['columns'].items() if about['sdtype'] in kinds}
