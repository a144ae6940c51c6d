"""What a synthesizer is told of causes: the graph, the edges to cut, and whether columns are repaired too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sdv_fairdistill.causal.checks import check_cut_edges, check_graph
from sdv_fairdistill.causal.cuts import CausalRoles, Cut
from sdv_fairdistill.causal.graph import CausalGraph, Edge
from sdv_fairdistill.causal.reading import read_graph
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.table.roles import SDTYPES

if TYPE_CHECKING:
    from sdv_fairdistill.table.layout import Layout
    from sdv_fairdistill.table.roles import Roles

__all__ = ['Causes']


@dataclass(frozen=True)
class Causes:
    """A checked causal graph with what is to be done with it.

    Attributes:
        graph: The graph; None without one.
        cut_edges: Edges that the notion ``'cut_edges'`` cuts.
        repair_columns: Whether columns are drawn in their counterfactual form too.
    """

    graph: CausalGraph | None = None
    cut_edges: tuple[Edge, ...] = ()
    repair_columns: bool = False

    @classmethod
    def of(cls, graph: Any, cut_edges: Any, repair_columns: bool, roles: Roles, sdtypes: Mapping[str, str]) -> Causes:
        """Checks what the user gave.

        Args:
            graph: What :func:`~sdv_fairdistill.causal.read_graph` takes; None for none.
            cut_edges: Edges of it; None for none.
            repair_columns: Whether columns are repaired too.
            roles: Roles of the columns.
            sdtypes: The sdtype of every column; only those that are learned can be in a graph.

        Raises:
            FairDistillError: If the graph cannot be read, does not suit the roles, or is needed and not there.
        """
        if not isinstance(repair_columns, bool):
            raise FairDistillError(f'repair_columns={repair_columns!r} is not allowed: give True or False.')
        if graph is not None:
            graph = read_graph(graph)
            columns = {name for name, sdtype in sdtypes.items() if sdtype in SDTYPES}
            check_graph(graph, columns, roles.sensitive, roles.target)
        elif repair_columns:
            raise FairDistillError('repair_columns=True needs a causal_graph: it says which columns to repair.')
        return cls(graph, check_cut_edges(cut_edges, graph), repair_columns)

    def check_learned(self, learned: tuple[str, ...], roles: Roles) -> None:
        """Checks that each notion finds something to cut, and that nothing is given in vain.

        Raises:
            FairDistillError: If not.
        """
        from sdv_fairdistill.views import NOTIONS, cuts_edges

        if self.cut_edges and 'cut_edges' not in learned:
            raise FairDistillError("cut_edges would not be used: add 'cut_edges' to notions, or leave them out.")
        names = [name for name in learned if cuts_edges(name)]
        if self.graph is None:
            return
        if not names:
            raise FairDistillError(
                f'causal_graph would not be used: none of {list(learned)} cuts edges. Add one of'
                f' {[name for name in NOTIONS if cuts_edges(name)]} to notions, or leave the graph out.'
            )
        for name in names:
            cut = self._cut(name, roles)
            if not cut.edges:
                why = 'give cut_edges' if name == 'cut_edges' else 'the graph has no such edge'
                raise FairDistillError(f'The notion {name!r} has nothing to cut: {why}.')
            if roles.target not in cut.changed(self.graph, roles.sensitive):
                raise FairDistillError(
                    f'The notion {name!r} cuts {sorted(cut.edges)}, through which no effect reaches the label.'
                )

    def placed(self, layout: Layout, place: Callable[[str, str], int]) -> Layout:
        """Gives a layout with the edges, between positions.

        Args:
            layout: Roles of the token columns.
            place: Finds the position of a column, given the argument that names it and its name.

        Raises:
            RoleError: If a column is not learned, or constraints have joined columns into a circle.
        """
        if self.graph is None:
            return layout
        at = {name: place('causal_graph', name) for name in self.graph.order}
        edges = tuple((at[cause], at[effect]) for cause, effect in self.graph.edges if at[cause] != at[effect])
        try:
            CausalGraph.of(edges)
        except FairDistillError as error:
            raise RoleError(
                'A constraint joins columns of causal_graph so that one would cause itself. Leave the constraint out,'
                ' or the edges between these columns.'
            ) from error
        cut = tuple((at[cause], at[effect]) for cause, effect in self.cut_edges if at[cause] != at[effect])
        return replace(layout, edges=tuple(dict.fromkeys(edges)), cut_edges=tuple(dict.fromkeys(cut)))

    def repairs(self, notion: str, roles: Roles, fixed: Iterable[str]) -> bool:
        """Tells whether a notion changes columns beside the label.

        Args:
            notion: Its name.
            roles: Roles of the columns.
            fixed: Columns that conditions are about.

        Raises:
            FairDistillError: If a condition is about a column that is changed.
        """
        changed = self._repaired(notion, roles)
        both = sorted(changed & set(fixed))
        if both:
            raise FairDistillError(
                f'With repair_columns=True the columns {both} are changed once rows are drawn, and cannot be asked for.'
                ' Give conditions on other columns, or sample at dial 0.'
            )
        return bool(changed)

    def _repaired(self, notion: str, roles: Roles) -> frozenset[str]:
        """Gives the columns that a notion changes beside the label, if columns are repaired; else none."""
        from sdv_fairdistill.views import cuts_edges

        if not self.repair_columns or self.graph is None or not cuts_edges(notion):
            return frozenset()
        cut = self._cut(notion, roles)
        return cut.changed(self.graph, roles.sensitive) - {roles.target}

    def _cut(self, notion: str, roles: Roles) -> Cut:
        from sdv_fairdistill.views import NOTIONS

        given = CausalRoles(self.graph, roles.sensitive, roles.target, roles.admissible, self.cut_edges)
        return NOTIONS[notion]().cut(given)
