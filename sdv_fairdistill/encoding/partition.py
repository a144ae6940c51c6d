"""Cutting an ordered list of masses into contiguous groups of about equal mass; values and codes stay out."""

import numpy as np

__all__ = ['partition', 'tail_starts']

_GROWTH = 1.05  # the factor by which a target grows until the groups fit; smaller comes closer to the limit


def partition(masses: np.ndarray, target: float, limit: int) -> np.ndarray:
    """Group neighbours so that each group holds about the target mass.

    A mass of at least the target is a group of its own; the runs between such masses are cut evenly. The target grows
    until there are no more than ``limit`` groups.

    Args:
        masses: Masses (items,), positive, in the order of the items.
        target: The mass that a group should hold.
        limit: The largest number of groups.

    Returns:
        The group of each item (items,), ascending from 0.

    Example:
        >>> partition(np.array([1, 1, 10, 1, 1, 1, 1]), target=2, limit=4).tolist()
        [0, 0, 1, 2, 2, 3, 3]
    """
    groups = _cut(masses, target)
    while groups[-1] >= limit:
        target *= _GROWTH
        groups = _cut(masses, target)
    return groups


def _cut(masses: np.ndarray, target: float) -> np.ndarray:
    """Give the groups for exactly this target."""
    heavy = masses >= target
    starts = heavy.copy()
    starts[1:] |= heavy[:-1]
    starts[0] = True
    runs = np.cumsum(starts) - 1
    run_masses = np.bincount(runs, masses)
    parts = np.maximum(1, np.rint(run_masses / target))
    parts[runs[heavy]] = 1
    middles = np.cumsum(masses) - masses / 2 - (np.cumsum(run_masses) - run_masses)[runs]
    part = np.floor(middles / run_masses[runs] * parts[runs])
    starts[1:] |= part[1:] != part[:-1]
    return np.cumsum(starts) - 1


def tail_starts(counts: np.ndarray, target: float) -> np.ndarray:
    """Mark extra cuts in both tails, at 2, 4, 8, … rows from the end up to the target.

    The outermost group would otherwise stretch from a common value to the most extreme one, and values drawn evenly
    from it would inflate the mean of a heavy-tailed column.

    Args:
        counts: Rows of each distinct value (values,), in ascending order of the values.
        target: The rows that an ordinary group holds; cuts stop there.

    Returns:
        Whether a group starts at each value (values,).
    """
    starts = np.zeros(len(counts), dtype=bool)
    below = np.cumsum(counts) - counts
    above = counts.sum() - below - counts
    for rows in (below, above):
        octave = np.floor(np.log2(np.clip(rows, 1, target)))
        starts[1:] |= octave[1:] != octave[:-1]
    return starts
