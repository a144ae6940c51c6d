"""Whether a causal graph and the roles of a table's columns go together; every check before any work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sdv_fairdistill.causal.graph import CausalGraph, Edge, checked_pair
from sdv_fairdistill.errors import FairDistillError, RoleError

__all__ = ['check_cut_edges', 'check_graph']


def check_graph(graph: CausalGraph, columns: Collection[str], sensitive: Sequence[str], target: str | None) -> None:
    """Checks a graph against the roles.

    A sensitive column may have causes: what they have in common with the label is no effect of it, and stays.

    Args:
        graph: The graph.
        columns: Names of the columns of the table.
        sensitive: Names of the sensitive ones.
        target: Name of the label.

    Raises:
        RoleError: If the graph names other columns, lacks one of the roles, or gives the label effects.
    """
    if not sensitive or target is None:
        raise RoleError('causal_graph needs sensitive_columns and target_column: name the columns between which it is.')
    unknown = sorted(graph.nodes - set(columns))
    if unknown:
        raise RoleError(
            f'causal_graph names {unknown}, which are no columns of the table, or none that are learned. Those are'
            f' {sorted(columns)}.'
        )
    lacking = [name for name in (*sensitive, target) if name not in graph.nodes]
    if lacking:
        raise RoleError(
            f'causal_graph has no edge of {lacking}, which is sensitive or the target: say what it causes, or is caused'
            ' by, or leave it out of the roles.'
        )
    effects = graph.children(target)
    if effects:
        raise RoleError(
            f"causal_graph says that '{target}', the target, causes {list(effects)}. What follows from the label would"
            ' have to change with it: leave these edges out, or these columns.'
        )
    if not {target} & graph.descendants(sensitive):
        raise RoleError(
            f"causal_graph has no path from {list(sensitive)} to '{target}': there is no effect to tell apart. Add the"
            ' edges through which the sensitive columns may reach the label.'
        )


def check_cut_edges(edges: Iterable[Any] | None, graph: CausalGraph | None) -> tuple[Edge, ...]:
    """Gives edges that the user wants cut, as pairs; none for None.

    Raises:
        FairDistillError: If one is no edge of the graph, or there is no graph.
    """
    if edges is None:
        return ()
    if isinstance(edges, str) or not isinstance(edges, Iterable):
        raise FairDistillError(f'cut_edges={edges!r} is not allowed: give pairs (cause, effect) of causal_graph.')
    pairs = tuple(dict.fromkeys(checked_pair('cut_edges', edge) for edge in edges))
    if graph is None:
        raise FairDistillError(f'cut_edges={list(pairs)} needs a causal_graph that has these edges.')
    unknown = [pair for pair in pairs if pair not in graph.edges]
    if unknown or not pairs:
        raise FairDistillError(
            f'cut_edges names {unknown}, which are no edges of causal_graph. Its edges are {list(graph.edges)}.'
        )
    return pairs
