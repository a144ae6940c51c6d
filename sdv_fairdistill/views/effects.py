"""Notions of a causal graph: which paths from the sensitive columns to the label are cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sdv_fairdistill.causal import CausalGraph, Cut
from sdv_fairdistill.views.notion import EdgeCut, register

__all__ = ['CutEdges', 'NoDirectEffect', 'NoTotalEffect', 'NoUnresolvedEffect']


@register
class NoDirectEffect(EdgeCut):
    """Cuts the edges from sensitive columns into the label: fairness through unawareness in DECAF's sense."""

    name: ClassVar[str] = 'no_direct_effect'

    def cut(
        self,
        graph: CausalGraph,
        sensitive: Sequence[str],
        target: str,
        admissible: Sequence[str],
        chosen: Sequence[tuple[str, str]],
    ) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut.direct(graph, sensitive, target)


@register
class NoUnresolvedEffect(EdgeCut):
    """Cuts every path that passes through no admissible column.

    No unresolved discrimination (Kilbertus et al., *Avoiding Discrimination through Causal Reasoning*, 2017), DECAF's
    conditional fairness.
    """

    name: ClassVar[str] = 'no_unresolved_effect'
    needs_admissible: ClassVar[bool] = True

    def cut(
        self,
        graph: CausalGraph,
        sensitive: Sequence[str],
        target: str,
        admissible: Sequence[str],
        chosen: Sequence[tuple[str, str]],
    ) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut.unresolved(graph, sensitive, admissible)


@register
class NoTotalEffect(EdgeCut):
    """Cuts every directed path from sensitive columns: counterfactual fairness (Kusner et al., 2017)."""

    name: ClassVar[str] = 'no_total_effect'

    def cut(
        self,
        graph: CausalGraph,
        sensitive: Sequence[str],
        target: str,
        admissible: Sequence[str],
        chosen: Sequence[tuple[str, str]],
    ) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut.total(graph, sensitive)


@register
class CutEdges(EdgeCut):
    """Cuts the edges that the user names."""

    name: ClassVar[str] = 'cut_edges'

    def cut(
        self,
        graph: CausalGraph,
        sensitive: Sequence[str],
        target: str,
        admissible: Sequence[str],
        chosen: Sequence[tuple[str, str]],
    ) -> Cut:
        """See :meth:`EdgeCut.cut`."""
        return Cut(frozenset(chosen))
