"""Rows of the cells of a line, guessed from noisy counts: cells are alike as far as noise explains how they differ."""

from __future__ import annotations

import numpy as np

from sdv_fairdistill.privacy.histogram import LineCounts

__all__ = ['line_masses']

SURE = 3.0  # standard deviations of the noise above which a single cell has rows for certain
LIKELY = 2.0  # and above which pooled cells have: few are looked at, while single ones are many
MOST_HIDDEN = 0.1  # share of the rows: an end in which noise may hide more of them is not taken for empty
FAINT = 0.25  # standard deviations of the noise that public ends are thought to hold at least
MOST_FAINT = 0.01  # share of the rows that they are thought to hold at most, if nothing more is seen


def line_masses(line: LineCounts, present: float, believes_ends: bool) -> np.ndarray:
    """Guesses the rows of each cell ``(cells,)``, not negative; they add up to those with a value.

    All rows are divided between two halves of the line, the rows of each half between its halves, and so on. Each time
    the rows lie as widths say, but for as much of the difference as noise does not explain: the shrinking of James and
    Stein (1961), of the coefficients of Haar's wavelets (Donoho and Johnstone, "Adapting to Unknown Smoothness via
    Wavelet Shrinkage", 1995). Ends of the line in which noise explains all that was counted, and cannot hide much, are
    empty. Ends that are public are an exception: they are thought to be reached, unless they lie further beyond all
    that was seen than that is wide.

    Args:
        line: Noisy counts.
        present: Noisy number of rows with a value.
        believes_ends: Whether the ends are public.
    """
    sure = line.counts > SURE * np.sqrt(line.variances)
    if not sure.any() and not believes_ends:
        return np.maximum(line.counts, 1e-9)
    least, is_open = np.zeros(len(sure)), np.ones(len(sure), dtype=bool)
    for start, end, is_near in _empty_ends(line, sure, present):
        is_open[start:end] = believes_ends and is_near
        if is_open[start]:
            rows = min(FAINT * line.variances[start:end].sum() ** 0.5, MOST_FAINT * present)
            least[start:end] = rows * _widths(line)[start:end] / _widths(line)[start:end].sum()
    masses = np.zeros(len(sure))
    masses[is_open] = _divided(present, *(part[is_open] for part in (line.counts, line.variances, _widths(line))))
    masses = np.maximum(masses, least)
    return masses * (present / masses.sum())


def _widths(line: LineCounts) -> np.ndarray:
    return (line.ends - line.starts).astype(np.float64)


def _empty_ends(line: LineCounts, sure: np.ndarray, present: float) -> list[tuple[int, int, bool]]:
    """Gives the pools of cells at both ends in which noise explains all, and whether they are near what was seen."""
    seen = np.flatnonzero(sure)
    if not len(seen):
        return []
    support, found = line.ends[seen[-1]] - line.starts[seen[0]], []
    for first, last in _runs(~sure):
        if first == 0 or last == len(sure):
            is_near = line.ends[last - 1] - line.starts[first] <= support
            pools = [pool for pool in _pools(line, first, last) if _hidden(line, *pool) <= MOST_HIDDEN * present]
            found += [(*pool, is_near) for pool in pools if not _has_rows(line, *pool)]
    return found


def _hidden(line: LineCounts, start: int, end: int) -> float:
    """Gives the rows that noise may hide in a pool of cells."""
    return LIKELY * line.variances[start:end].sum() ** 0.5


def _has_rows(line: LineCounts, start: int, end: int) -> bool:
    return line.counts[start:end].sum() > _hidden(line, start, end)


def _divided(rows: float, counts: np.ndarray, variances: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Divides rows between cells ``(cells,)`` by halves."""
    if len(counts) == 1 or rows <= 0:
        return rows * widths / widths.sum()
    halves = [slice(None, len(counts) // 2), slice(len(counts) // 2, None)]
    (left, right), (noise, other) = ([part[half].sum() for half in halves] for part in (counts, variances))
    counted = left + noise / (noise + other) * (rows - left - right)
    even = rows * widths[halves[0]].sum() / widths.sum()
    differs = counted - even
    kept = max(0.0, 1 - noise * other / (noise + other) / differs**2) if differs else 0.0
    first = float(np.clip(even + kept * differs, 0.0, rows))
    parts = zip((first, rows - first), halves, strict=True)
    return np.concatenate([_divided(part, counts[half], variances[half], widths[half]) for part, half in parts])


def _runs(chosen: np.ndarray) -> list[tuple[int, int]]:
    """Gives where runs of chosen cells start, and end exclusively."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _pools(line: LineCounts, first: int, last: int) -> list[tuple[int, int]]:
    """Cuts a run into halves as long as both have rows for certain."""
    if last - first > 1:
        middle = (first + last) // 2
        halves = [(first, middle), (middle, last)]
        if all(_has_rows(line, *half) for half in halves):
            return [pool for half in halves for pool in _pools(line, *half)]
    return [(first, last)]
