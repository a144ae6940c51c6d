"""The options of a causal graph, and reading it from its file; whether it suits the roles is checked in ``causal``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from sdv_fairdistill.causal import read_graph
from sdv_fairdistill.causal.graph import Edge
from sdv_fairdistill.command_line.files import CommandError
from sdv_fairdistill.command_line.roles import name_of

__all__ = ['add_causes', 'add_graph', 'causes_of', 'edges_of']


def add_graph(parser: argparse.ArgumentParser, needed_by: str) -> None:
    """Adds the option of a graph alone."""
    parser.add_argument(
        '--causal-graph',
        type=Path,
        metavar='FILE',
        help=f'what you assume causes what, as a DOT or GML file; {needed_by}',
    )


def add_causes(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a graph, and of what is done with it."""
    add_graph(parser, 'for the notions no_direct_effect, no_unresolved_effect, no_total_effect and cut_edges')
    parser.add_argument(
        '--cut-edge',
        nargs=2,
        action='append',
        metavar=('CAUSE', 'EFFECT'),
        help='an edge of it that the notion cut_edges cuts; may be repeated',
    )
    parser.add_argument(
        '--repair-columns',
        action='store_true',
        help='change the columns through which paths are cut too, and not the label alone',
    )


def causes_of(options: argparse.Namespace, table: pd.DataFrame) -> dict[str, Any]:
    """Gives the arguments of a synthesizer that :func:`add_causes` asks for.

    Raises:
        CommandError: If the file of the graph is no text.
        FairDistillError: If it holds no graph.
        OSError: If it cannot be read.
    """
    cut = options.cut_edge and [(name_of(cause, table), name_of(effect, table)) for cause, effect in options.cut_edge]
    return {'causal_graph': edges_of(options, table), 'cut_edges': cut, 'repair_columns': options.repair_columns}


def edges_of(options: argparse.Namespace, table: pd.DataFrame) -> list[Edge] | None:
    """Gives the edges in the file of the graph, between columns as the table names them; None without a file.

    Raises:
        CommandError: As :func:`causes_of`, and so the rest.
    """
    if options.causal_graph is None:
        return None
    try:
        graph = read_graph(options.causal_graph)
    except UnicodeError as error:
        raise CommandError(f'{options.causal_graph} is no text in UTF-8, as DOT and GML files are.') from error
    return list(graph.renamed({name: name_of(name, table) for name in graph.nodes}).edges)
