"""The command ``impute``: the missing values of a file filled in by a saved synthesizer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sdv_fairdistill.command_line.fairness import set_fairness
from sdv_fairdistill.command_line.files import rows_path, say, write_rows
from sdv_fairdistill.command_line.form import add_form, form_of
from sdv_fairdistill.command_line.options import whole
from sdv_fairdistill.command_line.sample import PICKLE, add_drawing, add_model, load
from sdv_fairdistill.command_line.tables import READING, read_table
from sdv_fairdistill.helpers.seeding import seed_sampling

__all__ = ['add_impute']


def add_impute(commands: Any) -> None:
    """Adds the command to the subparsers of the program."""
    about = 'Fill in the missing values of rows, drawn from a saved synthesizer given what is known of each.'
    impute = commands.add_parser('impute', help=about, description=f'{about} {PICKLE}', epilog=READING)
    impute.set_defaults(run=_impute)
    add_model(impute)
    impute.add_argument('data', type=Path, metavar='DATA', help='CSV or Parquet file with the columns that were fitted')
    add_form(impute)
    impute.add_argument(
        '--imputations',
        type=whole(1),
        default=1,
        metavar='NUMBER',
        help='how many completed files to write; of several each gets its number before the ending (default: 1)',
    )
    add_drawing(impute, 'draws other values; without it they are the same every time')


def _impute(options: argparse.Namespace) -> None:
    paths = [rows_path(path, options.model, options.data) for path in _paths(options.out, options.imputations)]
    synthesizer = load(options.model)
    set_fairness(synthesizer, options)
    table = read_table(options.data, form_of(options))
    if options.seed is not None:
        seed_sampling(synthesizer, options.seed)
    found = synthesizer.impute(table, options.imputations)
    tables = [found] if options.imputations == 1 else found
    say(f'Filled in {int(table.isna().sum().sum() - tables[0].isna().sum().sum()):,} values.')
    for rows, path in zip(tables, paths, strict=True):
        write_rows(rows, path)


def _paths(out: Path, count: int) -> list[Path]:
    """Gives the name of each file: that given, or with a number before its endings."""
    if count == 1:
        return [out]
    name, dot, endings = out.name.partition('.')
    return [out.with_name(f'{name}_{number}{dot}{endings}') for number in range(1, count + 1)]
