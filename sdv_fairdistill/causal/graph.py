"""A causal graph over columns, and what follows from its arrows alone; roles are checked in ``checks``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from sdv_fairdistill.errors import FairDistillError

__all__ = ['CausalGraph', 'Edge']

Edge = tuple[str, str]


@dataclass(frozen=True)
class CausalGraph:
    """A directed graph without cycles. An edge leads from a cause to what it directly causes.

    It is an assumption: no table can prove it, and a common cause that is not a column breaks it.

    Attributes:
        edges: Pairs of columns, cause first; each once.

    Raises:
        FairDistillError: If there is no edge, one is no pair of two columns, or edges go round in a circle.

    Example:
        >>> graph = CausalGraph.of([('sex', 'job'), ('job', 'income'), ('sex', 'income')])
        >>> graph.parents('income')
        ('job', 'sex')
        >>> sorted(graph.descendants(['sex']))
        ['income', 'job']
    """

    edges: tuple[Edge, ...]

    @classmethod
    def of(cls, edges: Iterable[Iterable[object]]) -> CausalGraph:
        """Makes a graph of pairs; names become text, and a pair that comes twice counts once."""
        return cls(tuple(dict.fromkeys(checked_pair('causal_graph', edge) for edge in edges)))

    def __post_init__(self) -> None:
        if not self.edges:
            raise FairDistillError('The causal graph has no edges. Give at least one pair (cause, effect) of columns.')
        loops = [cause for cause, effect in self.edges if cause == effect]
        if loops:
            raise FairDistillError(f"The causal graph says that '{loops[0]}' causes itself. Leave that edge out.")
        _ = self.order

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The columns, each after all its causes; the same whatever the order of the edges is."""
        sorter = TopologicalSorter({name: sorted(self.parents(name)) for name in sorted(self.nodes)})
        try:
            return tuple(sorter.static_order())
        except CycleError as error:
            circle = ' → '.join(error.args[1])
            raise FairDistillError(
                f'The causal graph goes round in a circle: {circle}. A cause must come before its effect: take one of'
                ' these edges out.'
            ) from error

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The columns that an edge names."""
        return frozenset(name for edge in self.edges for name in edge)

    def parents(self, name: str) -> tuple[str, ...]:
        """Gives the direct causes of a column, sorted."""
        return tuple(sorted(cause for cause, effect in self.edges if effect == name))

    def children(self, name: str) -> tuple[str, ...]:
        """Gives what a column directly causes, sorted."""
        return tuple(sorted(effect for cause, effect in self.edges if cause == name))

    def descendants(self, names: Iterable[str]) -> frozenset[str]:
        """Gives all that some columns cause, directly or not; without these columns themselves."""
        return self._reached(names, self.children)

    def ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """Gives all causes of some columns, direct or not; without these columns themselves."""
        return self._reached(names, self.parents)

    def mediators(self, sensitive: Iterable[str], target: str) -> tuple[str, ...]:
        """Gives the columns through which sensitive ones reach a target, sorted."""
        names = list(sensitive)
        return tuple(sorted(self.descendants(names) & self.ancestors([target]) - set(names)))

    def confounders(self, sensitive: Iterable[str], target: str) -> tuple[str, ...]:
        """Gives the causes of the target, or of what leads to it, that no sensitive column causes; sorted.

        Sensitive columns and such a cause may go together for reasons outside of the graph, as sex and age do in a
        survey of people at work: what they have in common is the spurious part of a difference.
        """
        names = list(sensitive)
        return tuple(sorted(self.ancestors([target]) - self.descendants(names) - set(names)))

    def renamed(self, names: dict[str, str]) -> CausalGraph:
        """Gives the graph with other names; columns that become one are joined, and edges inside of it are lost."""
        pairs = [(names.get(cause, cause), names.get(effect, effect)) for cause, effect in self.edges]
        return CausalGraph.of(pair for pair in pairs if pair[0] != pair[1])

    def _reached(self, names: Iterable[str], step: object) -> frozenset[str]:
        start, seen = set(names), set()
        waiting = list(start)
        while waiting:
            for name in step(waiting.pop()):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return frozenset(seen - start)


def checked_pair(argument: str, edge: Iterable[object]) -> Edge:
    """Gives an edge as a pair of texts.

    Raises:
        FairDistillError: If it is no pair.
    """
    pair = () if isinstance(edge, str | bytes) or not hasattr(edge, '__iter__') else tuple(map(str, edge))
    if len(pair) != 2:
        raise FairDistillError(f'{argument} has {edge!r} for an edge: give pairs (cause, effect) of two columns.')
    return pair
