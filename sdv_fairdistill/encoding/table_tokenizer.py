"""The glue between a table that RDT has transformed and the tokens that a model learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rdt.transformers import BaseTransformer

from sdv_fairdistill.encoding.binned import BinnedTransformer
from sdv_fairdistill.encoding.level_tokenizer import LevelTokenizer
from sdv_fairdistill.encoding.quantile_binner import QuantileBinner

__all__ = ['TableTokenizer']

_BELOW_ONE = 1 - 1e-12  # token + fraction must not round up to the next token


@dataclass(frozen=True)
class _Column:
    """One column: its label in the table, its encoder, and whether the table holds the encoder's codes already."""

    label: Any
    encoder: BinnedTransformer | LevelTokenizer
    is_coded: bool

    def codes(self, values: pd.Series) -> np.ndarray:
        return values.to_numpy(dtype=np.float64) if self.is_coded else self.encoder.encode(values)

    def tokens(self, values: pd.Series) -> np.ndarray:
        return np.clip(np.floor(self.codes(values)), 0, self.encoder.n_tokens - 1).astype(np.int32)

    def processed(self, codes: np.ndarray) -> np.ndarray | pd.Series:
        return codes if self.is_coded else self.encoder.decode(codes)


class TableTokenizer:
    """Tokens of a processed table, and back.

    A column that was transformed by this package's transformers holds codes whose floor is the token. Any other column
    (its transformer was replaced, or removed) gets an encoder of its own here: bins for numbers, levels for the rest.

    Attributes:
        columns: Names of the columns, as strings, in the order of the table.
        cardinalities: Number of tokens of each column.

    Example:
        >>> from sdv_fairdistill.encoding import LevelTokenizer
        >>> table = pd.DataFrame({'sex': ['f', 'm', 'f'], 'age': [30, 40, 50]})
        >>> sex = LevelTokenizer()
        >>> processed = sex.fit_transform(table, 'sex')
        >>> tokenizer = TableTokenizer().fit(processed, {'sex': sex, 'age': None})
        >>> tokenizer.columns, tokenizer.cardinalities
        (['age', 'sex'], [3, 2])
        >>> tokenizer.to_tokens(processed).tolist()
        [[0, 0], [1, 1], [2, 0]]
        >>> tokenizer.to_processed(np.array([[2, 1]]), np.random.default_rng(0)).to_dict('records')
        [{'age': 50, 'sex': 1.0}]
    """

    def fit(self, processed: pd.DataFrame, transformers: Mapping[Any, BaseTransformer | None]) -> TableTokenizer:
        """Learn the columns of a processed table.

        Args:
            processed: The table as RDT's transformers give it.
            transformers: The fitted transformer of each raw column, or None.

        Returns:
            This tokenizer.
        """
        coded = {
            str(transformer.output_columns[0]): transformer
            for transformer in transformers.values()
            if isinstance(transformer, (BinnedTransformer, LevelTokenizer)) and transformer.output_columns
        }
        self._columns = {
            str(label): _Column(label, coded[str(label)], True)
            if str(label) in coded
            else _Column(label, _own_encoder(str(label), processed[label]), False)
            for label in processed.columns
        }
        self.columns = list(self._columns)
        self.cardinalities = [column.encoder.n_tokens for column in self._columns.values()]
        return self

    def to_tokens(self, processed: pd.DataFrame) -> np.ndarray:
        """Give the tokens (rows, columns), int32, of a processed table; those of a column that it lacks are 0."""
        tokens = np.zeros((len(processed), len(self._columns)), dtype=np.int32)
        for position, column in enumerate(self._columns.values()):
            if column.label in processed:
                tokens[:, position] = column.tokens(processed[column.label])
        return tokens

    def holds(self, raw: pd.DataFrame, processed: pd.DataFrame) -> np.ndarray:
        """Tell which values (rows, columns) can be drawn: those of no unseen level, and of no number out of range.

        Args:
            raw: The table before RDT's transformers.
            processed: The same rows after them.
        """
        found = [column.encoder.holds(self._source(column, raw, processed)) for column in self._columns.values()]
        return np.column_stack(found) if found else np.ones((len(raw), 0), dtype=bool)

    @staticmethod
    def _source(column: _Column, raw: pd.DataFrame, processed: pd.DataFrame) -> pd.Series:
        return raw[column.encoder.get_input_column()] if column.is_coded else processed[column.label]

    def to_processed(
        self, tokens: np.ndarray, generator: np.random.Generator, exact: Mapping[Any, Any] | None = None
    ) -> pd.DataFrame:
        """Give a processed table for tokens; the place inside a bin is drawn uniformly.

        Args:
            tokens: Tokens (rows, columns).
            generator: Draws the places inside bins.
            exact: Processed values ``(rows,)`` of conditioned columns, written as they are.

        Returns:
            The table, with a fresh RangeIndex.
        """
        exact = {str(name): value for name, value in (exact or {}).items()}
        processed = {}
        for position, (name, column) in enumerate(self._columns.items()):
            if name in exact:
                processed[column.label] = exact[name]
                continue
            codes = tokens[:, position].astype(np.float64)
            if column.encoder.is_binned:
                codes += generator.random(len(codes)) * _BELOW_ONE
            processed[column.label] = column.processed(codes)
        return pd.DataFrame(processed, index=pd.RangeIndex(len(tokens)))

    def condition_tokens(self, column: Any, processed_values: np.ndarray) -> np.ndarray:
        """Give the tokens ``(rows,)`` of conditioned, processed values."""
        return self._column(column).tokens(pd.Series(processed_values))

    def is_numeric(self, column: Any) -> bool:
        """Tell whether a column's tokens are bins, in ascending order (the last may be missing)."""
        return self._column(column).encoder.is_binned

    def has_missing(self, column: Any) -> bool:
        """Tell whether the last of a numeric column's tokens stands for missing values."""
        return self.is_numeric(column) and self._column(column).encoder.binning.has_missing

    def holds_single_values(self, column: Any) -> bool:
        """Tell whether every token of a column stands for one value alone."""
        encoder = self._column(column).encoder
        if not encoder.is_binned:
            return True
        bins = encoder.n_tokens - int(self.has_missing(column))
        return all(encoder.binning.holds_one_value(token) for token in range(bins))

    def missing_tokens(self) -> dict[int, int]:
        """Give, by position, the token of each column's missing values, where others were seen as well."""
        found = {at: column.encoder.level_token(None) for at, column in enumerate(self._columns.values())}
        return {at: token for at, token in found.items() if token is not None and self.cardinalities[at] > 1}

    def level_token(self, column: Any, raw_value: Any) -> int | None:
        """Give the token that stands for one raw value alone.

        Args:
            column: Name of the column.
            raw_value: A level, or a value that has a bin of its own, spelled in any way; None or NaN for missing.

        Returns:
            The token; None if the value was not seen or shares its bin with others.
        """
        return self._column(column).encoder.level_token(raw_value)

    def token_values(self, column: Any) -> list[Any]:
        """Give one raw value per token: the level, or the median of the bin; a missing value for the missing token.

        For a column encoded here the values are those of the processed table.
        """
        encoder = self._column(column).encoder
        return encoder.decode(np.arange(encoder.n_tokens) + (0.5 if encoder.is_binned else 0)).tolist()

    def numbers(self, column: Any, codes: np.ndarray) -> np.ndarray:
        """Give the floats (codes,) of a numeric column's codes; of dates, nanoseconds."""
        return self._column(column).encoder.binning.decode(codes)

    def values(self, column: Any, codes: np.ndarray) -> np.ndarray | pd.Series:
        """Give the raw values (codes,) of a numeric column's codes, in the type that was fitted."""
        return self._column(column).encoder.decode(codes)

    def typed(self, column: Any, numbers: np.ndarray) -> pd.Series:
        """Give floats (numbers,), or nanoseconds, in the type of the column that was fitted."""
        return self._column(column).encoder.from_floats(numbers)

    def _column(self, name: Any) -> _Column:
        if str(name) not in self._columns:
            raise KeyError(f"No column '{name}' in the table; its columns are {self.columns}.")
        return self._columns[str(name)]


def _own_encoder(name: str, values: pd.Series) -> BinnedTransformer | LevelTokenizer:
    """Fit an encoder on a column that holds no codes."""
    is_number = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    encoder = QuantileBinner() if is_number else LevelTokenizer()
    encoder.fit(pd.DataFrame({name: values}), name)
    return encoder
