"""Rows of the cells of a line, guessed from noisy counts: cells are pooled where noise alone explains their counts."""

from __future__ import annotations

import numpy as np

from sdv_fairdistill.privacy.histogram import LineCounts

__all__ = ['line_masses']

SURE = 3.0  # standard deviations of the noise above which a single cell has rows of its own
LIKELY = 2.0  # and above which pooled cells have: few are looked at, while single ones are many
FAINT = 0.25  # standard deviations of the noise that public ends are thought to hold at least
MOST_FAINT = 0.01  # share of the rows that they are thought to hold at most, if nothing more is seen


def line_masses(line: LineCounts, present: float, believes_ends: bool) -> np.ndarray:
    """Guesses the rows of each cell ``(cells,)``, not negative; they add up to those with a value.

    Neighbouring cells whose own counts noise alone explains are pooled, and cut in halves as long as both halves have
    rows. Pools in which noise explains the sum as well are empty. Ends that are public are an exception: they are
    thought to be reached, unless they lie further beyond all that was seen than that is wide.

    Args:
        line: Noisy counts.
        present: Noisy number of rows with a value.
        believes_ends: Whether the ends are public.
    """
    sure = line.counts > SURE * np.sqrt(line.variances)
    masses = np.where(sure, line.counts, 0.0)
    if not sure.any():
        return np.full(len(masses), present / len(masses)) if believes_ends else np.maximum(line.counts, 1e-9)
    seen = np.flatnonzero(sure)
    support = line.ends[seen[-1]] - line.starts[seen[0]]
    for first, last in _runs(~sure):
        is_end = first == 0 or last == len(sure)
        reachable = is_end and believes_ends and line.ends[last - 1] - line.starts[first] <= support
        for start, end in _pools(line, first, last):
            pooled, noise = line.counts[start:end].sum(), line.variances[start:end].sum() ** 0.5
            rows = pooled if pooled > LIKELY * noise else 0.0
            if reachable:
                rows = max(pooled, min(FAINT * noise, MOST_FAINT * present))
            widths = line.ends[start:end] - line.starts[start:end]
            masses[start:end] = rows * widths / widths.sum()
    return masses * (present / masses.sum())


def _runs(chosen: np.ndarray) -> list[tuple[int, int]]:
    """Gives where runs of chosen cells start, and end exclusively."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _pools(line: LineCounts, first: int, last: int) -> list[tuple[int, int]]:
    """Cuts a run into halves as long as both have rows for certain."""
    if last - first > 1:
        middle = (first + last) // 2
        halves = [(first, middle), (middle, last)]
        if all(line.counts[start:end].sum() > LIKELY * line.variances[start:end].sum() ** 0.5 for start, end in halves):
            return [pool for half in halves for pool in _pools(line, *half)]
    return [(first, last)]
