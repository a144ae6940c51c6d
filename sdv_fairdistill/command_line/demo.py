"""The command ``demo``: a fit on a bundled table, rows of it, and both judged."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sdv_fairdistill.command_line.fairness import add_fairness, goal_of, set_fairness
from sdv_fairdistill.command_line.files import output_path, rows_path, say, write_rows
from sdv_fairdistill.command_line.options import LARGEST_SEED, add_epochs, whole
from sdv_fairdistill.command_line.report import write_report
from sdv_fairdistill.command_line.work import timed
from sdv_fairdistill.datasets import BUNDLED
from sdv_fairdistill.goals.checks import DEFAULT_NOTION
from sdv_fairdistill.plugin.versions import as_given, frame_of
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['add_demo']

DEMO_HOLDOUT = 0.2  # share that the demo keeps aside to look for a goal's dial


def add_demo(commands: Any) -> None:
    """Adds the command to the subparsers of the program."""
    about = 'Fit on 70 % of a bundled table, sample as many rows, and print real beside synthetic.'
    demo = commands.add_parser('demo', help=about.replace('%', '%%'), description=about)
    demo.set_defaults(run=_demo)
    demo.add_argument('--table', choices=sorted(BUNDLED), default='adult', help='which table (default: adult)')
    demo.add_argument('--rows', type=whole(1), help='rows to sample (default: as many as it learns from)')
    demo.add_argument(
        '--seed', type=whole(0, LARGEST_SEED), default=0, help='of the split, the fit and the models (default: 0)'
    )
    add_fairness(demo, 'default: 1', f'any but conditional_parity (default: {DEFAULT_NOTION})')
    add_epochs(demo)
    demo.add_argument(
        '--out',
        type=Path,
        metavar='ROWS',
        help='where to write the rows, as CSV or Parquet (default: TABLE_synthetic.csv)',
    )
    demo.add_argument('--report', type=Path, metavar='HTML', help='where to write a fairness report, as a page')


def _demo(options: argparse.Namespace) -> None:
    from sdv_fairdistill.evaluation import evaluate, evaluate_fairness

    dataset = BUNDLED[options.table]()
    output = rows_path(options.out or Path(f'{dataset.name}_synthetic.csv'))
    report = options.report and output_path(options.report)
    train, holdout = dataset.split(options.seed)
    synthesizer = FairDistillSynthesizer(
        dataset.metadata,
        **dataset.roles,
        notion=options.notion or DEFAULT_NOTION,
        holdout_share=0.0 if goal_of(options) is None else DEMO_HOLDOUT,
        epochs=options.epochs,
        seed=options.seed,
        verbose=sys.stderr.isatty(),
    )
    say(
        f'{dataset.name}: {len(train):,} rows to learn from, {len(holdout):,} held out; sensitive'
        f' {", ".join(dataset.sensitive_columns)}, target {dataset.target_column} = {dataset.favorable_value}.'
    )
    say('Fitting …')
    _, fit_seconds = timed(synthesizer.fit, as_given(dataset.name, train))
    set_fairness(synthesizer, options)
    synthetic, sample_seconds = timed(synthesizer.sample, options.rows or len(train))
    evaluation, judge_seconds = timed(
        evaluate, train, synthetic, dataset.metadata, **dataset.roles, holdout=holdout, seed=options.seed
    )
    say(f'\n{evaluation}\n')
    say(
        f'Dial {synthesizer.dial:g}, seed {options.seed}. Fitted in {fit_seconds:.1f} s, sampled'
        f' {len(frame_of(synthetic)):,} rows in {sample_seconds:.1f} s, judged in {judge_seconds:.1f} s.'
    )
    write_rows(frame_of(synthetic), output)
    if report is not None:
        judged = (train, synthetic, dataset.metadata)
        write_report(evaluate_fairness(*judged, **dataset.roles, holdout=holdout, seed=options.seed), report)
