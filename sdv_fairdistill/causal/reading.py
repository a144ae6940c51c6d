"""Reading a causal graph from whatever a user has: pairs, a networkx graph, a DOT or GML file."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from sdv_fairdistill.causal.graph import CausalGraph
from sdv_fairdistill.errors import FairDistillError

__all__ = ['read_graph']

DOT, GML = ('.dot', '.gv'), ('.gml',)
WAYS = (
    'Give pairs [(cause, effect), …] of columns, a networkx.DiGraph, or the name of a file that ends in'
    f' {", ".join((*DOT, *GML))}.'
)


def read_graph(given: Any) -> CausalGraph:
    """Reads a causal graph.

    Args:
        given: Pairs ``[(cause, effect), …]``, a ``networkx.DiGraph``, the path of a DOT or GML file, or a
            :class:`CausalGraph` as it is. Of a file only nodes, their labels and edges count.

    Raises:
        FairDistillError: If it is none of these, its edges have no direction, or they go round in a circle.
        FileNotFoundError: If there is no such file.

    Example:
        >>> read_graph([('sex', 'income'), ('sex', 'income')]).edges
        (('sex', 'income'),)
    """
    if isinstance(given, CausalGraph):
        return given
    if isinstance(given, str | os.PathLike):
        return _from_file(Path(given))
    if hasattr(given, 'is_directed') and hasattr(given, 'edges'):
        return _from_networkx(given)
    if not isinstance(given, Iterable):
        raise FairDistillError(f'causal_graph={given!r} is not allowed. {WAYS}')
    return CausalGraph.of(given)


def _from_networkx(graph: Any) -> CausalGraph:
    if not graph.is_directed():
        raise FairDistillError(
            'The causal graph has edges without a direction: a cause must be told from its effect. Give a'
            ' networkx.DiGraph, or a DOT file that begins with digraph.'
        )
    return CausalGraph.of((edge[0], edge[1]) for edge in graph.edges())


def _from_file(path: Path) -> CausalGraph:
    ending = path.suffix.lower()
    if ending not in (*DOT, *GML):
        raise FairDistillError(f"causal_graph='{path}' does not name a file of a kind that is known. {WAYS}")
    text = path.read_text(encoding='utf-8')
    return _from_networkx(_gml(text, path) if ending in GML else _dot(text, path))


def _gml(text: str, path: Path) -> Any:
    import networkx

    try:
        return networkx.parse_gml(text)
    except networkx.NetworkXError as error:
        raise FairDistillError(f"'{path}' cannot be read as GML: {error}") from error


def _dot(text: str, path: Path) -> Any:
    import networkx

    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):  # where pydot prints what it cannot read
        warnings.simplefilter('ignore')  # pydot calls pyparsing by names of old
        try:
            import pydot
        except ImportError as error:
            raise FairDistillError(
                "A DOT file needs the package pydot: pip install 'sdv-fairdistill[causal]', or give the pairs"
                ' themselves, or a GML file.'
            ) from error
        found = pydot.graph_from_dot_data(text)
    if not found:
        raise FairDistillError(f"'{path}' cannot be read as DOT. It should look like: digraph {{ sex -> income; }}")
    read = networkx.nx_pydot.from_pydot(found[0])
    labels = {name: str(about.get('label', name)).strip('"') for name, about in read.nodes(data=True)}
    return networkx.relabel_nodes(read, {name: label or name.strip('"') for name, label in labels.items()})
