"""Which edges of a causal graph each notion cuts, and which columns then differ from what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sdv_fairdistill.causal.graph import CausalGraph, Edge

__all__ = ['CausalRoles', 'Cut']


@dataclass(frozen=True)
class CausalRoles:
    """A causal graph with the roles of its columns: all that a notion decides by what to cut.

    Attributes:
        graph: The graph.
        sensitive: The sensitive columns.
        target: The label.
        admissible: The columns through which effects may pass.
        chosen: The edges that the user wants cut.
    """

    graph: CausalGraph
    sensitive: Sequence[str]
    target: str
    admissible: Sequence[str] = ()
    chosen: Sequence[Edge] = ()


@dataclass(frozen=True)
class Cut:
    """What a counterfactual label is drawn from.

    Along a cut edge the effect sees its cause as it would be at a reference value of the sensitive columns; along all
    others as it is, or as what was cut further up makes of it. What is resolving is seen as it is, whatever reaches it.

    Attributes:
        edges: The edges that are cut.
        resolving: Columns through which effects may pass.

    Example:
        >>> graph = CausalGraph.of([('sex', 'job'), ('sex', 'role'), ('job', 'income'), ('role', 'income')])
        >>> cut = Cut.unresolved(graph, ['sex'], ['job'])
        >>> sorted(cut.edges)
        [('sex', 'role')]
        >>> sorted(cut.changed(graph, ['sex']))
        ['income', 'role']
    """

    edges: frozenset[Edge]
    resolving: frozenset[str] = frozenset()

    @classmethod
    def direct(cls, graph: CausalGraph, sensitive: Iterable[str], target: str) -> Cut:
        """Cuts the edges from sensitive columns into the label."""
        return cls(frozenset(edge for edge in graph.edges if edge[1] == target and edge[0] in set(sensitive)))

    @classmethod
    def unresolved(cls, graph: CausalGraph, sensitive: Iterable[str], admissible: Iterable[str]) -> Cut:
        """Cuts every path out of sensitive columns that passes through no admissible one."""
        names, resolving = set(sensitive), frozenset(admissible)
        edges = (edge for edge in graph.edges if edge[0] in names and edge[1] not in resolving | names)
        return cls(frozenset(edges), resolving)

    @classmethod
    def total(cls, graph: CausalGraph, sensitive: Iterable[str]) -> Cut:
        """Cuts every path out of sensitive columns."""
        return cls.unresolved(graph, sensitive, ())

    def changed(self, graph: CausalGraph, sensitive: Iterable[str]) -> frozenset[str]:
        """Gives the columns that may differ from what they are: those below a cut edge, up to what is resolving.

        A cut behind a cause that no sensitive column reaches changes nothing.
        """
        fixed, found = self.resolving | set(sensitive), set()
        telling = graph.descendants(sensitive) | set(sensitive)
        for name in graph.order:
            causes = graph.parents(name)
            reached = any(cause in found or ((cause, name) in self.edges and cause in telling) for cause in causes)
            if name not in fixed and reached:
                found.add(name)
        return frozenset(found)
