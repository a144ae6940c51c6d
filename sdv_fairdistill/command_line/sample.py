"""The command ``sample``: rows from a saved synthesizer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sdv.utils import load_synthesizer

from sdv_fairdistill.command_line.fairness import add_fairness, set_fairness
from sdv_fairdistill.command_line.files import CommandError, rows_path, write_rows
from sdv_fairdistill.command_line.options import LARGEST_SEED, whole
from sdv_fairdistill.command_line.work import USER_ERRORS
from sdv_fairdistill.helpers.seeding import seed_sampling
from sdv_fairdistill.plugin.versions import frame_of
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['PICKLE', 'add_drawing', 'add_model', 'add_sample', 'load']

PICKLE = 'MODEL is a pickle: loading one can run any code that its author put into it. Load only files you trust.'


def add_sample(commands: Any) -> None:
    """Adds the command to the subparsers of the program."""
    about = 'Draw rows from a saved synthesizer.'
    sample = commands.add_parser('sample', help=about, description=f'{about} {PICKLE}')
    sample.set_defaults(run=_sample)
    add_model(sample)
    sample.add_argument('--rows', type=whole(1), required=True, help='how many')
    add_drawing(sample, 'draws other rows; without it they are the same every time')


def add_model(command: argparse.ArgumentParser) -> None:
    """Adds the saved synthesizer to a command."""
    command.add_argument('model', type=Path, metavar='MODEL', help='what fit --out has saved; see the warning above')


def add_drawing(command: argparse.ArgumentParser, seed: str) -> None:
    """Adds to a command how rows are drawn, and where to; ``seed`` says what a seed does."""
    command.add_argument('--seed', type=whole(0, LARGEST_SEED), help=seed)
    add_fairness(command, 'default: as saved', 'one of those that were learned (default: as saved)')
    command.add_argument(
        '--out', type=Path, required=True, metavar='ROWS', help='where to write the rows, as CSV or Parquet'
    )


def _sample(options: argparse.Namespace) -> None:
    output = rows_path(options.out, options.model)
    synthesizer = load(options.model)
    set_fairness(synthesizer, options)
    if options.seed is not None:
        seed_sampling(synthesizer, options.seed)
    write_rows(frame_of(synthesizer.sample(options.rows)), output)


def load(path: Path) -> FairDistillSynthesizer:
    """Loads what ``fit --out`` has saved.

    Raises:
        CommandError: If the file holds none.
    """
    try:
        synthesizer = load_synthesizer(path)
    except USER_ERRORS:
        raise
    except Exception as error:  # a pickle of anything can fail in any way
        raise CommandError(f'{path} cannot be loaded as a synthesizer: {type(error).__name__}: {error}') from error
    if not isinstance(synthesizer, FairDistillSynthesizer):
        raise CommandError(f'{path} holds a {type(synthesizer).__name__}, not a FairDistillSynthesizer.')
    return synthesizer
