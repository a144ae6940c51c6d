"""The command ``fit``: from a file of rows to a saved synthesizer, to rows, or to both."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sdv_fairdistill.command_line.causes import add_causes, causes_of
from sdv_fairdistill.command_line.fairness import add_dial
from sdv_fairdistill.command_line.files import CommandError, output_path, rows_path, say, write_rows
from sdv_fairdistill.command_line.form import add_form, form_of
from sdv_fairdistill.command_line.options import LARGEST_SEED, add_epochs, several, share, whole
from sdv_fairdistill.command_line.privacy import (
    add_privacy,
    as_levels,
    implied_sdtypes,
    privacy_of,
    public_favorable,
)
from sdv_fairdistill.command_line.roles import add_roles, favorable_of, metadata_of, name_of, names_of
from sdv_fairdistill.command_line.tables import READING, read_table
from sdv_fairdistill.command_line.work import timed
from sdv_fairdistill.goals.checks import DEFAULT_NOTION
from sdv_fairdistill.plugin.versions import as_given, frame_of
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['add_fit']


def add_fit(commands: Any) -> None:
    """Adds the command to the subparsers of the program."""
    about = 'Fit on the rows of a CSV or Parquet file; save the synthesizer, write synthetic rows, or both.'
    fit = commands.add_parser('fit', help=about, description=about, epilog=READING)
    fit.set_defaults(run=_fit)
    fit.add_argument('data', type=Path, metavar='DATA', help='CSV file with a header, or Parquet file')
    add_form(fit)
    add_roles(fit, required=False)
    fit.add_argument('--seed', type=whole(0, LARGEST_SEED), help='makes the fit repeatable')
    add_epochs(fit)
    fit.add_argument(
        '--notions',
        '--notion',
        type=several(str),
        default=[DEFAULT_NOTION],
        metavar='A,B',
        help=f'what fairness is, all learned in one fit; sample chooses, else the first (default: {DEFAULT_NOTION})',
    )
    fit.add_argument(
        '--admissible',
        action='append',
        metavar='A,B',
        help='columns through which the label may depend on the sensitive ones, for conditional_parity and'
        ' no_unresolved_effect',
    )
    add_causes(fit)
    add_dial(fit, 'default: 1; sample can change it')
    fit.add_argument(
        '--holdout-share',
        type=share(most=0.5),
        default=0.0,
        metavar='SHARE',
        help='rows to keep aside, so that sample can be given a goal, up to 0.5 (default: 0)',
    )
    fit.add_argument(
        '--min-category-count',
        type=whole(0),
        default=0,
        metavar='N',
        help='withhold levels with fewer rows, and values that fewer rows reach (default: 0, nothing)',
    )
    add_privacy(fit)
    fit.add_argument('--out', type=Path, metavar='MODEL', help='where to save the synthesizer')
    fit.add_argument(
        '--synthetic', type=Path, metavar='ROWS', help='where to write synthetic rows at once, as CSV or Parquet'
    )
    fit.add_argument(
        '--rows', type=whole(1), help='rows for --synthetic (default: as many as DATA has, with --epsilon about)'
    )


def _fit(options: argparse.Namespace) -> None:
    if options.out is None and options.synthetic is None:
        raise CommandError(
            'nothing to write: give --out MODEL to save the synthesizer, --synthetic ROWS for rows, or both.'
        )
    model = options.out and output_path(options.out, options.data)
    rows = options.synthetic and rows_path(options.synthetic, options.data)
    table = read_table(options.data, form_of(options))
    target, causes = name_of(options.target, table), causes_of(options, table)
    privacy = privacy_of(options, table)
    if privacy is None:
        favorable = favorable_of(table, target, options.favorable)
    else:
        favorable = public_favorable(target, options.favorable, privacy.levels)
        table = as_levels(table, privacy.levels)
        options.sdtype = [*implied_sdtypes(privacy), *options.sdtype] if options.metadata is None else options.sdtype
    metadata = metadata_of(table, options, fitting=True)
    synthesizer = FairDistillSynthesizer(
        metadata,
        sensitive_columns=names_of(options.sensitive, table),
        target_column=target,
        favorable_value=favorable,
        dial=1.0 if options.dial is None else options.dial,
        notion=options.notions[0],
        notions=options.notions,
        admissible_columns=names_of(options.admissible, table),
        **causes,
        holdout_share=options.holdout_share,
        min_category_count=options.min_category_count,
        privacy=privacy,
        epochs=options.epochs,
        seed=options.seed,
        verbose=sys.stderr.isatty(),
    )
    name = next(iter(metadata.tables))
    say('Fitting …')
    _, seconds = timed(synthesizer.fit, as_given(name, table))
    fitted = len(table) if privacy is None else synthesizer.get_privacy().rows
    say(f'Fitted {"" if privacy is None else "about "}{fitted:,} rows in {seconds:.1f} s.')
    if privacy is not None:
        say(str(synthesizer.get_privacy()))
    if model is not None:
        synthesizer.save(model)
        say(f'Wrote the synthesizer to {model}.')
    if rows is not None:
        write_rows(frame_of(synthesizer.sample(options.rows or fitted)), rows)
