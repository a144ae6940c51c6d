"""The first look at each column, paid for: its levels or range if they are not public, then how many rows are where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import PrivacyError
from sdv_fairdistill.privacy import reading
from sdv_fairdistill.privacy.columns import Counted, level_column, line_column, seen
from sdv_fairdistill.privacy.grid import Grid
from sdv_fairdistill.privacy.histogram import count_line, depth_of
from sdv_fairdistill.privacy.ledger import Ledger
from sdv_fairdistill.privacy.mechanisms import frequent_counts, noisy_counts, noisy_scale
from sdv_fairdistill.privacy.public import DATES, NUMBERS, PublicColumn

__all__ = ['Counter', 'count_rows', 'counts_of']

SURE = 5.0  # standard deviations of the noise above which a cell, of some hundreds, shows how far a range goes
MUCH = 0.01  # share of the rows with unknown levels from which on the user is told
SMALLEST, LARGEST = -20, 60  # powers of two that ranges are looked for in: a millionth, and 10^18
FIRST_YEAR, LAST_YEAR = 1678, 2261  # of dates that fit into 64 bits of nanoseconds
YEARS = np.array([np.datetime64(f'{year}-01-01') for year in range(FIRST_YEAR, LAST_YEAR + 2)], 'datetime64[s]')


def counts_of(column: PublicColumn) -> int:
    """Gives the most times that a column is counted."""
    if not column.is_line:
        return 1
    if column.grid is not None:
        return depth_of(column.grid.size)
    return 1 + depth_of(2**LARGEST)


def count_rows(table: pd.DataFrame, ledger: Ledger, rows: int, rho: float) -> tuple[float, float]:
    """Counts the rows of a table; gives their noisy number, which may be negative, and the variance of its noise.

    Args:
        table: The real rows.
        ledger: What is charged.
        rows: The most rows of one person.
        rho: What it may cost.
    """
    noisy = noisy_counts(ledger, 'number of rows', np.array([len(table)]), rows, rho)
    return float(noisy[0]), noisy_scale(rho, rows) ** 2


@dataclass(frozen=True)
class Counter:
    """Counts single columns.

    Attributes:
        ledger: What is charged.
        rows: The most rows of one person.
        rho: What one count may cost.
        delta: What finding the levels of one column may cost of δ.
        most: Gives the most tokens of a column, from its noisy number of rows.
        noise: Standard deviations of its noise that the count of a token should have at least.
    """

    ledger: Ledger
    rows: int
    rho: float
    delta: float
    most: Callable[[float], int]
    noise: float

    def count(self, values: pd.Series, column: PublicColumn) -> tuple[Counted, tuple[float, float] | None]:
        """Counts a column; gives it, and the noisy number of rows with its variance if that came out."""
        return self._line(values, column) if column.is_line else self._levels(values, column)

    @property
    def variance(self) -> float:
        """Gives the variance of the noise of one count."""
        return noisy_scale(self.rho, self.rows) ** 2

    def _release(self, part: str) -> Callable[[np.ndarray], np.ndarray]:
        return lambda counts: noisy_counts(self.ledger, part, counts, self.rows, self.rho)

    def _levels(self, values: pd.Series, column: PublicColumn) -> tuple[Counted, tuple[float, float] | None]:
        if column.levels is None:
            return self._found_levels(values, column), None
        levels = column.levels
        places = reading.level_places(values, levels)
        noisy = self._release(f'levels of {column.name}')(np.bincount(places, minlength=len(levels) + 2))
        missing = None if column.complete else seen(noisy[-2], self.variance)
        total = float(noisy.sum()), self.variance * len(noisy)
        return self._level_column(values, column, levels, noisy[:-2], missing, self._notes(column, noisy)), total

    def _notes(self, column: PublicColumn, noisy: np.ndarray) -> tuple[str, ...]:
        """Warns of values that are none of the levels, as far as the noisy count of them shows any."""
        share = noisy[-1] / max(noisy.sum(), 1.0)
        if noisy[-1] < SURE * self.variance**0.5 or share < MUCH:
            return ()
        return (
            f"Column '{column.name}': about {share:.0%} of the rows have values that are none of its levels; they get"
            ' levels at random, or are missing. Are they spelled and typed as in the data?',
        )

    def _found_levels(self, values: pd.Series, column: PublicColumn) -> Counted:
        places, found = reading.spellings(values)
        cells, counts = np.unique(places, return_counts=True)
        exact = dict(zip(cells.tolist(), counts.tolist(), strict=True))  # -1 is missing
        released = frequent_counts(self.ledger, f'levels of {column.name}', exact, self.rows, self.rho, self.delta)
        missing = (released.pop(-1), self.variance) if -1 in released and not column.complete else None
        if not released:
            raise PrivacyError(
                f"Column '{column.name}' has no level that is frequent enough to be found privately. Give its levels in"
                ' privacy, leave the column out, or spend more.'
            )
        joined = _joined({found[cell]: count for cell, count in released.items()})
        noisy = np.array([sum(counts) for counts in joined.values()])
        variances = self.variance * np.array([len(counts) for counts in joined.values()])
        return self._level_column(values, column, tuple(joined), noisy, missing, variances=variances)

    def _level_column(
        self,
        values: pd.Series,
        column: PublicColumn,
        levels: tuple,
        noisy: np.ndarray,
        missing: Any,
        notes: tuple = (),
        variances: np.ndarray | None = None,
    ) -> Counted:
        dtype = values.dtype
        return level_column(
            column.name,
            levels,
            noisy,
            np.full(len(noisy), self.variance) if variances is None else variances,
            missing,
            lambda drawn: reading.write_levels(drawn, dtype, levels),
            self.most(max(float(noisy.sum()), 1.0)),
            self.noise * self.variance**0.5,
            notes,
        )

    def _line(self, values: pd.Series, column: PublicColumn) -> tuple[Counted, tuple[float, float]]:
        is_public = column.grid is not None
        if not is_public:
            column = replace(column, grid=self._found_grid(values, column))
        grid, form, dtype = column.grid, column.form, values.dtype
        places = grid.places(_read(values, column))
        line = count_line(places, grid.size, self._release(f'values of {column.name}'), self.variance)
        missing = None if column.complete else seen(line.missing, line.missing_variance)
        whole = bool(grid.step) and grid.step % 1 == 0 and grid.low % 1 == 0

        def write(drawn: np.ndarray) -> pd.Series:
            if column.sdtype == DATES:
                return reading.write_dates(drawn, dtype, form)
            return reading.write_numbers(drawn, dtype, whole)

        counted = line_column(
            column.name,
            grid,
            line,
            missing,
            lambda series: _read(series, column),
            write,
            self.most(line.totals[0]),
            self.noise * self.variance**0.5,
            is_public,
        )
        return counted, line.totals

    def _found_grid(self, values: pd.Series, column: PublicColumn) -> Grid:
        """Finds the range of a column by noisy counts over magnitudes, or of dates over years."""
        read = _read(values, column)
        read = read[np.isfinite(read)]
        cells, ends = _years(read) if column.sdtype == DATES else _magnitudes(read)
        noisy = self._release(f'range of {column.name}')(np.bincount(cells, minlength=len(ends)))
        sure = np.flatnonzero(noisy > SURE * self.variance**0.5)
        if not len(sure):
            raise PrivacyError(
                f"Column '{column.name}' has too few values for its range to be found privately. Give its bounds in"
                ' privacy, leave the column out, or spend more.'
            )
        low, high = min(ends[cell][0] for cell in sure), max(ends[cell][1] for cell in sure)
        if column.sdtype == DATES:
            return Grid(low, high, reading.DAY if _is_days(column.form) else 1.0)
        if column.decimals is not None:
            step = 10.0**-column.decimals
        else:
            step = float(not any(ends[cell][2] for cell in sure))
        return Grid(low, high, step)


def _joined(counts: Mapping[reading.Spelling, float]) -> dict[Any, list[float]]:
    """Gives the noisy counts of each level, whose spelling is the one that most rows have by these counts."""
    joined: dict[Any, list[float]] = {}
    for spelling in sorted(counts, key=lambda spelling: (-counts[spelling], *spelling[:2])):
        joined.setdefault(spelling[-1], []).append(counts[spelling])  # a dict keeps the first of keys that are equal
    return joined


def _magnitudes(values: np.ndarray) -> tuple[np.ndarray, list[tuple[float, float, bool]]]:
    """Gives the cell of each number, and where each cell starts and ends and whether its numbers have decimals."""
    exponents = np.clip(np.ceil(np.log2(np.maximum(np.abs(values), 2.0**SMALLEST))), SMALLEST, LARGEST).astype(int)
    size = LARGEST - SMALLEST + 1
    sign = np.where(np.abs(values) < 2.0**SMALLEST, 0, np.sign(values)).astype(int)
    cells = np.select([sign == 0, sign > 0], [0, 1 + exponents - SMALLEST], 1 + size + exponents - SMALLEST)
    powers = 2.0 ** np.arange(SMALLEST, LARGEST + 1)
    starts = [(0.0, 0.0)] + [(power / 2, power) for power in powers] + [(-power, -power / 2) for power in powers]
    ends = [(low, high, decimals) for decimals in (False, True) for low, high in starts]
    return cells + len(starts) * (values % 1 != 0), ends


def _years(seconds: np.ndarray) -> tuple[np.ndarray, list[tuple[float, float]]]:
    edges = YEARS.astype(np.int64).astype(np.float64)
    cells = np.clip(np.searchsorted(edges, seconds, side='right') - 1, 0, len(edges) - 2)
    return cells, [(low, high - reading.DAY) for low, high in pairwise(edges.tolist())]


def _is_days(form: str | None) -> bool:
    return form is not None and not any(code in form for code in ('%H', '%I', '%M', '%S', '%T', '%X', '%c', '%f', '%s'))


def _read(values: pd.Series, column: PublicColumn) -> np.ndarray:
    return reading.numbers(values) if column.sdtype == NUMBERS else reading.moments(values, column.form)
