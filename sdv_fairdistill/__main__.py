"""The command line, ``python -m sdv_fairdistill COMMAND``; what the commands do lives in the package."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sdv.errors import InvalidDataError, SamplingError, SynthesizerInputError, VersionError
from sdv.metadata import Metadata
from sdv.metadata.errors import InvalidMetadataError
from sdv.utils import load_synthesizer

from sdv_fairdistill.command_line.benchmark import add_benchmark
from sdv_fairdistill.command_line.options import LARGEST_SEED, WRONG_INPUT, Parser, dial, several, share, whole
from sdv_fairdistill.datasets import BUNDLED
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import CONFIDENCE
from sdv_fairdistill.helpers.files import CommandError, complete, output_path, read_csv, say, write_rows
from sdv_fairdistill.helpers.seeding import seed_sampling
from sdv_fairdistill.synthesizer import DEFAULT_NOTION, FairDistillSynthesizer

if TYPE_CHECKING:
    from sdv_fairdistill.report import FairnessReport

__all__ = ['main']

INTERRUPTED = 130  # the shell's exit code for Ctrl-C
DEMO_HOLDOUT = 0.2  # share that the demo keeps aside to look for a goal's dial
USER_ERRORS = (
    FairDistillError,
    InvalidDataError,
    InvalidMetadataError,
    OSError,
    SamplingError,
    SynthesizerInputError,
    VersionError,
)
READING = (
    'A CSV file is read as pandas reads it: an empty field and texts such as NA, NaN, None and null are missing'
    ' (--only-empty-missing: the empty field alone), and digits are numbers, so that 00123 becomes 123.'
    ' An existing output file is replaced once the new one is complete.'
)
PICKLE = 'MODEL is a pickle: loading one can run any code that its author put into it. Load only files you trust.'


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: What follows the program's name; those of the process if None.

    Returns:
        The exit code: 0, 2 for input that cannot be used (one line on stderr says why), 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        warnings.filterwarnings('ignore', 'We strongly recommend saving the metadata')
        try:
            options.run(options)
        except (CommandError, *USER_ERRORS) as error:
            print(f'{_program()}: error: {_one_line(error)}', file=sys.stderr)
            return WRONG_INPUT
        except KeyboardInterrupt:
            print(f'{_program()}: interrupted; nothing more was written', file=sys.stderr)
            return INTERRUPTED
    return 0


def _demo(options: argparse.Namespace) -> None:
    from sdv_fairdistill.evaluation import evaluate, evaluate_fairness

    dataset = BUNDLED[options.table]()
    output = output_path(options.out or Path(f'{dataset.name}_synthetic.csv'))
    report = options.report and output_path(options.report)
    train, holdout = dataset.split(options.seed)
    synthesizer = FairDistillSynthesizer(
        dataset.metadata,
        **dataset.roles,
        notion=options.notion or DEFAULT_NOTION,
        holdout_share=0.0 if _goal(options) is None else DEMO_HOLDOUT,
        epochs=options.epochs,
        seed=options.seed,
        verbose=sys.stderr.isatty(),
    )
    say(
        f'{dataset.name}: {len(train):,} rows to learn from, {len(holdout):,} held out; sensitive'
        f' {", ".join(dataset.sensitive_columns)}, target {dataset.target_column} = {dataset.favorable_value}.'
    )
    say('Fitting …')
    _, fit_seconds = _timed(synthesizer.fit, {dataset.name: train})
    _set_fairness(synthesizer, options)
    synthetic, sample_seconds = _timed(synthesizer.sample, options.rows or len(train))
    evaluation, judge_seconds = _timed(
        evaluate, train, synthetic, dataset.metadata, **dataset.roles, holdout=holdout, seed=options.seed
    )
    say(f'\n{evaluation}\n')
    say(
        f'Dial {synthesizer.dial:g}, seed {options.seed}. Fitted in {fit_seconds:.1f} s, sampled'
        f' {len(synthetic[dataset.name]):,} rows in {sample_seconds:.1f} s, judged in {judge_seconds:.1f} s.'
    )
    write_rows(synthetic[dataset.name], output)
    if report is not None:
        judged = (train, synthetic, dataset.metadata)
        _write_report(evaluate_fairness(*judged, **dataset.roles, holdout=holdout, seed=options.seed), report)


def _write_report(report: FairnessReport, path: Path) -> None:
    report.to_html(path)
    say(f'Wrote the report to {path}.')


def _fit(options: argparse.Namespace) -> None:
    if options.out is None and options.synthetic is None:
        raise CommandError(
            'nothing to write: give --out MODEL to save the synthesizer, --synthetic CSV for rows, or both.'
        )
    model, rows = (path and output_path(path, reading=options.data) for path in (options.out, options.synthetic))
    table = read_csv(options.data, options.only_empty_missing)
    metadata = _metadata(table, options)
    synthesizer = FairDistillSynthesizer(
        metadata,
        sensitive_columns=_names(options.sensitive, table),
        target_column=options.target,
        favorable_value=_favorable(table, options.target, options.favorable),
        dial=1.0 if options.dial is None else options.dial,
        notion=options.notions[0],
        notions=options.notions,
        admissible_columns=_names(options.admissible, table),
        holdout_share=options.holdout_share,
        min_category_count=options.min_category_count,
        epochs=options.epochs,
        seed=options.seed,
        verbose=sys.stderr.isatty(),
    )
    name = next(iter(metadata.tables))
    say('Fitting …')
    _, seconds = _timed(synthesizer.fit, {name: table})
    say(f'Fitted {len(table):,} rows in {seconds:.1f} s.')
    if model is not None:
        synthesizer.save(model)
        say(f'Wrote the synthesizer to {model}.')
    if rows is not None:
        write_rows(synthesizer.sample(options.rows or len(table))[name], rows)


def _sample(options: argparse.Namespace) -> None:
    output = output_path(options.out, reading=options.model)
    synthesizer = _load(options.model)
    _set_fairness(synthesizer, options)
    if options.seed is not None:
        seed_sampling(synthesizer, options.seed)
    write_rows(next(iter(synthesizer.sample(options.rows).values())), output)


def _set_fairness(synthesizer: FairDistillSynthesizer, options: argparse.Namespace) -> None:
    """Sets what was chosen; of a goal also says what each dial was seen to give, on stderr, clear of the rows."""
    synthesizer.set_fairness(options.notion, options.dial, options.at_least, options.at_most, options.confidence)
    if _goal(options) is not None:
        frontier = synthesizer.get_frontier().to_string(index=False, float_format='{:.3f}'.format)
        said = f'Dial {synthesizer.dial:g} reaches the goal {_goal(options):g}'
        print(f'{frontier}\n{said} with confidence {options.confidence:g}.', file=sys.stderr)


def _goal(options: argparse.Namespace) -> float | None:
    return options.at_most if options.at_least is None else options.at_least


def _report(options: argparse.Namespace) -> None:
    from sdv_fairdistill.evaluation import evaluate_fairness

    given = {'real': options.data, 'synthetic': options.rows, 'holdout': options.holdout}
    output = output_path(options.out)
    tables = {
        kind: None if path is None else read_csv(path, options.only_empty_missing) for kind, path in given.items()
    }
    for path in given.values():
        if path is not None and path.resolve() == output:
            raise CommandError(f'{output} would be overwritten by its own report; give another name.')
    real = tables['real']
    report = evaluate_fairness(
        real,
        tables['synthetic'],
        _metadata(real, options),
        _names(options.sensitive, real),
        options.target,
        _favorable(real, options.target, options.favorable),
        holdout=tables['holdout'],
        seed=options.seed,
    )
    _write_report(report, output)


def _metadata(table: pd.DataFrame, options: argparse.Namespace) -> Metadata:
    if options.metadata is None:
        name = options.data.name.split('.')[0] or 'table'
        metadata = Metadata.detect_from_dataframes({name: table}, infer_keys='primary_only')
        described = metadata.to_dict()['tables'][name]
        sdtypes = ', '.join(f'{column} {about["sdtype"]}' for column, about in described['columns'].items())
        key = f'; primary key {described["primary_key"]}' if 'primary_key' in described else ''
        say(f'Column types detected by SDV: {sdtypes}{key}.')
        say('If one is wrong, save them with --save-metadata FILE, correct the file, and fit with --metadata FILE.')
    else:
        try:
            metadata = Metadata.load_from_json(options.metadata)
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f'{options.metadata} is not SDV metadata in JSON: {error}') from error
        if len(metadata.tables) != 1:
            raise CommandError(f'{options.metadata} describes the tables {list(metadata.tables)}; one is needed.')
    if options.save_metadata is not None:
        with complete(output_path(options.save_metadata, reading=options.data)) as partial:
            metadata.save_to_json(partial, mode='overwrite')
        say(f'Wrote the metadata to {options.save_metadata}.')
    return metadata


def _names(given: list[str] | None, table: pd.DataFrame) -> list[str]:
    """Splits at commas, unless the whole is a column's name."""
    return [name for text in given or [] for name in ([text] if text in table else text.split(','))]


def _favorable(table: pd.DataFrame, target: str | None, text: str | None) -> Any:
    """The target's value that is spelled so; the text itself if there is none, for the synthesizer to complain."""
    if text is None or target not in table:
        return text
    for value in table[target].dropna().unique().tolist():
        if str(value) == text or (isinstance(value, float) and value.is_integer() and str(int(value)) == text):
            return value
    return text


def _load(path: Path) -> FairDistillSynthesizer:
    try:
        synthesizer = load_synthesizer(path)
    except USER_ERRORS:
        raise
    except Exception as error:  # a pickle of anything can fail in any way
        raise CommandError(f'{path} cannot be loaded as a synthesizer: {type(error).__name__}: {error}') from error
    if not isinstance(synthesizer, FairDistillSynthesizer):
        raise CommandError(f'{path} holds a {type(synthesizer).__name__}, not a FairDistillSynthesizer.')
    return synthesizer


def _timed(work: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(*arguments, **options), time.perf_counter() - start


def _program() -> str:
    name = Path(sys.argv[0]).name
    return 'python -m sdv_fairdistill' if name == '__main__.py' else name


def _one_line(error: BaseException) -> str:
    return ' '.join(str(error).split())


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, UserWarning):
        print(f'Warning: {" ".join(str(message).split())}', file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog=_program(), description='Fair synthetic rows of a table.')
    commands = parser.add_subparsers(
        title='commands', required=True, metavar='demo | fit | sample | report | benchmark'
    )
    _add_demo(commands)
    _add_fit(commands)
    _add_sample(commands)
    _add_report(commands)
    add_benchmark(commands)
    return parser


def _add_demo(commands: Any) -> None:
    about = 'Fit on 70 % of a bundled table, sample as many rows, and print real beside synthetic.'
    demo = commands.add_parser('demo', help=about, description=about)
    demo.set_defaults(run=_demo)
    demo.add_argument('--table', choices=sorted(BUNDLED), default='adult', help='which table (default: adult)')
    demo.add_argument('--rows', type=whole(1), help='rows to sample (default: as many as it learns from)')
    demo.add_argument(
        '--seed', type=whole(0, LARGEST_SEED), default=0, help='of the split, the fit and the models (default: 0)'
    )
    _add_fairness(demo, 'default: 1', f'any but conditional_parity (default: {DEFAULT_NOTION})')
    _add_epochs(demo)
    demo.add_argument('--out', type=Path, metavar='CSV', help='where to write the rows (default: TABLE_synthetic.csv)')
    demo.add_argument('--report', type=Path, metavar='HTML', help='where to write a fairness report, as a page')


def _add_fit(commands: Any) -> None:
    about = 'Fit on the rows of a CSV file; save the synthesizer, write synthetic rows, or both.'
    fit = commands.add_parser('fit', help=about, description=about, epilog=READING)
    fit.set_defaults(run=_fit)
    fit.add_argument('data', type=Path, metavar='DATA', help='CSV file with a header')
    _add_roles(fit, required=False)
    fit.add_argument('--seed', type=whole(0, LARGEST_SEED), help='makes the fit repeatable')
    _add_epochs(fit)
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
        help='columns through which the label may depend on the sensitive ones, for conditional_parity',
    )
    _add_dial(fit, 'default: 1; sample can change it')
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
    fit.add_argument('--out', type=Path, metavar='MODEL', help='where to save the synthesizer')
    fit.add_argument('--synthetic', type=Path, metavar='CSV', help='where to write synthetic rows at once')
    fit.add_argument('--rows', type=whole(1), help='rows for --synthetic (default: as many as DATA has)')


def _add_sample(commands: Any) -> None:
    about = 'Draw rows from a saved synthesizer.'
    sample = commands.add_parser('sample', help=about, description=f'{about} {PICKLE}')
    sample.set_defaults(run=_sample)
    sample.add_argument('model', type=Path, metavar='MODEL', help='what fit --out has saved; see the warning above')
    sample.add_argument('--rows', type=whole(1), required=True, help='how many')
    sample.add_argument(
        '--seed', type=whole(0, LARGEST_SEED), help='draws other rows; without it they are the same every time'
    )
    _add_fairness(sample, 'default: as saved', 'one of those that were learned (default: as saved)')
    sample.add_argument('--out', type=Path, required=True, metavar='CSV', help='where to write the rows')


def _add_report(commands: Any) -> None:
    about = 'Judge the synthetic rows of a CSV file, whoever made them, and write a page.'
    report = commands.add_parser('report', help=about, description=about, epilog=READING)
    report.set_defaults(run=_report)
    report.add_argument('data', type=Path, metavar='DATA', help='CSV file of the real rows')
    report.add_argument('rows', type=Path, metavar='SYNTHETIC', help='CSV file of the synthetic rows')
    report.add_argument('--holdout', type=Path, metavar='CSV', help='real rows that the synthesizer has not seen')
    _add_roles(report, required=True)
    report.add_argument('--seed', type=whole(0, LARGEST_SEED), default=0, help='of split and models (default: 0)')
    report.add_argument('--out', type=Path, required=True, metavar='HTML', help='where to write the page')


def _add_roles(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument(
        '--sensitive',
        action='append',
        required=required,
        metavar='A,B',
        help='columns the label shall not depend on; may be repeated',
    )
    parser.add_argument('--target', required=required, metavar='COLUMN', help='the label')
    parser.add_argument('--favorable', required=required, metavar='VALUE', help="the label's desired value")
    parser.add_argument('--metadata', type=Path, metavar='FILE', help='SDV metadata in JSON (default: detected by SDV)')
    parser.add_argument(
        '--save-metadata', type=Path, metavar='FILE', help='where to save the metadata, to correct them'
    )
    parser.add_argument('--only-empty-missing', action='store_true', help='keep texts such as NA and None as values')


def _add_fairness(parser: argparse.ArgumentParser, dial_described: str, notion_described: str) -> None:
    parser.add_argument('--notion', metavar='NAME', help=f'what fairness is; {notion_described}')
    strength = parser.add_mutually_exclusive_group()
    _add_dial(strength, dial_described)
    goals = {
        '--at-least': 'the smallest dial whose downstream parity ratio is at least this',
        '--at-most': 'the smallest dial whose downstream equalized odds difference is at most this',
    }
    for name, text in goals.items():
        strength.add_argument(name, type=share(), metavar='GOAL', help=f'instead of --dial: {text}')
    parser.add_argument(
        '--confidence',
        type=share(0.5, 0.999),
        default=CONFIDENCE,
        help=f'how sure to be that the goal is reached, 0.5 to 0.999 (default: {CONFIDENCE:g})',
    )


def _add_dial(parser: Any, described: str) -> None:
    text = f'share of rows with the repaired label, 0 (as the data is) to 1 ({described})'
    parser.add_argument('--dial', type=dial, help=text)


def _add_epochs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--epochs', type=whole(1), help='passes over the rows (default: suits the size of the table)')


if __name__ == '__main__':
    sys.exit(main())
