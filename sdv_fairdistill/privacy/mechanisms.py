"""The three ways in which anything of a table is released, each charged to a ledger; all noise is OpenDP's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sdv_fairdistill.privacy.accounting import opendp
from sdv_fairdistill.privacy.ledger import Entry, Ledger

__all__ = ['frequent_counts', 'noisy_counts', 'noisy_maximum', 'noisy_scale']

LARGEST_THRESHOLD = 2**40  # rows; no table has more


def noisy_scale(rho: float, rows: int) -> float:
    """Gives the standard deviation of Gaussian noise on counts that one person changes by so many rows.

    All of a person's rows may lie in one cell, so that this is the Euclidean sensitivity of the counts.
    """
    return rows / (2 * rho) ** 0.5


def noisy_counts(ledger: Ledger, part: str, counts: np.ndarray, rows: int, rho: float) -> np.ndarray:
    """Releases counts of disjoint cells with discrete Gaussian noise (Canonne, Kamath and Steinke 2020).

    Args:
        ledger: What is charged.
        part: What the ledger calls it.
        counts: Whole numbers, in any shape; each row of the table is in one cell at most.
        rows: The most rows of one person.
        rho: What it may cost.

    Returns:
        Noisy counts in the same shape, float64; they may be negative.
    """
    dp = opendp()
    space = dp.vector_domain(dp.atom_domain(T='i64')), dp.l2_distance(T='f64')
    gaussian = dp.m.make_gaussian(*space, scale=noisy_scale(rho, rows))
    ledger.charge(Entry(part, gaussian.map(float(rows))))
    return np.array(gaussian(counts.ravel().astype(np.int64).tolist()), dtype=np.float64).reshape(counts.shape)


def noisy_maximum(ledger: Ledger, part: str, scores: np.ndarray, rows: int, rho: float) -> int:
    """Releases which of several scores is about the largest, by a noisy maximum.

    Args:
        ledger: What is charged.
        part: What the ledger calls it.
        scores: Finite numbers ``(scores,)``, of which a row of the table changes each by 1 at most.
        rows: The most rows of one person.
        rho: What it may cost.

    Returns:
        The place of the score.
    """
    dp = opendp()
    space = dp.vector_domain(dp.atom_domain(T='f64', nan=False)), dp.linf_distance(T='f64')
    scale = noisy_scale(rho, rows)
    choose = dp.m.make_noisy_max(*space, dp.zero_concentrated_divergence(), scale=scale)
    ledger.charge(Entry(part, choose.map(float(rows))))
    return int(choose(scores.astype(np.float64).tolist()))


def frequent_counts(
    ledger: Ledger, part: str, counts: Mapping[int, int], rows: int, rho: float, delta: float
) -> dict[int, float]:
    """Releases the cells that have enough rows, and noisy counts of them, where nobody knows which cells there are.

    A cell of one person is released with probability ``delta`` at most (Rogers 2023).

    Args:
        ledger: What is charged.
        part: What the ledger calls it.
        counts: Rows of each cell that has any.
        rows: The most rows of one person, and so the most cells.
        rho: What it may cost.
        delta: What it may cost of δ.

    Returns:
        The noisy count of each cell that was above the threshold.
    """
    dp = opendp()
    space = (
        dp.map_domain(dp.atom_domain(T='i64'), dp.atom_domain(T='i64')),
        dp.l02inf_distance(dp.absolute_distance(T='i64')),
    )
    scale, distance = noisy_scale(rho, rows), (rows, rows, rows)  # cells, Euclidean, largest

    def of_threshold(threshold: int) -> Any:
        return dp.m.make_gaussian_threshold(*space, scale=scale, threshold=threshold)

    low, high = rows, LARGEST_THRESHOLD
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if of_threshold(middle).map(distance)[1] <= delta else (middle, high)
    measurement = of_threshold(high)
    ledger.charge(Entry(part, *measurement.map(distance)))
    return {int(cell): float(count) for cell, count in measurement(dict(counts)).items()}
