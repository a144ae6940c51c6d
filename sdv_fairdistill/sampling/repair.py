"""Changing the labels of drawn rows as a notion wants them; how the scores for it are learned stays out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch

from sdv_fairdistill.sampling.even import even_classes
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.views.coupling import couple

__all__ = ['ClassChange', 'LabelChange', 'RankChange']

RAKES, CLOSE = 20, 1e-7  # rounds of raking at most, and relative change of a rate with which it ends
LEAN_ROWS = 50  # rows of a group that weigh as much as what is known of its rate: few rows are not forced to it
KERNEL = 0.03  # width, in ranks, within which a numeric label counts as the one asked for
LEVELS = 33  # quantiles that are kept of how far a label is moved, by group
_TINY = 1e-12


class LabelChange(ABC):
    """How the labels of drawn rows are changed, given scores of the rows.

    ``label`` are classes ``(rows,)``, ``own`` and ``repaired`` scores ``(rows, outputs)``: probabilities of classes, or
    an expected rank; ``group`` are groups ``(rows,)``.
    """

    @abstractmethod
    def change(
        self,
        label: np.ndarray,
        own: np.ndarray,
        repaired: np.ndarray,
        group: np.ndarray,
        generators: Generators,
        even: bool,
    ) -> np.ndarray:
        """Draws the changed labels ``(rows,)``; with ``even`` their rates in each group hardly miss those wanted."""

    @abstractmethod
    def outlook(self, wanted: int) -> np.ndarray:
        """Gives about how likely a label becomes the wanted one, ``(groups, classes)``, before columns are known."""

    @abstractmethod
    def likelihood(
        self, label: np.ndarray, own: np.ndarray, repaired: np.ndarray, group: np.ndarray, wanted: int
    ) -> np.ndarray:
        """Gives how likely each row's label becomes the wanted one ``(rows,)``."""


@dataclass(frozen=True)
class ClassChange(LabelChange):
    """Changes of classes: the maximal coupling of both scores, scaled so that each group has the rates wanted.

    Attributes:
        rates: Wanted shares of the classes ``(groups, classes)``.
        factors: What the coupled probabilities are multiplied with for that ``(groups, classes)``.
        moves: Mean probabilities of the changed class given the drawn one ``(groups, classes, classes)``.
    """

    rates: np.ndarray
    factors: np.ndarray
    moves: np.ndarray

    @classmethod
    def of(
        cls, label: np.ndarray, own: np.ndarray, repaired: np.ndarray, group: np.ndarray, rates: np.ndarray
    ) -> ClassChange:
        """Learns factors and moves from rows that were drawn for it; see :class:`LabelChange`."""
        groups, classes = rates.shape
        coupled = couple(own, repaired, label)
        factors, moves = np.ones_like(rates), np.tile(np.eye(classes), (groups, 1, 1))
        for number in range(groups):
            rows = np.flatnonzero(group == number)
            if len(rows):
                factors[number] = _raked(coupled[rows], rates[number], len(rows))
            scaled = _scaled(coupled[rows], factors[number])
            for drawn in np.unique(label[rows]):
                moves[number, drawn] = scaled[label[rows] == drawn].mean(0)
        return cls(rates, factors, moves)

    def probabilities(self, label: np.ndarray, own: np.ndarray, repaired: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Gives the probabilities of the changed classes ``(rows, classes)``."""
        return _scaled(couple(own, repaired, label), self.factors[group])

    def change(
        self,
        label: np.ndarray,
        own: np.ndarray,
        repaired: np.ndarray,
        group: np.ndarray,
        generators: Generators,
        even: bool,
    ) -> np.ndarray:
        """See :meth:`LabelChange.change`."""
        probabilities = self.probabilities(label, own, repaired, group)
        if not even:
            uniform = generators.numpy.random((len(label), 1))
            return (probabilities.cumsum(1)[:, :-1] <= uniform).sum(1)
        for number in np.unique(group):
            rows = np.flatnonzero(group == number)
            probabilities[rows] = _scaled(
                probabilities[rows], _raked(probabilities[rows], self.rates[number], len(rows))
            )
        blocks = group * probabilities.shape[1] + label
        return even_classes(torch.from_numpy(probabilities), blocks, generators.numpy).numpy()

    def outlook(self, wanted: int) -> np.ndarray:
        """See :meth:`LabelChange.outlook`."""
        return self.moves[:, :, wanted]

    def likelihood(
        self, label: np.ndarray, own: np.ndarray, repaired: np.ndarray, group: np.ndarray, wanted: int
    ) -> np.ndarray:
        """See :meth:`LabelChange.likelihood`."""
        return self.probabilities(label, own, repaired, group)[:, wanted]


def _raked(probabilities: np.ndarray, rates: np.ndarray, rows: int) -> np.ndarray:
    """Finds factors ``(classes,)`` after which the mean of probabilities ``(rows, classes)`` is that wanted."""
    trust = rows / (rows + LEAN_ROWS)
    wanted = trust * rates + (1 - trust) * probabilities.mean(0)
    factors = np.ones(len(rates))
    for _ in range(RAKES):
        step = wanted / np.maximum(_scaled(probabilities, factors).mean(0), _TINY)
        factors = factors * step
        factors /= factors.max()
        if np.ptp(step) < CLOSE:
            break
    return factors


def _scaled(probabilities: np.ndarray, factors: np.ndarray) -> np.ndarray:
    scaled = probabilities * factors
    total = reduce(np.add, scaled.T)  # numpy adds up few classes a row at twice the time
    scaled /= np.maximum(total, _TINY)[:, None]
    return scaled


@dataclass(frozen=True)
class RankChange(LabelChange):
    """Changes of numbers or dates: a label is moved by as much as its expected rank is, then to the pooled labels.

    Attributes:
        ranks: Middle rank of each label ``(classes,)``, from 0 to 1; NaN for a missing one.
        cumulative: Share of the present labels up to each one ``(classes,)``.
        reached: Quantiles of the moved ranks of each group ``(groups, knots)``, which become the pooled ranks.
        shifts: Quantiles of how far ranks are moved in each group ``(groups, levels)``.
        residuals: Quantiles of how far ranks are from the expected ones in each group ``(groups, levels)``.
        missing: The label that stands for a missing one; -1 if there is none.
        present: Share of present labels in each group, and in all ``(groups + 1,)``.
    """

    ranks: np.ndarray
    cumulative: np.ndarray
    reached: np.ndarray
    shifts: np.ndarray
    residuals: np.ndarray
    missing: int
    present: np.ndarray

    @classmethod
    def of(
        cls,
        label: np.ndarray,
        own: np.ndarray,
        repaired: np.ndarray,
        group: np.ndarray,
        ranks: np.ndarray,
        missing: int,
        groups: int,
        generator: np.random.Generator,
    ) -> RankChange:
        """Learns from rows that were drawn for it; see :class:`LabelChange`."""
        known = label != missing
        counts = np.bincount(label[known], minlength=len(ranks))
        cumulative = counts.cumsum() / counts.sum()
        shift, inside = (repaired - own)[:, 0], _inside(label, cumulative, generator)
        knots, levels = np.linspace(0, 1, 1 + min(1_000, max(LEVELS, len(label) // 50))), np.linspace(0, 1, LEVELS)
        everyone = np.quantile((inside + shift)[known], knots)
        reached = np.tile(everyone, (groups, 1))
        shifts = np.tile(np.quantile(shift, levels), (groups, 1))
        residuals = np.tile(np.quantile((inside - own[:, 0])[known], levels), (groups, 1))
        present = np.full(groups + 1, known.mean())
        for number in range(groups):
            rows = (group == number) & known
            trust = rows.sum() / (rows.sum() + LEAN_ROWS)
            if rows.any():
                reached[number] = trust * np.quantile((inside + shift)[rows], knots) + (1 - trust) * everyone
                shifts[number] = np.quantile(shift[rows], levels)
                residuals[number] = np.quantile((inside - own[:, 0])[rows], levels)
                present[number] = known[group == number].mean()
        return cls(ranks, cumulative, reached, shifts, residuals, missing, present)

    def change(
        self,
        label: np.ndarray,
        own: np.ndarray,
        repaired: np.ndarray,
        group: np.ndarray,
        generators: Generators,
        even: bool,
    ) -> np.ndarray:
        """See :meth:`LabelChange.change`."""
        lost, found = self._presence(label, group, generators.numpy)
        moved = _inside(label, self.cumulative, generators.numpy) + (repaired - own)[:, 0]
        level = generators.numpy.random(len(label)) * (LEVELS - 1)
        drawn = self.residuals[group, level.astype(int)]  # of a label that was missing only what is expected is known
        moved = np.where(found, repaired[:, 0] + drawn, moved)
        pooled, knots = np.empty(len(label)), np.linspace(0, 1, self.reached.shape[1])
        for number in np.unique(group):
            rows = group == number
            pooled[rows] = np.interp(moved[rows], self.reached[number], knots)
        changed = np.searchsorted(self.cumulative, np.minimum(pooled, 1 - 1e-9), side='right')
        missing = lost | ((label == self.missing) & ~found)
        return np.where(missing, self.missing, np.minimum(changed, len(self.ranks) - 1))

    def _presence(
        self, label: np.ndarray, group: np.ndarray, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Tells which rows lose their label, and which get one, so that as many are missing in each group as in all."""
        if self.missing < 0:
            return np.zeros(len(label), dtype=bool), np.zeros(len(label), dtype=bool)
        own, wanted, chance = self.present[group], self.present[-1], generator.random(len(label))
        lost = (label != self.missing) & (chance < 1 - wanted / np.maximum(own, _TINY))
        found = (label == self.missing) & (chance < (wanted - own) / np.maximum(1 - own, _TINY))
        return lost, found

    def outlook(self, wanted: int) -> np.ndarray:
        """See :meth:`LabelChange.outlook`."""
        if wanted == self.missing:
            return np.tile((np.arange(len(self.ranks)) == self.missing) + 1e-3, (len(self.shifts), 1))
        moved = np.nan_to_num(self.ranks)[None, :, None] + self.shifts[:, None, :]
        return np.stack([self._near(moved[number], number, wanted).mean(1) for number in range(len(moved))]) + 1e-6

    def likelihood(
        self, label: np.ndarray, own: np.ndarray, repaired: np.ndarray, group: np.ndarray, wanted: int
    ) -> np.ndarray:
        """See :meth:`LabelChange.likelihood`."""
        if wanted == self.missing:
            return (label == self.missing) + 1e-3
        moved, result = self.ranks[label] + (repaired - own)[:, 0], np.empty(len(label))
        for number in np.unique(group):
            rows = group == number
            result[rows] = self._near(np.nan_to_num(moved[rows]), number, wanted)
        return result * (label != self.missing) + 1e-6

    def _near(self, moved: np.ndarray, group: int, wanted: int) -> np.ndarray:
        """Tells how near moved ranks come to those that become the wanted label, 0 to 1."""
        knots = np.linspace(0, 1, self.reached.shape[1])
        pooled = np.interp(moved, self.reached[group], knots)
        return np.exp(-0.5 * ((pooled - self.ranks[wanted]) / KERNEL) ** 2)


def _inside(label: np.ndarray, cumulative: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draws a rank ``(rows,)`` inside the span of each label: rows of one label are parted by chance."""
    low = np.concatenate([[0.0], cumulative[:-1]])
    return low[label] + generator.random(len(label)) * (cumulative - low)[label]
