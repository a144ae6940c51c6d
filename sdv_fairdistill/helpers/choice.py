"""Drawing items by their shares, evenly; draws of whole rows are in ``sampling``."""

from __future__ import annotations

import numpy as np

__all__ = ['even_choice']


def even_choice(shares: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draws items by systematic sampling.

    Args:
        shares: Probability of each item ``(items,)``.
        count: Number of draws.
        generator: Draws the one offset.

    Returns:
        Items ``(count,)``, ascending; each occurs ``count * share`` times, rounded up or down.
    """
    cumulative = np.cumsum(shares)
    points = (np.arange(count) + generator.random()) / count * cumulative[-1]
    return np.minimum(np.searchsorted(cumulative, points, side='right'), len(shares) - 1)
