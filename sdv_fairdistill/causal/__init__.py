"""Causal graphs: what a user assumes of a table's columns, and which effects follow; no rows, no networks, no SDV."""

from sdv_fairdistill.causal.cuts import CausalRoles, Cut
from sdv_fairdistill.causal.discovery import discover_causal_graph
from sdv_fairdistill.causal.graph import CausalGraph
from sdv_fairdistill.causal.reading import read_graph

__all__ = ['CausalGraph', 'CausalRoles', 'Cut', 'discover_causal_graph', 'read_graph']
