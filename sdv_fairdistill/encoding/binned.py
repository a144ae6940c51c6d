"""What the binned RDT transformers share: fit, transform and reverse over a `Binning`; parsing is the subclass's."""

from __future__ import annotations

import abc
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from rdt.transformers import BaseTransformer

from sdv_fairdistill.encoding.binning import LARGEST_VALUE, Binning, BinningConfig
from sdv_fairdistill.errors import FairDistillError

__all__ = ['BinnedTransformer', 'check_finite']


class BinnedTransformer(BaseTransformer, abc.ABC):
    """An RDT transformer from one column to one column of codes.

    ``floor(code)`` is the token of a value and the fraction its place inside the bin. Reversing is deterministic, and
    gives back a value that was seen in ``fit``.

    Args:
        max_tokens: The most bins, besides the one of missing values.
        max_knots: The most pieces of the inverse distribution.

    Attributes:
        n_tokens: Number of tokens after ``fit``; the last one is missing, if missing values were seen.
        binning: The learned pieces and bins.
    """

    is_binned = True
    binning: Binning
    n_tokens: int

    def __init__(self, max_tokens: int = BinningConfig.max_tokens, max_knots: int = BinningConfig.max_knots) -> None:
        super().__init__()
        for name, number in (('max_tokens', max_tokens), ('max_knots', max_knots)):
            if number < 1:
                raise ValueError(f'{name} is {number}; it must be at least 1.')
        self.max_tokens = max_tokens
        self.max_knots = max_knots

    @abc.abstractmethod
    def _learn(self, data: pd.Series) -> tuple[np.ndarray, tuple[float, ...]]:
        """Learn the type of a column; give its values as float64 (NaN is missing), and the steps to try."""

    @abc.abstractmethod
    def _to_floats(self, data: pd.Series) -> np.ndarray:
        """Give a column's values as float64; NaN is missing."""

    @abc.abstractmethod
    def _from_floats(self, values: np.ndarray) -> pd.Series:
        """Give float64 values the type of the column that was fitted."""

    def floats(self, data: pd.Series) -> np.ndarray:
        """Give the values (rows,) of a column as float64, read as ``fit`` reads them; NaN is missing."""
        return self._learn(data)[0]

    def from_floats(self, values: np.ndarray) -> pd.Series:
        """Give float64 values (rows,) the type of the column that was fitted."""
        return self._from_floats(values)

    def holds(self, data: pd.Series) -> np.ndarray:
        """Tell which values (rows,) lie in the range that was seen; a missing one if any was."""
        values = self._to_floats(data)
        inside = (values >= self.binning.minimum) & (values <= self.binning.maximum)
        return np.where(np.isnan(values), self.binning.has_missing, inside)

    def encode(self, data: pd.Series) -> np.ndarray:
        """Give the codes (rows,) of values of the type that was fitted.

        Missing values, where none were seen in ``fit``, count as the most common bin, with a warning.
        """
        values = self._to_floats(data)
        unseen = 0 if self.binning.has_missing else int(np.isnan(values).sum())
        if unseen:
            warnings.warn(
                f"Column '{self.get_input_column()}': {unseen} values are missing, but none were when it was fitted; "
                'they are read as its most common values. Fit on data with missing values to keep them.',
                stacklevel=2,
            )
        elif self.binning.n_bins == 0 and not np.isnan(values).all():
            warnings.warn(
                f"Column '{self.get_input_column()}': values are present, but all were missing when it was fitted; "
                'they are read as missing. Fit on data with values to keep them.',
                stacklevel=2,
            )
        return self.binning.encode(values)

    def decode(self, codes: np.ndarray) -> pd.Series:
        """Give the values (rows,) of codes, in the type that was fitted."""
        return self._from_floats(self.binning.decode(np.asarray(codes, dtype=np.float64)))

    def spelled(self, value: Any) -> Any:
        """Give a value that a user spells in any way as the column has it; one that it cannot have as it is."""
        return value

    def level_token(self, value: Any) -> int | None:
        """Give the token of a value that has a bin of its own, of None or NaN the missing one; None if it has none."""
        if pd.isna(value):
            return self.n_tokens - 1 if self.binning.has_missing else None
        try:
            wanted = self._to_floats(pd.Series([self.spelled(value)]))
        except (TypeError, ValueError):  # not a number, or not a date
            return None
        code = self.binning.encode(wanted)
        alone = self.binning.holds_one_value(int(code[0])) and self.binning.decode(code)[0] == wanted[0]
        return int(code[0]) if alone else None

    def _fit(self, columns_data: pd.Series) -> None:
        values, steps = self._learn(columns_data)
        check_finite(self.get_input_column(), values)
        config = replace(BinningConfig(), max_tokens=self.max_tokens, max_knots=self.max_knots)
        self.binning = Binning.learn(values, steps, config)
        self.n_tokens = self.binning.n_tokens

    def _transform(self, columns_data: pd.Series) -> np.ndarray:
        return self.encode(columns_data)

    def _reverse_transform(self, columns_data: pd.Series) -> pd.Series:
        return self.decode(columns_data.to_numpy())


def check_finite(name: str, values: np.ndarray) -> None:
    """Checks that the values ``(rows,)`` of a column can be learned; NaN is missing, and can be.

    Raises:
        FairDistillError: If some are infinite, or so large that their differences would be.
    """
    refused = int((np.abs(values) > LARGEST_VALUE).sum())
    if refused:
        raise FairDistillError(
            f"Column '{name}' has {refused} values that are infinite or beyond ±{LARGEST_VALUE:g}. Replace them with "
            'numbers, or with missing values, before fitting.'
        )
