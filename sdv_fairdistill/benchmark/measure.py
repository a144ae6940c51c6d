"""One run: a contender learns a table and is judged; where the run happens and what becomes of it stays out."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import torch

from sdv_fairdistill.benchmark.contender import Contender
from sdv_fairdistill.benchmark.machine import environment, memory, peak_memory
from sdv_fairdistill.datasets import Dataset
from sdv_fairdistill.evaluation import LINES, Scores
from sdv_fairdistill.plugin.versions import as_given
from sdv_fairdistill.report import Case, Judge
from sdv_fairdistill.report.case import REAL, Table

__all__ = ['COSTS', 'DONE', 'FAILED', 'JUDGED', 'Run', 'Source']

DONE, FAILED = 'done', 'failed'
FIT, FIT_CPU, SAMPLE = 'Fit (s)', 'Fit, processor time (s)', 'Sample (s)'
MEMORY, PEAK = 'Memory before the fit (MB)', 'Peak memory (MB)'
COSTS = (FIT, FIT_CPU, SAMPLE, MEMORY, PEAK)
SHAPES, PAIRS = 'Column Shapes', 'Column Pair Trends'
ACCURACY_WITHOUT = 'Accuracy, without sensitive columns'
ODDS_WITHOUT = 'Equalized odds difference, without sensitive columns'
JUDGED = (*LINES, SHAPES, PAIRS, ACCURACY_WITHOUT, ODDS_WITHOUT)

Source: TypeAlias = Dataset | Callable[[], Dataset]


class _StageError(Exception):
    """What failed in a run, and why."""


@dataclass(frozen=True)
class Run:
    """A contender on a table with a seed.

    Attributes:
        contender: Who learns; None judges the real rows alone.
        table: What the table is called in results.
        source: The table, or a function that makes it, so that a large one is held by the process of the run alone.
        seed: Decides the split, the models that judge, and all that the contender leaves to global generators.
        judged: Whether rows are held out and the samples judged by them; only costs are measured if not.
    """

    contender: Contender | None
    table: str
    source: Source
    seed: int
    judged: bool = True

    @property
    def name(self) -> str:
        """What its lines in results are called by: the contender's name, or ``'real'``."""
        return REAL if self.contender is None else self.contender.name

    def __call__(self) -> dict[str, Any]:
        """Measures; meant for a process of its own, as it seeds the global generators and reads the peak memory.

        Returns:
            The ``status``. If it is ``'done'``, also ``rows`` and ``columns`` learned from, ``figures`` of the fit, and
            ``samples``: of each its name, its ``figures``, and ``notes`` on what is undefined and why. If it is
            ``'failed'``, the ``reason`` and its ``details``.
        """
        try:
            return {'status': DONE, **self._measured(), 'environment': environment()}
        except _StageError as failure:
            return {'status': FAILED, 'reason': str(failure), 'details': traceback.format_exc()}

    def _measured(self) -> dict[str, Any]:
        with _stage('table'):
            dataset = self.source() if callable(self.source) else self.source
            train, holdout = dataset.split(self.seed) if self.judged else (dataset.table, None)
        fit, copies, samples = {}, {}, {'': {'figures': {}}}
        if self.contender is not None:
            fit, copies, samples = _contest(self.contender, dataset, train, self.seed)
        if self.judged:
            with _stage('judging'):
                case = Case.of(train, copies, dataset.metadata, **dataset.roles, holdout=holdout, seed=self.seed)
                _judge(Judge(case), samples)
        listed = [{'sample': name, **sample} for name, sample in samples.items()]
        return {'rows': len(train), 'columns': len(train.columns), 'figures': fit, 'samples': listed}


def _contest(
    contender: Contender, dataset: Dataset, train: pd.DataFrame, seed: int
) -> tuple[dict[str, float], dict[str, Table], dict[str, dict[str, Any]]]:
    """Lets a contender fit and sample; gives the figures of the fit, the copies, and the figures of each."""
    _seed(seed)
    with _stage('making'):
        synthesizer = contender.build(dataset.metadata, dataset.roles, seed)
    fit, before = {MEMORY: memory()}, time.process_time()
    with _stage('fit'):
        _, fit[FIT] = _timed(synthesizer.fit, as_given(dataset.name, train))
    fit[FIT_CPU] = time.process_time() - before
    copies, samples = {}, {}
    for name, prepare in contender.samples.items():
        with _stage(f'sample {name}'.strip()):
            prepare(synthesizer)
            copies[name], seconds = _timed(synthesizer.sample, len(train))
        samples[name] = {'figures': {SAMPLE: seconds}}
        fit.setdefault(PEAK, peak_memory())  # of the fit and one sample; the others lie beside each other
    return fit, copies, samples


def _judge(judge: Judge, samples: dict[str, dict[str, Any]]) -> None:
    """Adds to the figures of each sample what a judge finds; without copies those of the real rows."""
    for name, sample in samples.items():
        kind = name if judge.case.copies else REAL
        scores = Scores.of(judge, kind)
        sample['figures'] |= {
            **{line: figure(scores) for line, figure in LINES.items()},
            **judge.quality_parts(kind),
            ACCURACY_WITHOUT: scores.downstream_without.accuracy,
            ODDS_WITHOUT: scores.downstream_without.equalized_odds_difference,
        }
        parts = (scores.label, scores.downstream, scores.downstream_without, scores.associations, scores.two_sample)
        sample['notes'] = list(dict.fromkeys(note for part in parts for note in part.notes))


def _seed(seed: int) -> None:
    """Seeds the global generators: SDV's synthesizers draw from them while they fit, and take no seed."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def _timed(work: Callable[[Any], Any], argument: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(argument), time.perf_counter() - start


@contextmanager
def _stage(name: str) -> Iterator[None]:
    """Says in an error in which stage of a run it happened."""
    try:
        yield
    except Exception as error:
        raise _StageError(f'{name}: {type(error).__name__}: {" ".join(str(error).split())}') from error
