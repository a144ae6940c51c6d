"""The command ``report``: a page on the synthetic rows of a file, whoever made them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdv_fairdistill.command_line.causes import add_graph, edges_of
from sdv_fairdistill.command_line.files import CommandError, output_path, say
from sdv_fairdistill.command_line.form import add_form, form_of
from sdv_fairdistill.command_line.options import LARGEST_SEED, whole
from sdv_fairdistill.command_line.roles import add_roles, favorable_of, metadata_of, name_of, names_of
from sdv_fairdistill.command_line.tables import READING, read_table, read_table_like

if TYPE_CHECKING:
    from sdv_fairdistill.report import FairnessReport

__all__ = ['add_report', 'write_report']


def add_report(commands: Any) -> None:
    """Adds the command to the subparsers of the program."""
    about = 'Judge the synthetic rows of a CSV or Parquet file, whoever made them, and write a page.'
    report = commands.add_parser('report', help=about, description=about, epilog=READING)
    report.set_defaults(run=_report)
    report.add_argument('data', type=Path, metavar='DATA', help='CSV or Parquet file of the real rows')
    report.add_argument(
        'rows', type=Path, metavar='SYNTHETIC', help='file of the synthetic rows: as DATA, or as this program writes'
    )
    report.add_argument('--holdout', type=Path, metavar='ROWS', help='real rows that the synthesizer has not seen')
    add_form(report)
    add_roles(report, required=True)
    add_graph(report, 'for the part of the report on direct, indirect and spurious effects')
    report.add_argument('--seed', type=whole(0, LARGEST_SEED), default=0, help='of split and models (default: 0)')
    report.add_argument('--out', type=Path, required=True, metavar='HTML', help='where to write the page')


def _report(options: argparse.Namespace) -> None:
    from sdv_fairdistill.evaluation import evaluate_fairness

    output, form = output_path(options.out), form_of(options)
    for path in (options.data, options.rows, options.holdout):
        if path is not None and path.resolve() == output:
            raise CommandError(f'{output} would be overwritten by its own report; give another name.')
    real = read_table(options.data, form)
    synthetic = read_table_like(options.rows, form, real)
    holdout = options.holdout and read_table_like(options.holdout, form, real)
    target = name_of(options.target, real)
    report = evaluate_fairness(
        real,
        synthetic,
        metadata_of(real, options, fitting=False),
        names_of(options.sensitive, real),
        target,
        favorable_of(real, target, options.favorable),
        holdout=holdout,
        causal_graph=edges_of(options, real),
        seed=options.seed,
    )
    write_report(report, output)


def write_report(report: FairnessReport, path: Path) -> None:
    """Writes the page, and says so."""
    report.to_html(path)
    say(f'Wrote the report to {path}.')
