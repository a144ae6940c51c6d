"""The command line: ``python -m sdv_fairdistill demo | fit | sample``; what the commands do lives in the package."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sdv.errors import InvalidDataError, SamplingError, SynthesizerInputError, VersionError
from sdv.metadata import Metadata
from sdv.metadata.errors import InvalidMetadataError
from sdv.utils import load_synthesizer

from sdv_fairdistill.datasets import load_adult, load_german_credit
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

if TYPE_CHECKING:
    from sdv_fairdistill.datasets import Dataset

__all__ = ['main']

TABLES = {'adult': load_adult, 'german_credit': load_german_credit}
LARGEST_SEED = 2**32 - 1  # of numpy's and scikit-learn's seeds
HELD_OUT = 0.3  # share of the demo's rows on which the models are tested
WRONG_INPUT, INTERRUPTED = 2, 130  # exit codes: argparse's own, and the shell's for Ctrl-C
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


class CommandError(Exception):
    """Input that the command line cannot work with; shown as one line."""


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
    from sdv_fairdistill.evaluation import evaluate

    dataset: Dataset = TABLES[options.table]()
    output = _output(options.out or Path(f'{dataset.name}_synthetic.csv'))
    train, holdout = _split(dataset, options.seed)
    synthesizer = FairDistillSynthesizer(
        dataset.metadata,
        **dataset.roles,
        dial=options.dial,
        epochs=options.epochs,
        seed=options.seed,
        verbose=sys.stderr.isatty(),
    )
    _say(
        f'{dataset.name}: {len(train):,} rows to learn from, {len(holdout):,} held out; sensitive'
        f' {", ".join(dataset.sensitive_columns)}, target {dataset.target_column} = {dataset.favorable_value}.'
    )
    _say('Fitting …')
    _, fit_seconds = _timed(synthesizer.fit, {dataset.name: train})
    synthetic, sample_seconds = _timed(synthesizer.sample, options.rows or len(train))
    evaluation, judge_seconds = _timed(
        evaluate, train, synthetic, dataset.metadata, **dataset.roles, holdout=holdout, seed=options.seed
    )
    _say(f'\n{evaluation}\n')
    _say(
        f'Dial {options.dial:g}, seed {options.seed}. Fitted in {fit_seconds:.1f} s, sampled'
        f' {len(synthetic[dataset.name]):,} rows in {sample_seconds:.1f} s, judged in {judge_seconds:.1f} s.'
    )
    _write_rows(synthetic[dataset.name], output)


def _split(dataset: Dataset, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    from sklearn.model_selection import train_test_split

    label = dataset.table[dataset.target_column]
    parts = train_test_split(dataset.table, test_size=HELD_OUT, random_state=seed, stratify=label)
    return tuple(part.reset_index(drop=True) for part in parts)


def _fit(options: argparse.Namespace) -> None:
    if options.out is None and options.synthetic is None:
        raise CommandError(
            'nothing to write: give --out MODEL to save the synthesizer, --synthetic CSV for rows, or both.'
        )
    model, rows = (path and _output(path, reading=options.data) for path in (options.out, options.synthetic))
    table = _read_csv(options.data, options.only_empty_missing)
    metadata = _metadata(table, options)
    synthesizer = FairDistillSynthesizer(
        metadata,
        sensitive_columns=_names(options.sensitive, table),
        target_column=options.target,
        favorable_value=_favorable(table, options.target, options.favorable),
        dial=1.0 if options.dial is None else options.dial,
        epochs=options.epochs,
        seed=options.seed,
        verbose=sys.stderr.isatty(),
    )
    name = next(iter(metadata.tables))
    _say('Fitting …')
    _, seconds = _timed(synthesizer.fit, {name: table})
    _say(f'Fitted {len(table):,} rows in {seconds:.1f} s.')
    if model is not None:
        with _complete(model) as path:
            synthesizer.save(path)
        _say(f'Wrote the synthesizer to {model}.')
    if rows is not None:
        _write_rows(synthesizer.sample(options.rows or len(table))[name], rows)


def _sample(options: argparse.Namespace) -> None:
    output = _output(options.out, reading=options.model)
    synthesizer = _load(options.model)
    if options.dial is not None:
        synthesizer.set_fairness(dial=options.dial)
    if options.seed is not None:
        synthesizer._set_random_state(options.seed)  # SDV has no public way to draw other rows than its fixed ones
    _write_rows(next(iter(synthesizer.sample(options.rows).values())), output)


def _read_csv(path: Path, only_empty_missing: bool) -> pd.DataFrame:
    missing = {'keep_default_na': False, 'na_values': ['']} if only_empty_missing else {}
    try:
        table = pd.read_csv(path, low_memory=False, **missing)
    except ValueError as error:  # pandas' parser errors and wrong encodings
        raise CommandError(f'{path} cannot be read as CSV: {error}') from error
    if table.empty:
        raise CommandError(f'{path} has no rows below its header.')
    counts = table.isna().sum()
    if counts.any():
        _say('Missing values: ' + ', '.join(f'{name} {count:,}' for name, count in counts[counts > 0].items()))
    return table


def _metadata(table: pd.DataFrame, options: argparse.Namespace) -> Metadata:
    if options.metadata is None:
        name = options.data.name.split('.')[0] or 'table'
        metadata = Metadata.detect_from_dataframes({name: table}, infer_keys='primary_only')
        described = metadata.to_dict()['tables'][name]
        sdtypes = ', '.join(f'{column} {about["sdtype"]}' for column, about in described['columns'].items())
        key = f'; primary key {described["primary_key"]}' if 'primary_key' in described else ''
        _say(f'Column types detected by SDV: {sdtypes}{key}.')
        _say('If one is wrong, save them with --save-metadata FILE, correct the file, and fit with --metadata FILE.')
    else:
        try:
            metadata = Metadata.load_from_json(options.metadata)
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f'{options.metadata} is not SDV metadata in JSON: {error}') from error
        if len(metadata.tables) != 1:
            raise CommandError(f'{options.metadata} describes the tables {list(metadata.tables)}; one is needed.')
    if options.save_metadata is not None:
        with _complete(_output(options.save_metadata, reading=options.data)) as partial:
            metadata.save_to_json(partial, mode='overwrite')
        _say(f'Wrote the metadata to {options.save_metadata}.')
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


def _output(path: Path, reading: Path | None = None) -> Path:
    """Checks before the work begins that a file can be written; follows links."""
    path = path.resolve() if path.is_file() else path.absolute()  # /dev/stdout stays what it is
    if path.is_dir():
        raise CommandError(f'{path} is a folder; give the name of a file.')
    if not path.parent.is_dir():
        raise CommandError(f'there is no folder {path.parent} to write {path.name} into; make it first.')
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CommandError(f'{path} cannot be written: permission denied.')
    if reading is not None and path == reading.resolve():
        raise CommandError(f'{path} would be overwritten by its own output; give another name.')
    return path


@contextmanager
def _complete(path: Path) -> Iterator[Path]:
    """Gives a name to write to; what is written there becomes ``path`` only if nothing goes wrong."""
    if path.exists() and not path.is_file():  # such as /dev/stdout
        yield path
        return
    partial = path.with_name(f'.{os.getpid()}-part-{path.name}')  # keeps the ending: pandas compresses by it
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_rows(rows: pd.DataFrame, path: Path) -> None:
    with _complete(path) as partial:
        rows.to_csv(partial, index=False)
    if path.is_file():  # and not a pipe that the rows went into
        _say(f'Wrote {len(rows):,} rows to {path}.')


def _timed(work: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(*arguments, **options), time.perf_counter() - start


def _say(text: str) -> None:
    print(text, flush=True)


def _program() -> str:
    name = Path(sys.argv[0]).name
    return 'python -m sdv_fairdistill' if name == '__main__.py' else name


def _one_line(error: BaseException) -> str:
    return ' '.join(str(error).split())


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, UserWarning):
        print(f'Warning: {" ".join(str(message).split())}', file=sys.stderr)


def _whole(least: int, most: float = math.inf) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            upper = '' if most == math.inf else f' and at most {most}'
            raise argparse.ArgumentTypeError(f'{text!r} is not a whole number of at least {least}{upper}')
        return int(text)

    return read


def _dial(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f'{text!r} is not a number from 0 (as the data is) to 1 (repaired)')
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_program(), description='Fair synthetic rows of a table.')
    commands = parser.add_subparsers(title='commands', required=True, metavar='demo | fit | sample')
    _add_demo(commands)
    _add_fit(commands)
    _add_sample(commands)
    return parser


def _add_demo(commands: Any) -> None:
    about = 'Fit on 70 % of a bundled table, sample as many rows, and print real beside synthetic.'
    demo = commands.add_parser('demo', help=about, description=about)
    demo.set_defaults(run=_demo)
    demo.add_argument('--table', choices=sorted(TABLES), default='adult', help='which table (default: adult)')
    demo.add_argument('--rows', type=_whole(1), help='rows to sample (default: as many as it learns from)')
    demo.add_argument(
        '--seed', type=_whole(0, LARGEST_SEED), default=0, help='of the split, the fit and the models (default: 0)'
    )
    _add_dial(demo, 1.0, 'default: 1')
    _add_epochs(demo)
    demo.add_argument('--out', type=Path, metavar='CSV', help='where to write the rows (default: TABLE_synthetic.csv)')


def _add_fit(commands: Any) -> None:
    about = 'Fit on the rows of a CSV file; save the synthesizer, write synthetic rows, or both.'
    fit = commands.add_parser('fit', help=about, description=about, epilog=READING)
    fit.set_defaults(run=_fit)
    fit.add_argument('data', type=Path, metavar='DATA', help='CSV file with a header')
    fit.add_argument(
        '--sensitive', action='append', metavar='A,B', help='columns the label shall not depend on; may be repeated'
    )
    fit.add_argument('--target', metavar='COLUMN', help='the label')
    fit.add_argument('--favorable', metavar='VALUE', help="the label's desired value")
    fit.add_argument('--metadata', type=Path, metavar='FILE', help='SDV metadata in JSON (default: detected by SDV)')
    fit.add_argument('--save-metadata', type=Path, metavar='FILE', help='where to save the metadata, to correct them')
    fit.add_argument('--only-empty-missing', action='store_true', help='keep texts such as NA and None as values')
    fit.add_argument('--seed', type=_whole(0, LARGEST_SEED), help='makes the fit repeatable')
    _add_epochs(fit)
    _add_dial(fit, None, 'default: 1; sample can change it')
    fit.add_argument('--out', type=Path, metavar='MODEL', help='where to save the synthesizer')
    fit.add_argument('--synthetic', type=Path, metavar='CSV', help='where to write synthetic rows at once')
    fit.add_argument('--rows', type=_whole(1), help='rows for --synthetic (default: as many as DATA has)')


def _add_sample(commands: Any) -> None:
    about = 'Draw rows from a saved synthesizer.'
    sample = commands.add_parser('sample', help=about, description=f'{about} {PICKLE}')
    sample.set_defaults(run=_sample)
    sample.add_argument('model', type=Path, metavar='MODEL', help='what fit --out has saved; see the warning above')
    sample.add_argument('--rows', type=_whole(1), required=True, help='how many')
    sample.add_argument(
        '--seed', type=_whole(0, LARGEST_SEED), help='draws other rows; without it they are the same every time'
    )
    _add_dial(sample, None, 'default: as saved')
    sample.add_argument('--out', type=Path, required=True, metavar='CSV', help='where to write the rows')


def _add_dial(parser: argparse.ArgumentParser, default: float | None, described: str) -> None:
    text = f'share of rows with the repaired label, 0 (as the data is) to 1 ({described})'
    parser.add_argument('--dial', type=_dial, default=default, help=text)


def _add_epochs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--epochs', type=_whole(1), help='passes over the rows (default: suits the size of the table)')


if __name__ == '__main__':
    sys.exit(main())
