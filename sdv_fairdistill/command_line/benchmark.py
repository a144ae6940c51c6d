"""The command ``benchmark``: its options, and the files that it writes into a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdv_fairdistill.command_line.files import CommandError, say
from sdv_fairdistill.command_line.options import LARGEST_SEED, dial, several, whole
from sdv_fairdistill.datasets import BUNDLED
from sdv_fairdistill.helpers.files import complete

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from sdv_fairdistill.benchmark.contender import Contender
    from sdv_fairdistill.benchmark.results import Results

__all__ = ['add_benchmark']

OURS, SDV_NAMES = 'FairDistill', ('GaussianCopula', 'TVAE', 'CTGAN', 'CopulaGAN')
NOTIONS = (
    'blind_parity',
    'demographic_parity',
    'equalized_odds',
    'unawareness',
)  # those that need no other columns to be named
NOTE = (
    'A run is known by table, contender and seed. What FOLDER has of it is not measured again, so the same command goes'
    ' on where it was broken off. MODULE:NAME is imported from the present folder: a loader of a Dataset, or a function'
    ' of (metadata, roles, seed) that makes a synthesizer.'
)


def add_benchmark(commands: Any) -> None:
    """Adds the command to the subparsers of the program."""
    about = "Measure time, memory, quality, use and fairness of ours beside SDV's synthesizers."
    parser = commands.add_parser('benchmark', help=about, description=about, epilog=NOTE)
    parser.set_defaults(run=_benchmark)
    names = several(str)
    parser.add_argument(
        '--tables', type=names, metavar='A,B', help=f'of {", ".join(BUNDLED)}, or MODULE:NAME (default: all bundled)'
    )
    parser.add_argument(
        '--contenders',
        type=names,
        metavar='A,B',
        help=f'of {", ".join((OURS, *SDV_NAMES))}, or MODULE:NAME (default: all; with --cost {OURS})',
    )
    parser.add_argument('--seeds', type=several(whole(0, LARGEST_SEED)), default=[0], metavar='0,1', help='default: 0')
    parser.add_argument('--dials', type=several(dial), metavar='0,1', help='of ours, from one fit (default: 0,0.5,1)')
    parser.add_argument(
        '--notions', type=names, default=[NOTIONS[0]], metavar='A,B', help=f'of ours: {", ".join(NOTIONS)}'
    )
    parser.add_argument('--epochs', type=whole(1), help='of ours (default: suits the size of the table)')
    for name in ('CTGAN', 'TVAE', 'CopulaGAN'):
        parser.add_argument(f'--{name.lower()}-epochs', type=whole(1), metavar='N', help="default: SDV's own")
    parser.add_argument('--timeout', type=whole(1), metavar='SECONDS', help='ends a longer run, which then has failed')
    parser.add_argument('--retry-failed', action='store_true', help='make again what FOLDER has as failed')
    parser.add_argument('--out', type=Path, default=Path('benchmark'), metavar='FOLDER', help='default: benchmark')
    parser.add_argument('--cost', action='store_true', help='measure only how cost grows, with the next three')
    for name in ('rows', 'columns', 'levels'):
        sizes = several(whole(3 if name == 'columns' else 2 if name == 'levels' else 100))
        parser.add_argument(f'--{name}', type=sizes, metavar='N,N', help='sizes (default, if none are given: all)')


def _benchmark(options: argparse.Namespace) -> None:
    from sdv_fairdistill.benchmark.growth import SIZES, sized_tables
    from sdv_fairdistill.benchmark.run import benchmark

    _check(options)
    contenders = [_contender(name, options) for name in _chosen_contenders(options)]
    given = {name: getattr(options, name) for name in SIZES if getattr(options, name)}
    if options.cost:
        tables, path = sized_tables(given or SIZES), options.out / 'growth.jsonl'
    else:
        tables, path = {name: _table(name) for name in options.tables or BUNDLED}, options.out / 'results.jsonl'
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        results = benchmark(
            contenders,
            tables,
            path,
            options.seeds,
            judged=not options.cost,
            retry_failed=options.retry_failed,
            timeout=options.timeout,
            verbose=True,
        )
    except KeyboardInterrupt:
        say(f'\nWhat is finished is in {path}; the same command goes on from there.')
        raise
    _write(results, options)


def _check(options: argparse.Namespace) -> None:
    """Refuses, before anything is measured, options that do not go together."""
    if options.out.exists() and not options.out.is_dir():
        raise CommandError(f'{options.out} is a file; give a folder.')
    if options.cost and options.tables:
        raise CommandError('--cost makes its own tables: leave out --tables, or give --rows, --columns or --levels.')
    if not options.cost and (options.rows or options.columns or options.levels):
        raise CommandError('--rows, --columns and --levels are sizes of --cost: give it too, or leave them out.')
    unknown = [name for name in options.notions if name not in NOTIONS]
    if unknown:
        raise CommandError(f'--notions {",".join(unknown)}: name some of {", ".join(NOTIONS)}.')


def _chosen_contenders(options: argparse.Namespace) -> list[str]:
    return options.contenders or ([OURS] if options.cost else [*SDV_NAMES, OURS])


def _contender(name: str, options: argparse.Namespace) -> Contender:
    from sdv_fairdistill.benchmark.contender import DIALS, Contender, fair_distill, sdv_contender

    if name in SDV_NAMES:
        return sdv_contender(name, getattr(options, f'{name.lower()}_epochs', None))
    if name == OURS:
        dials = options.dials or ([1.0] if options.cost else DIALS)
        settings = {} if options.epochs is None else {'epochs': options.epochs}
        return fair_distill(dials, options.notions, **settings)
    return Contender(name, _imported('--contenders', name, (OURS, *SDV_NAMES)))


def _table(name: str) -> Callable[[], Any]:
    return BUNDLED[name] if name in BUNDLED else _imported('--tables', name, tuple(BUNDLED))


def _imported(option: str, name: str, known: tuple[str, ...]) -> Any:
    module, _, attribute = name.partition(':')
    if not attribute:
        raise CommandError(f'{option} {name}: name some of {", ".join(known)}, or MODULE:NAME.')
    if str(Path.cwd()) not in sys.path:  # an installed program does not look there by itself
        sys.path.insert(0, str(Path.cwd()))
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise CommandError(f'{option} {name} cannot be imported: {error}') from error


def _write(results: Results, options: argparse.Namespace) -> None:
    """Prints the summary, and writes it with the pictures."""
    from sdv_fairdistill.benchmark import pictures
    from sdv_fairdistill.benchmark.growth import costs_by_size
    from sdv_fairdistill.benchmark.measure import FIT
    from sdv_fairdistill.benchmark.summary import growth_summary, summary

    text = growth_summary(results) if options.cost else summary(results)
    say(f'\n{text}\n')
    with complete(options.out / ('growth.txt' if options.cost else 'results.txt')) as partial:
        partial.write_text(f'{text}\n', encoding='utf-8')
    if options.cost:
        if not costs_by_size(results).empty:
            _picture(pictures.plot_growth(results), options.out / 'growth.html')
    else:
        frame = results.frame()
        for table in frame.loc[frame['status'] == 'done', 'table'].unique():
            _picture(pictures.plot_tradeoff(results, table), options.out / f'tradeoff_{_file_name(table)}.html')
            if frame.loc[frame['table'] == table, FIT].notna().any():
                _picture(pictures.plot_costs(results, table), options.out / f'costs_{_file_name(table)}.html')
    say(f'Wrote the results, this summary and the pictures to {options.out}.')


def _picture(figure: go.Figure, path: Path) -> None:
    """Writes a picture as a page, and as PNG where kaleido is there to draw it."""
    with complete(path) as partial:
        figure.write_html(partial, config={'displayModeBar': False})
    if find_spec('kaleido'):
        try:
            with complete(path.with_suffix('.png')) as partial:
                figure.write_image(partial)
        except Exception as error:  # kaleido needs a browser, and fails in its own ways without one
            say(f'No PNG of {path.name}: {type(error).__name__}: {error}')


def _file_name(table: str) -> str:
    return ''.join(letter if letter.isalnum() else '_' for letter in table)
