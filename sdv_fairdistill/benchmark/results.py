"""What has been measured: a file with a line a run that a kill leaves readable, and tables made of it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sdv_fairdistill.benchmark.measure import COSTS, DONE, FAILED, JUDGED
from sdv_fairdistill.errors import FairDistillError

__all__ = ['Results', 'ResultsFile']

KEY = ('contender', 'table', 'seed')
FIGURES = (*COSTS, *JUDGED)
HEAD = ('copy', 'contender', 'sample', 'table', 'seed', 'status', 'reason', 'rows', 'columns')


@dataclass(frozen=True)
class ResultsFile:
    """A file of JSON lines, one a run. Each is written at once; a line that a kill has cut off counts as not written.

    Attributes:
        path: Where it is; it need not exist yet.
    """

    path: Path

    def append(self, record: dict[str, Any]) -> None:
        """Writes a run, and sees it to the disk."""
        line = json.dumps(_without_nan(record), allow_nan=False, ensure_ascii=False) + '\n'
        whole = len(self._whole())
        with self.path.open('r+b' if self.path.exists() else 'wb') as file:
            file.truncate(whole)
            file.seek(whole)
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[dict[str, Any]]:
        """Gives the runs, in the order in which they were written.

        Raises:
            FairDistillError: If a line is none of ours.
        """
        lines = self._whole().decode(errors='replace').splitlines()
        return [self._record(number, line) for number, line in enumerate(lines, start=1)]

    def _record(self, number: int, line: str) -> dict[str, Any]:
        try:
            record = json.loads(line)
            if record.keys() >= {*KEY, 'status'}:
                return record
        except (ValueError, AttributeError):
            pass
        raise FairDistillError(f'{self.path}, line {number}: this is no run of a benchmark. Give another file.')

    def _whole(self) -> bytes:
        """The lines that were written to their end."""
        content = self.path.read_bytes() if self.path.exists() else b''
        return content[: content.rfind(b'\n') + 1]


@dataclass(frozen=True)
class Results:
    """The runs of a benchmark; of several with the same contender, table and seed the last one counts.

    Attributes:
        records: What each run gave.
    """

    records: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, records: Iterable[dict[str, Any]]) -> Results:
        """Keeps the last record of each run."""
        return cls(tuple({_key(record): record for record in records}.values()))

    @classmethod
    def read(cls, path: str | Path) -> Results:
        """Reads a file of results.

        Raises:
            FairDistillError: If there is none, or it holds something else.
        """
        if not Path(path).is_file():
            raise FairDistillError(f'There is no file {path}: run a benchmark that writes it.')
        return cls.of(ResultsFile(Path(path)).read())

    def status(self, contender: str, table: str, seed: int, samples: Iterable[str]) -> str | None:
        """Gives ``'done'``, ``'failed'``, or None for a run that was not made with all these samples."""
        record = next((each for each in self.records if _key(each) == (contender, table, seed)), None)
        if record is None or record['status'] == FAILED:
            return record and FAILED
        return DONE if set(samples) <= {sample['sample'] for sample in record['samples']} else None

    def frame(self) -> pd.DataFrame:
        """Gives a line a sample, and one for each failed run.

        Returns:
            ``copy`` (contender and sample in one name), ``contender``, ``sample``, ``table``, ``seed``, ``status``,
            ``reason`` of a failure, ``rows`` and ``columns`` learned from, then the figures. What is undefined, or was
            not measured, is NaN.
        """
        lines = [
            {
                **record,
                **sample,
                **record.get('figures', {}),
                **sample.get('figures', {}),
                'copy': ', '.join(filter(None, (record['contender'], sample['sample']))),
            }
            for record in self.records
            for sample in record.get('samples', [{'sample': ''}])
        ]
        table = pd.DataFrame(lines).reindex(columns=[*HEAD, *FIGURES])
        return table.astype(dict.fromkeys(FIGURES, float)).fillna({'reason': ''})

    def tidy(self) -> pd.DataFrame:
        """Gives a line a figure: what :meth:`frame` has, with its figures as ``metric`` and ``value``.

        Figures that were not measured are left out, and failed runs with them; undefined ones are NaN.
        """
        measured = {
            (*_key(record), sample['sample'], metric)
            for record in self.records
            for sample in record.get('samples', [])
            for metric in (*record['figures'], *sample['figures'])
        }
        head = [*HEAD[:5], *HEAD[7:]]
        lines = self.frame().melt(id_vars=head, value_vars=list(FIGURES), var_name='metric')
        known = [key in measured for key in lines[[*KEY, 'sample', 'metric']].itertuples(index=False, name=None)]
        return lines[known].reset_index(drop=True)

    def failures(self) -> pd.DataFrame:
        """Gives the failed runs: ``contender``, ``table``, ``seed`` and ``reason``."""
        table = self.frame()
        return table.loc[table['status'] == FAILED, [*KEY, 'reason']].reset_index(drop=True)

    def environments(self) -> list[dict[str, str]]:
        """Gives the machines and versions that the runs were made on, each once."""
        known = [record['environment'] for record in self.records if 'environment' in record]
        return list({json.dumps(each, sort_keys=True): each for each in known}.values())


def _key(record: dict[str, Any]) -> tuple[str, str, int]:
    return tuple(record[name] for name in KEY)


def _without_nan(value: Any) -> Any:
    """The same with None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
