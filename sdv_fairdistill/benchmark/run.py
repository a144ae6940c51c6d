"""The benchmark: every contender on every table with every seed, into a file; a single run is in ``measure``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sdv_fairdistill.benchmark.contender import Contender
from sdv_fairdistill.benchmark.measure import DONE, FAILED, Run, Source
from sdv_fairdistill.benchmark.process import ProcessError, run_apart
from sdv_fairdistill.benchmark.results import Results, ResultsFile
from sdv_fairdistill.errors import FairDistillError

__all__ = ['benchmark']


def benchmark(
    contenders: Sequence[Contender],
    tables: Mapping[str, Source],
    path: str | Path,
    seeds: Sequence[int] = (0,),
    judged: bool = True,
    retry_failed: bool = False,
    timeout: float | None = None,
    verbose: bool = False,
) -> Results:
    """Measures contenders: cost, quality, use and fairness of what they make.

    Each run has a process of its own, so that its peak memory is its own and nothing else ends if it crashes. A run is
    known by the names of its contender and its table and by its seed: what the file has of it is not measured again.
    So give a changed contender another name. Ctrl-C ends the present run; what is finished is in the file.

    Args:
        contenders: Who takes part; the real training rows always do.
        tables: By name, the tables, or functions that make them.
        path: File of JSON lines that results are added to, made if it is not there.
        seeds: Of the splits, the fits and the models; a run for each.
        judged: Whether 30 % of the rows are held out and the samples judged; only time and memory are measured if not.
        retry_failed: Whether runs that the file has as failed are made again.
        timeout: Seconds after which a run is ended, and failed.
        verbose: Whether to print a line a run, and a progress bar if this is a terminal.

    Returns:
        All results in the file.

    Raises:
        FairDistillError: If two contenders share a name, or the file holds something else.
    """
    file = ResultsFile(Path(path))
    waiting = list(_runs(contenders, tables, seeds, judged))
    known = Results.of(file.read())
    waiting = [run for run in waiting if _is_due(run, known, retry_failed)]
    bar = tqdm(waiting, unit='run', disable=None if verbose else True)
    for run in bar:
        bar.set_postfix_str(_title(run))
        record = _record(run, timeout)
        file.append(record)
        if verbose:
            tqdm.write(f'{_title(run)}: {_outcome(record)}')
    return Results.of(file.read())


def _runs(
    contenders: Sequence[Contender], tables: Mapping[str, Source], seeds: Sequence[int], judged: bool
) -> Iterator[Run]:
    names = [contender.name for contender in contenders]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FairDistillError(f'Several contenders are called {twice}: give each another name.')
    for table, source in tables.items():
        for seed in seeds:
            for contender in (*([None] if judged else []), *contenders):
                yield Run(contender, table, source, seed, judged)


def _is_due(run: Run, known: Results, retry_failed: bool) -> bool:
    samples = [''] if run.contender is None else run.contender.samples
    status = known.status(run.name, run.table, run.seed, samples)
    return status is None or (status == FAILED and retry_failed)


def _record(run: Run, timeout: float | None) -> dict[str, Any]:
    try:
        found = run_apart(run, timeout)
    except ProcessError as error:
        found = {'status': FAILED, 'reason': str(error), 'details': error.details}
    reference = run.contender is not None and run.contender.reference
    return {'contender': run.name, 'table': run.table, 'seed': run.seed, 'reference': reference, **found}


def _title(run: Run) -> str:
    return f'{run.name} on {run.table}, seed {run.seed}'


def _outcome(record: dict[str, Any]) -> str:
    if record['status'] != DONE:
        return f'FAILED, {record["reason"]}'
    figures = record['figures']
    return ', '.join(f'{name} {value:,.1f}' for name, value in figures.items()) or DONE
