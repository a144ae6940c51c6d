"""Notions of a causal graph: which paths from the sensitive columns to the label are cut."""

from __future__ import annotations

from typing import ClassVar

from sdv_fairdistill.causal import CausalRoles, Cut
from sdv_fairdistill.views.notion import EdgeCut, register

__all__ = ['CutEdges', 'NoDirectEffect', 'NoTotalEffect', 'NoUnresolvedEffect']


@register
class NoDirectEffect(EdgeCut):
    """Cuts the edges from sensitive columns into the label: fairness through unawareness in DECAF's sense."""

    name: ClassVar[str] = 'no_direct_effect'

    def cut(self, given: CausalRoles) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut.direct(given.graph, given.sensitive, given.target)


@register
class NoUnresolvedEffect(EdgeCut):
    """Cuts every path that passes through no admissible column.

    No unresolved discrimination (Kilbertus et al., *Avoiding Discrimination through Causal Reasoning*, 2017), DECAF's
    conditional fairness.
    """

    name: ClassVar[str] = 'no_unresolved_effect'
    needs_admissible: ClassVar[bool] = True

    def cut(self, given: CausalRoles) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut.unresolved(given.graph, given.sensitive, given.admissible)


@register
class NoTotalEffect(EdgeCut):
    """Cuts every directed path from sensitive columns: counterfactual fairness (Kusner et al., 2017)."""

    name: ClassVar[str] = 'no_total_effect'

    def cut(self, given: CausalRoles) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut.total(given.graph, given.sensitive)


@register
class CutEdges(EdgeCut):
    """Cuts the edges that the user names."""

    name: ClassVar[str] = 'cut_edges'

    def cut(self, given: CausalRoles) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut(frozenset(given.chosen))
