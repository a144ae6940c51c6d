"""Noisy counts along a line, finer where there are more rows; what the places mean is in ``grid``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ['LineCounts', 'count_line', 'depth_of', 'on_simplex', 'widths_of']

FLAT = 256  # places up to which each is counted by itself, at once
FIRST = 64  # cells of a longer line, at first
BRANCHES = 16  # cells into which one with many rows is cut
HEAVY = 128  # a cell with less than this part of the rows is fine enough
SURE = 4.0  # standard deviations of the noise, below which a count does not say that anybody is there


@dataclass(frozen=True, eq=False)
class LineCounts:
    """Noisy counts of the cells of a line.

    Attributes:
        starts: First place of each cell ``(cells,)``, ascending.
        ends: The place at which each ends, exclusive.
        counts: Noisy counts ``(cells,)``; they may be negative.
        variances: Variance of the noise of each ``(cells,)``.
        missing: Noisy count of the rows without a value.
        missing_variance: Variance of its noise.
        totals: Noisy number of all rows, and the variance of that.
    """

    starts: np.ndarray
    ends: np.ndarray
    counts: np.ndarray
    variances: np.ndarray
    missing: float
    missing_variance: float
    totals: tuple[float, float]


def widths_of(size: int) -> list[int]:
    """Gives the widths of cells, the widest first, down to 1."""
    if size <= FLAT:
        return [1]
    widths = [-(-size // FIRST)]
    while widths[-1] > 1:
        widths.append(-(-widths[-1] // BRANCHES))
    return widths


def depth_of(size: int) -> int:
    """Gives the most counts that a line of so many places is given."""
    return len(widths_of(size))


def count_line(places: np.ndarray, size: int, count: Callable[[np.ndarray], np.ndarray], variance: float) -> LineCounts:
    """Counts rows along a line: in wide cells first, then in narrower ones where there are many.

    Args:
        places: Place of each row ``(rows,)``, -1 where it is missing.
        size: Number of places.
        count: Releases counts with noise; called once for each width that is needed, :func:`depth_of` times at most.
            Each row is in one of the counted cells at most.
        variance: Variance of that noise.
    """
    widths = widths_of(size)
    starts = np.arange(0, size, widths[0])
    ends = np.minimum(starts + widths[0], size)
    exact = np.bincount(places[places >= 0] // widths[0], minlength=len(starts))
    noisy = count(np.append(exact, (places < 0).sum()))
    counts, missing = noisy[:-1], noisy[-1]
    variances = np.full(len(counts), variance)
    total = float(max(noisy.sum(), 1.0))
    for width in widths[1:]:
        heavy = (counts > max(SURE * variance**0.5, total / HEAVY)) & (ends - starts > width)
        if not heavy.any():
            break
        parts = [_cut(places, starts[cell], ends[cell], width) for cell in np.flatnonzero(heavy)]
        released = count(np.concatenate([part[2] for part in parts]))
        pieces, done = [], 0
        for cell, (first, last, exact) in zip(np.flatnonzero(heavy), parts, strict=True):
            children = released[done : done + len(exact)]
            done += len(exact)
            pieces.append((first, last, *_reconciled(children, counts[cell], variance, variances[cell])))
        starts, ends, counts, variances = _joined((starts, ends, counts, variances), ~heavy, pieces)
    totals = float(noisy.sum()), variance * len(noisy)
    return LineCounts(starts, ends, counts, variances, float(missing), variance, totals)


def _cut(places: np.ndarray, start: int, end: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first = np.arange(start, end, width)
    inside = places[(places >= start) & (places < end)]
    return first, np.minimum(first + width, end), np.bincount((inside - start) // width, minlength=len(first))


def _reconciled(
    children: np.ndarray, parent: float, variance: float, parent_variance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Makes counts of the parts add up to the best guess of the whole; gives them and their variances."""
    whole, whole_variance = children.sum(), variance * len(children)
    weight = whole_variance / (whole_variance + parent_variance)
    shifted = children + weight * (parent - whole) / len(children)
    return shifted, np.full(len(children), variance * (1 - weight / len(children)))


def _joined(cells: tuple[np.ndarray, ...], kept: np.ndarray, pieces: list[tuple]) -> tuple[np.ndarray, ...]:
    parts = [np.concatenate([own[kept], *new]) for own, new in zip(cells, zip(*pieces, strict=True), strict=True)]
    order = np.argsort(parts[0], kind='stable')
    return tuple(part[order] for part in parts)


def on_simplex(counts: np.ndarray, total: float) -> np.ndarray:
    """Gives the counts without negative ones that are nearest to noisy ones and add up to a total.

    Example:
        >>> on_simplex(np.array([5.0, -1.0, 2.0]), 6.0).tolist()
        [4.5, 0.0, 1.5]
    """
    ranked = np.sort(counts)[::-1]
    excess = (np.cumsum(ranked) - total) / np.arange(1, len(counts) + 1)
    last = np.flatnonzero(ranked > excess)[-1]
    return np.maximum(counts - excess[last], 0.0)
