"""The RDT transformer of categorical, boolean, ordinal and id columns: one token a level."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from rdt.errors import TransformerInputError
from rdt.transformers import BaseTransformer

from sdv_fairdistill.table.values import level_index, place_of

__all__ = ['LevelTokenizer']

_NAMED_LEVELS = 5  # how many levels a message names
_ORDERS = (None, 'alphabetical', 'numerical_value')


class LevelTokenizer(BaseTransformer):
    """Turn a column of levels into tokens, kept as float64.

    Missing values are a level of their own, the last one, if any were seen. Levels that Python and pandas hold equal
    (``1``, ``1.0`` and ``True``) are one level; ``1`` and ``'1'`` are two.

    Args:
        order: The levels in order, for ordinal columns. Levels that the data lacks get no token.
        order_by: ``'alphabetical'`` or ``'numerical_value'`` to sort the levels; None for the most frequent first, and
            the first seen first among equals.

    Attributes:
        levels: The present levels (levels,) in the order of their tokens, after ``fit``.
        n_tokens: Number of tokens after ``fit``: the levels and, if missing values were seen, one for them.

    Raises:
        rdt.errors.TransformerInputError: For a repeated level in ``order`` or an unknown ``order_by``; in ``fit``, for
            a level that ``order`` lacks.

    Example:
        >>> table = pd.DataFrame({'size': ['L', None, 'S', 'S']})
        >>> tokenizer = LevelTokenizer()
        >>> tokens = tokenizer.fit_transform(table, 'size')
        >>> tokens['size'].tolist()
        [1.0, 2.0, 0.0, 0.0]
        >>> tokenizer.reverse_transform(tokens)['size'].tolist()
        ['L', None, 'S', 'S']
    """

    INPUT_SDTYPE = 'categorical'
    SUPPORTED_SDTYPES = ('categorical', 'boolean', 'ordinal', 'id')

    is_binned = False
    levels: np.ndarray
    n_tokens: int

    def __init__(self, order: Sequence[Any] | None = None, order_by: str | None = None) -> None:
        super().__init__()
        if order is not None and not pd.Index(order, dtype=object).is_unique:
            raise TransformerInputError("The levels of 'order' must differ from each other; remove the repeated ones.")
        if order_by not in _ORDERS:
            raise TransformerInputError(f"'order_by' is {order_by!r}; it must be one of {_ORDERS}.")
        self.order = order
        self.order_by = order_by

    def level_token(self, level: Any) -> int | None:
        """Give the token of one level, spelled in any way; of None or NaN the missing one; None if it was not seen."""
        if pd.api.types.is_scalar(level) and pd.isna(level):
            return self._missing_token
        return place_of(self.levels, level)

    def spelled(self, level: Any) -> Any:
        """Give a level that a user spells in any way as the column has it; one that it has not as it is."""
        token = self.level_token(level)
        return level if token is None or token == self._missing_token else self.levels[token]

    def holds(self, data: pd.Series) -> np.ndarray:
        """Tell which raw values (rows,) were seen; a missing one if any was."""
        missing = data.isna().to_numpy()
        return np.where(missing, self._missing_token is not None, self._index.get_indexer(level_index(data)) >= 0)

    def encode(self, data: pd.Series) -> np.ndarray:
        """Give the tokens (rows,), float64, of raw values.

        Values not seen in ``fit`` count as the most frequent level, with a warning that names them.
        """
        missing = data.isna().to_numpy()
        tokens = self._index.get_indexer(level_index(data))
        tokens[missing] = -1 if self._missing_token is None else self._missing_token
        unseen = tokens < 0
        if unseen.any():
            tokens[unseen] = self._commonest
            self._warn_unseen(data[unseen])
        return tokens.astype(np.float64)

    def _warn_unseen(self, values: pd.Series) -> None:
        distinct = values.astype(object).unique()
        named = ', '.join(repr(value) for value in distinct[:_NAMED_LEVELS])
        more = f' and {len(distinct) - _NAMED_LEVELS} more' if len(distinct) > _NAMED_LEVELS else ''
        level = self.decode(np.array([self._commonest])).iloc[0]
        warnings.warn(
            f"Column '{self.get_input_column()}': levels that it has not learned ({named}{more}) are "
            f'read as the most frequent one, {level!r}. Fit on data with these levels to keep them.',
            stacklevel=3,
        )

    def decode(self, codes: np.ndarray) -> pd.Series:
        """Give the raw values (rows,) of tokens, in the type that was fitted; tokens out of range are clipped."""
        tokens = np.clip(np.nan_to_num(codes, nan=self.n_tokens - 1), 0, self.n_tokens - 1).astype(np.intp)
        return self._lookup.take(tokens).reset_index(drop=True)

    def _fit(self, columns_data: pd.Series) -> None:
        missing = columns_data.isna().to_numpy()
        places, levels = pd.factorize(level_index(columns_data[~missing]))
        order = self._rank(levels, np.bincount(places, minlength=len(levels)))
        self.levels = levels.to_numpy()[order]
        counts = np.bincount(places, minlength=len(levels))[order]
        self._index = level_index(self.levels)
        self._missing_token = len(levels) if missing.any() or not len(levels) else None
        if self._missing_token is not None:
            counts = np.append(counts, missing.sum())
        self._commonest = int(np.argmax(counts))
        self.n_tokens = len(counts)
        self._lookup = self._typed_levels(columns_data, missing)

    def _rank(self, levels: pd.Index, counts: np.ndarray) -> np.ndarray:
        """Give the positions of the levels in the order of their tokens (levels,)."""
        if self.order is not None:
            ranks = level_index(self.order).get_indexer(levels)
            if (ranks < 0).any():
                named = ', '.join(repr(level) for level in levels[ranks < 0][:_NAMED_LEVELS])
                raise TransformerInputError(
                    f"Column '{self.get_input_column()}' has levels that its order lacks: {named}. "
                    'Add them to the order (range_values in the metadata), or correct the data.'
                )
            return np.argsort(ranks)
        if self.order_by == 'alphabetical':
            return np.argsort(np.array([str(level) for level in levels], dtype=object), kind='stable')
        if self.order_by == 'numerical_value':
            return np.argsort(pd.to_numeric(pd.Series(levels)).to_numpy(), kind='stable')
        return np.argsort(-counts, kind='stable')

    def _typed_levels(self, data: pd.Series, missing: np.ndarray) -> pd.Series:
        """Give the value of each token, in the type of the column (n_tokens,)."""
        values = np.empty(self.n_tokens, dtype=object)
        values[: len(self.levels)] = self.levels
        if self._missing_token is not None and data.dtype == object and missing.any():
            values[-1] = data[missing].iloc[0]
        return pd.Series(values, dtype=object).astype(data.dtype)

    def _transform(self, columns_data: pd.Series) -> np.ndarray:
        return self.encode(columns_data)

    def _reverse_transform(self, columns_data: pd.Series) -> pd.Series:
        return self.decode(columns_data.to_numpy())
