"""Numbers and dates as places on a line of equal steps, and back; how many rows lie where is in ``histogram``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ['FINEST', 'Grid']

FINEST = 2**20  # steps of a line without a step of its own: a millionth of the range, finer than noise ever tells
LARGEST = 2**53  # steps of a line; beyond, float64 does not tell neighbours
DIGITS = 17  # after which float64 has no more decimals
SPARE = 6  # decimals beyond those of the step, as the lowest value may have some of its own


@dataclass(frozen=True)
class Grid:
    """A line from one value to another, cut into equal steps.

    Attributes:
        low: The lowest value.
        high: The highest value; values beyond either are moved there.
        step: The unit of which values are multiples, counted from ``low``; 0 for none.

    Example:
        >>> grid = Grid(17, 90, 1)
        >>> grid.size, grid.places(np.array([17.0, 18.4, 1000.0, np.nan])).tolist()
        (74, [0, 1, 73, -1])
    """

    low: float
    high: float
    step: float = 0.0

    @property
    def size(self) -> int:
        """Gives the number of places."""
        return int(np.floor((self.high - self.low) / self.step + 1e-9)) + 1 if self.step else FINEST

    def places(self, values: np.ndarray) -> np.ndarray:
        """Gives the place ``(rows,)`` of values, from 0 to ``size - 1``; -1 where they are missing."""
        missing = np.isnan(values)
        clipped = np.clip(np.where(missing, self.low, values), self.low, self.high) - self.low
        found = np.rint(clipped / self.step) if self.step else np.floor(clipped * (FINEST / (self.high - self.low)))
        return np.where(missing, -1, np.minimum(found, self.size - 1)).astype(np.int64)

    def draw(self, starts: np.ndarray, ends: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draws a value ``(rows,)`` evenly from each run of places, ends exclusive."""
        if self.step:
            place = np.minimum(starts + np.floor(generator.random(len(starts)) * (ends - starts)), ends - 1)
            return self._rounded(self.low + place * self.step)
        width = (self.high - self.low) / FINEST
        return self.low + (starts + generator.random(len(starts)) * (ends - starts)) * width

    def roundest(self, place: int) -> float:
        """Gives the value of a single place with the fewest digits: what many rows share is seldom a crooked number."""
        if self.step:
            return float(self._rounded(np.array([self.low + place * self.step]))[0])
        width = (self.high - self.low) / FINEST
        start, end = self.low + place * width, self.low + (place + 1) * width
        if start <= 0 < end or (place == FINEST - 1 and self.high == 0):
            return 0.0
        if place == FINEST - 1 or place == 0:
            return float(self.high if place else self.low)
        digits = -int(np.floor(np.log10(end - start))) - 1
        for decimals in range(digits - DIGITS, digits + 2):
            rounded = round(start + width / 2, decimals)
            if start <= rounded < end:
                return float(rounded)
        return float(start)

    def _rounded(self, values: np.ndarray) -> np.ndarray:
        decimals = max(0, int(np.ceil(-np.log10(self.step)))) + SPARE
        return np.round(values, min(decimals, DIGITS - 2))
