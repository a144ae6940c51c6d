"""A relaxed table, fitted to noisy counts: a mixture of products of independent columns, in torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

__all__ = ['Measure', 'RelaxedTable', 'positions_of']

START = 0.5  # standard deviation of the first logits: parts must differ, or all of them learn the same


@dataclass(frozen=True, eq=False)
class Measure:
    """Noisy counts of the combinations of some columns' tokens.

    Attributes:
        columns: One, two or three columns, by place.
        counts: Noisy counts, an axis a column.
        variances: Variances of their noise, in the same shape or a single one.
    """

    columns: tuple[int, ...]
    counts: np.ndarray
    variances: np.ndarray


class RelaxedTable:
    """Parts of equal weight; in each the columns are independent, with shares that are learned.

    After Aydore et al., "Differentially Private Query Release Through Adaptive Projection" (2021), and Liu, Vietri and
    Wu, "Iterative Methods for Private Synthetic Data" (2021).

    Args:
        sizes: Number of tokens of each column.
        parts: Number of parts.
        rate: Learning rate of Adam.
        generator: Draws the first logits and the order of nothing else.

    Example:
        >>> table = RelaxedTable([2, 2], parts=50, rate=0.1, generator=torch.Generator().manual_seed(0))
        >>> both = Measure((0, 1), np.array([[40.0, 0.0], [0.0, 60.0]]), np.array(1.0))
        >>> table.fit([both], total=100.0, steps=200)
        >>> table.shares((0, 1)).round(1).tolist()
        [[0.4, 0.0], [0.0, 0.6]]
    """

    def __init__(self, sizes: Sequence[int], parts: int, rate: float, generator: torch.Generator) -> None:
        self.sizes = list(sizes)
        self.parts = parts
        self._rate = rate
        self._logits = [torch.randn(parts, size, generator=generator) * START for size in sizes]
        for logits in self._logits:
            logits.requires_grad_(True)
        self._optimizer = torch.optim.Adam(self._logits, lr=rate, betas=(0.9, 0.99))

    def begin(self, measures: Sequence[Measure], total: float) -> None:
        """Starts each column at its own counts: what is measured of a column alone."""
        for measure in measures:
            (column,) = measure.columns
            shares = np.maximum(measure.counts, 0.5) / total
            with torch.no_grad():
                self._logits[column] += torch.from_numpy(np.log(shares / shares.sum())).float()

    def fit(self, measures: Sequence[Measure], total: float, steps: int, decay: bool = False) -> None:
        """Moves the shares towards noisy counts, by squared errors over variances.

        Args:
            measures: All that was measured.
            total: Number of rows, noisy as well.
            steps: Steps of Adam.
            decay: Whether the learning rate falls to a twentieth on the way.
        """
        wanted = [torch.from_numpy(measure.counts / total).float() for measure in measures]
        weights = [
            torch.from_numpy(np.broadcast_to(total / measure.variances**0.5, measure.counts.shape).copy()).float()
            for measure in measures
        ]
        for step in range(steps):
            for group in self._optimizer.param_groups:
                group['lr'] = self._rate * (0.05 ** (step / steps) if decay else 1.0)
            self._optimizer.zero_grad(set_to_none=True)
            shares = self._softmax({column for measure in measures for column in measure.columns})
            loss = sum(
                ((self._marginal(shares, measure.columns) - want) * weight).square().sum()
                for measure, want, weight in zip(measures, wanted, weights, strict=True)
            )
            loss.backward()
            self._optimizer.step()

    def shares(self, columns: tuple[int, ...]) -> np.ndarray:
        """Gives the shares of the combinations of some columns' tokens, an axis a column."""
        with torch.no_grad():
            return self._marginal(self._softmax(columns), columns).numpy().astype(np.float64)

    def all_shares(self, wanted: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
        """Gives the shares of several combinations of columns."""
        with torch.no_grad():
            shares = self._softmax(range(len(self.sizes)))
            return [self._marginal(shares, columns).numpy() for columns in wanted]

    def draw(self, rows: int, generator: np.random.Generator) -> np.ndarray:
        """Draws token rows ``(rows, columns)``: each part is used equally often, in random order."""
        part = generator.permutation(rows) % self.parts
        tokens = np.empty((rows, len(self.sizes)), dtype=np.int64)
        for column, logits in enumerate(self._logits):
            with torch.no_grad():
                cumulative = torch.softmax(logits.double(), 1).cumsum(1).numpy()
            cumulative[:, -1] = 1.0
            points = part + generator.random(rows)
            flat = (cumulative + np.arange(self.parts)[:, None]).ravel()
            place = np.searchsorted(flat, points, side='right')
            tokens[:, column] = np.minimum(place - part * self.sizes[column], self.sizes[column] - 1)
        return tokens

    def _softmax(self, columns: Sequence[int] | set[int]) -> dict[int, torch.Tensor]:
        return {column: torch.softmax(self._logits[column], 1) for column in columns}

    def _marginal(self, shares: dict[int, torch.Tensor], columns: tuple[int, ...]) -> torch.Tensor:
        first, *others = (shares[column] for column in columns)
        if not others:
            return first.mean(0)
        joint = others[0] if len(others) == 1 else (others[0][:, :, None] * others[1][:, None, :]).flatten(1)
        return (first.T @ joint / self.parts).reshape([self.sizes[column] for column in columns])


def positions_of(tokens: np.ndarray, columns: tuple[int, ...], sizes: Sequence[int]) -> np.ndarray:
    """Gives the cell ``(rows,)`` of each row among the combinations of some columns' tokens."""
    cells = tokens[:, columns[0]].astype(np.int64)
    for column in columns[1:]:
        cells = cells * sizes[column] + tokens[:, column]
    return cells
