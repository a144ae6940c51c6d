"""The piecewise inverse distribution behind a binned column: float values ⇄ codes. Data types and RDT stay out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdv_fairdistill.encoding.partition import partition, tail_starts

__all__ = ['LARGEST_VALUE', 'Binning', 'BinningConfig', 'learn_step', 'snap']

LARGEST_VALUE = 1e300  # the difference of two values must stay a finite float64
_EXACT_INTEGERS = 2.0**51  # above it, adding a half to a float64 is no longer exact


@dataclass(frozen=True)
class BinningConfig:
    """The numbers that shape a binning.

    Attributes:
        max_tokens: The most bins of a column, besides the one of missing values (measured: see `QuantileBinner`).
        max_knots: The most pieces of the inverse distribution (a few more in the tails): beyond it the error of a
            column's shape, about 1 / max_knots, is below what any sample shows.
        min_rows: The rows that a bin or piece should hold at least; with fewer, it memorises rows. (Smaller are the
            outermost pieces of a continuous column, and what lies between two heavy values.)
        few_values: Up to this many distinct values each one is its own bin, however rare: such a column is a flag, a
            count or a class in disguise.
        min_repeats: With at least this many rows a distinct value, and at most max_knots of them, only values that
            were seen are produced.
    """

    max_tokens: int = 64
    max_knots: int = 1000
    min_rows: int = 10
    few_values: int = 20
    min_repeats: int = 5


@dataclass(frozen=True, eq=False)
class Binning:
    """A strictly ordered, piecewise map from values to codes, and back.

    ``floor(code)`` is the bin and the fraction of the code the position inside it, so that a bin and a uniform
    fraction draw from the learned distribution. A piece is an atom (``value_low == value_high``: its whole range of
    codes gives the one value) or a segment, on which the value is linear in the code.

    Attributes:
        value_low: Lowest value of each piece (pieces,), ascending.
        value_high: Highest value of each piece (pieces,).
        code_low: Lowest code of each piece (pieces,), ascending.
        code_high: The code at which each piece ends (pieces,), exclusive.
        n_bins: Number of bins of present values.
        has_missing: Whether missing values were seen; theirs is the last bin, ``n_bins``.
        commonest: The bin with the most rows.
        step: The unit of which all values are multiples, 0 for none.
        minimum: The smallest value seen.
        maximum: The largest value seen.
    """

    value_low: np.ndarray
    value_high: np.ndarray
    code_low: np.ndarray
    code_high: np.ndarray
    n_bins: int
    has_missing: bool
    commonest: int
    step: float
    minimum: float
    maximum: float

    @classmethod
    def learn(cls, values: np.ndarray, steps: tuple[float, ...], config: BinningConfig) -> Binning:
        """Learn the pieces and bins of a column.

        Args:
            values: The column (rows,) as float64; NaN is missing.
            steps: Units to try, largest first; the first of which all values are multiples is kept.
            config: The limits.

        Returns:
            The binning; only quantiles of the column are stored.
        """
        present = values[~np.isnan(values)]
        has_missing = len(present) < len(values)
        if len(present) == 0:
            nothing = np.zeros(0)
            return cls(nothing, nothing, nothing, nothing, 0, has_missing, 0, 0.0, np.nan, np.nan)

        distinct, counts = np.unique(present, return_counts=True)
        step = learn_step(distinct, steps)
        pieces, atoms = _cut_pieces(counts, config)
        value_low, value_high = _piece_edges(distinct, pieces, atoms, step)
        masses = np.bincount(pieces, counts)
        bins = _cut_bins(masses, len(distinct), config)
        code_low, code_high = _piece_codes(masses, bins)
        commonest = int(np.argmax(np.bincount(bins, masses)))
        n_bins = int(bins[-1]) + 1
        ends = float(distinct[0]), float(distinct[-1])
        return cls(value_low, value_high, code_low, code_high, n_bins, has_missing, commonest, step, *ends)

    @property
    def n_tokens(self) -> int:
        """Number of tokens: the bins and, if missing values were seen, one for them."""
        return max(1, self.n_bins + self.has_missing)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Give the codes of values.

        Args:
            values: Values (rows,) as float64. NaN becomes the middle of the missing bin, or of the commonest bin if
                none was seen. A value between or beyond the pieces takes the nearest code.

        Returns:
            Codes (rows,), float64, in [0, n_tokens).
        """
        missing = np.isnan(values)
        codes = np.full(len(values), (self.n_bins if self.has_missing else self.commonest) + 0.5)
        if self.n_bins == 0 or missing.all():
            return codes
        present = np.clip(values[~missing], self.minimum, self.maximum)
        piece = np.maximum(np.searchsorted(self.value_low, present, side='right') - 1, 0)
        following = np.minimum(piece + 1, len(self.value_low) - 1)
        piece = np.where(present - self.value_high[piece] > self.value_low[following] - present, following, piece)
        codes[~missing] = self._codes_inside(present, piece)
        return codes

    def _codes_inside(self, values: np.ndarray, piece: np.ndarray) -> np.ndarray:
        low, width = self.value_low[piece], self.value_high[piece] - self.value_low[piece]
        position = np.full(len(values), 0.5)
        np.divide(values - low, width, out=position, where=width > 0)
        code_low, code_high = self.code_low[piece], self.code_high[piece]
        codes = code_low + np.clip(position, 0, 1) * (code_high - code_low)
        return np.minimum(codes, np.nextafter(code_high, 0))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Give the values of codes.

        Args:
            codes: Codes (rows,); those outside [0, n_tokens) are clipped, NaN is missing.

        Returns:
            Values (rows,), float64, within the range seen; NaN for missing.
        """
        if self.n_bins == 0:
            return np.full(len(codes), np.nan)
        piece = np.maximum(np.searchsorted(self.code_low, codes, side='right') - 1, 0)
        low, high = self.value_low[piece], self.value_high[piece]
        position = (codes - self.code_low[piece]) / (self.code_high[piece] - self.code_low[piece])
        values = low + np.clip(position, 0, 1) * (high - low)
        if self.step:
            values = np.where(high > low, snap(values, self.step), values)
        values = np.clip(values, self.minimum, self.maximum)
        missing = np.isnan(codes) | ((codes >= self.n_bins) & self.has_missing)
        return np.where(missing, np.nan, values)

    def holds_one_value(self, token: int) -> bool:
        """Tell whether a bin stands for a single value, as a level does."""
        inside = np.floor(self.code_low) == token
        return bool(inside.sum() == 1 and (self.value_low == self.value_high)[inside].all())


def learn_step(distinct: np.ndarray, steps: tuple[float, ...]) -> float:
    """Find the first step of which all values are multiples.

    Args:
        distinct: Values (values,).
        steps: Units to try.

    Returns:
        The step, or 0 if the values are multiples of none.

    Example:
        >>> learn_step(np.array([0.25, 1.5]), steps=(1.0, 0.1, 0.01))
        0.01
    """
    few = distinct[:1000]
    for step in steps:
        if np.array_equal(snap(few, step), few) and np.array_equal(snap(distinct, step), distinct):
            return step
    return 0.0


def snap(values: np.ndarray, step: float) -> np.ndarray:
    """Round values to the nearest multiple of a step, halves upwards.

    A step below 1 is applied as a division by its inverse, which gives the float64 that a decimal literal gives.
    """
    if step >= 1:
        units = values / step
        rounded = np.floor(units + 0.5) * step
    else:
        units = values * np.rint(1 / step)
        rounded = np.floor(units + 0.5) / np.rint(1 / step)
    return np.where(np.abs(units) < _EXACT_INTEGERS, rounded, values)


def _cut_pieces(counts: np.ndarray, config: BinningConfig) -> tuple[np.ndarray, np.ndarray]:
    """Group distinct values into pieces: the piece of each value (values,), and which pieces are atoms (pieces,)."""
    rows, values = counts.sum(), len(counts)
    repeated = values <= config.max_knots and rows >= config.min_repeats * values
    if repeated or values <= config.few_values:
        return np.arange(values), np.ones(values, dtype=bool)

    target = max(rows / config.max_knots, config.min_rows)
    pieces = partition(counts, target, config.max_knots)
    starts = np.diff(pieces, prepend=-1) > 0
    pieces = np.cumsum(starts | tail_starts(counts, target)) - 1
    atoms = (np.bincount(pieces) == 1) & (np.bincount(pieces, counts) >= target)
    return pieces, atoms


def _cut_bins(masses: np.ndarray, values: int, config: BinningConfig) -> np.ndarray:
    """Group pieces into bins, as small as the limit allows: the bin of each piece (pieces,)."""
    target = 1 if values <= config.few_values else config.min_rows
    return partition(masses, target, config.max_tokens)


def _piece_edges(
    distinct: np.ndarray, pieces: np.ndarray, atoms: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the lowest and highest value of each piece, both (pieces,).

    Neighbouring segments meet half-way between their values; elsewhere a segment ends half a step beyond its own
    values, so that each of them is drawn as often as the others.
    """
    first = distinct[np.searchsorted(pieces, np.arange(len(atoms)), side='left')]
    last = distinct[np.searchsorted(pieces, np.arange(len(atoms)), side='right') - 1]
    margin = np.where(atoms, 0, step / 2)
    low, high = first - margin, last + margin
    meeting = ~atoms[1:] & ~atoms[:-1]
    middle = last[:-1] + (first[1:] - last[:-1]) / 2
    low[1:][meeting] = middle[meeting]
    high[:-1][meeting] = middle[meeting]
    return low, high


def _piece_codes(masses: np.ndarray, bins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the first code and the end of each piece, both (pieces,): its share of the rows of its bin."""
    bin_masses = np.bincount(bins, masses)
    before = np.cumsum(masses) - masses - (np.cumsum(bin_masses) - bin_masses)[bins]
    low = bins + before / bin_masses[bins]
    last_of_bin = np.append(bins[1:] != bins[:-1], True)
    high = np.where(last_of_bin, bins + 1, np.append(low[1:], 0))
    return low, high
