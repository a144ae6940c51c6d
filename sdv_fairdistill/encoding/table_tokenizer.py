"""The glue between a table that RDT has transformed and the tokens that a model learns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from rdt.transformers import BaseTransformer

from sdv_fairdistill.encoding.binned import BinnedTransformer
from sdv_fairdistill.encoding.binning import Binning
from sdv_fairdistill.encoding.datetime_binner import DatetimeBinner
from sdv_fairdistill.encoding.level_tokenizer import LevelTokenizer
from sdv_fairdistill.encoding.quantile_binner import QuantileBinner
from sdv_fairdistill.encoding.relations import Relation, Relations, are_equal, find_relations

__all__ = ['TableTokenizer']

MOST_ROWS = 200_000  # in which relations are looked for
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

    def numbers(self, codes: np.ndarray) -> np.ndarray:
        """Gives the floats of codes of bins; of dates, nanoseconds."""
        return self.encoder.binning.decode(np.asarray(codes, dtype=np.float64))

    def processed(self, codes: np.ndarray) -> np.ndarray | pd.Series:
        return codes if self.is_coded else self.encoder.decode(codes)


class TableTokenizer:
    """Tokens of a processed table, and back.

    A column that was transformed by this package's transformers holds codes whose floor is the token. Any other column
    (its transformer was replaced, or removed) gets an encoder of its own here: bins for numbers, levels for the rest.

    Attributes:
        columns: Names of the columns, as strings, in the order of the table; then those of columns that say of each row
            whether two others are equal in it.
        cardinalities: Number of tokens of each column.
        relations: What numbers and dates have to do with each other exactly.

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

    relations = Relations()  # files that were saved before there were any have none
    _flags: Mapping[str, _Column] = MappingProxyType({})

    def fit(
        self, processed: pd.DataFrame, transformers: Mapping[Any, BaseTransformer | None], alone: Collection[str] = ()
    ) -> TableTokenizer:
        """Learn the columns of a processed table.

        Args:
            processed: The table as RDT's transformers give it.
            transformers: The fitted transformer of each raw column, or None.
            alone: Columns without relations to others, such as the target, which is drawn by itself.

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
        related = {
            name: column
            for name, column in self._columns.items()
            if column.is_coded and column.encoder.is_binned and name not in alone
        }
        self.relations = _relations(processed, related)
        self._flags = {}
        for relation in self.relations.equalities:
            name = relation.name
            while name in self._columns:  # people name columns as they like
                name += ' '
            self._flags[name] = _flag(name)
        self.columns = [*self._columns, *self._flags]
        self.cardinalities = [self._column(name).encoder.n_tokens for name in self.columns]
        return self

    def to_tokens(self, processed: pd.DataFrame) -> np.ndarray:
        """Give the tokens (rows, columns), int32, of a processed table; those of a column that it lacks are 0."""
        tokens = np.zeros((len(processed), len(self.columns)), dtype=np.int32)
        for position, column in enumerate(self._columns.values()):
            if column.label in processed:
                tokens[:, position] = column.tokens(processed[column.label])
        for position, relation in self._equalities():
            one, other = (self._columns[name] for name in relation.columns)
            if one.label in processed and other.label in processed:
                values = (column.numbers(processed[column.label].to_numpy()) for column in (one, other))
                tokens[:, position] = are_equal(*values)
        return tokens

    def codes(self, processed: pd.DataFrame) -> np.ndarray:
        """Give the codes (rows, columns), float64, of a processed table; NaN of levels and of columns that it lacks."""
        codes = np.full((len(processed), len(self.columns)), np.nan)
        for position, column in enumerate(self._columns.values()):
            if column.label in processed and column.encoder.is_binned:
                codes[:, position] = column.codes(processed[column.label])
        return codes

    def equal_columns(self) -> dict[int, list[int]]:
        """Give, by position, the two columns of which each of the last ones says whether they are equal."""
        return {
            position: [self.columns.index(name) for name in relation.columns]
            for position, relation in self._equalities()
        }

    def holds(self, raw: pd.DataFrame, processed: pd.DataFrame) -> np.ndarray:
        """Tell which values (rows, columns) can be drawn: those of no unseen level, and of no number out of range.

        Args:
            raw: The table before RDT's transformers.
            processed: The same rows after them.
        """
        found = [column.encoder.holds(self._source(column, raw, processed)) for column in self._columns.values()]
        found += [np.ones(len(raw), dtype=bool) for _ in self._flags]
        return np.column_stack(found) if found else np.ones((len(raw), 0), dtype=bool)

    @staticmethod
    def _source(column: _Column, raw: pd.DataFrame, processed: pd.DataFrame) -> pd.Series:
        return raw[column.encoder.get_input_column()] if column.is_coded else processed[column.label]

    def to_processed(
        self,
        tokens: np.ndarray,
        generator: np.random.Generator,
        exact: Mapping[Any, Any] | None = None,
        known: np.ndarray | None = None,
    ) -> pd.DataFrame:
        """Give a processed table for tokens; the place inside a bin is drawn uniformly, and relations are kept.

        Args:
            tokens: Tokens (rows, columns).
            generator: Draws the places inside bins.
            exact: Processed values ``(rows,)`` of conditioned columns, written as they are.
            known: Codes ``(rows, columns)`` of values that are known, to which relations fit the others; NaN of those
                that are not.

        Returns:
            The table, with a fresh RangeIndex.
        """
        exact = {str(name): value for name, value in (exact or {}).items()}
        codes = {}
        for position, (name, column) in enumerate(self._columns.items()):
            if name in exact:
                continue
            codes[name] = tokens[:, position].astype(np.float64)
            if column.encoder.is_binned:
                codes[name] += generator.random(len(tokens)) * _BELOW_ONE
        codes.update(self._related(tokens, codes, exact, known))
        processed = {
            column.label: exact[name] if name in exact else column.processed(codes[name])
            for name, column in self._columns.items()
        }
        return pd.DataFrame(processed, index=pd.RangeIndex(len(tokens)))

    def _related(
        self,
        tokens: np.ndarray,
        codes: Mapping[str, np.ndarray],
        exact: Mapping[str, Any],
        known: np.ndarray | None,
    ) -> dict[str, np.ndarray]:
        """Gives the codes that drawn columns must have for relations to hold."""
        values, fixed = {}, {}
        for name in dict.fromkeys(name for relation in self.relations.found for name in relation.columns):
            column, position = self._columns[name], self.columns.index(name)
            own = np.asarray(exact[name], dtype=np.float64) if name in exact else codes[name]
            fixed[name] = np.full(len(tokens), name in exact)
            if known is not None and name not in exact:
                fixed[name] = ~np.isnan(known[:, position])
                own = np.where(fixed[name], known[:, position], own)
            values[name] = column.numbers(own)
        holds = {relation.name: tokens[:, position] == 1 for position, relation in self._equalities()}
        kept = self.relations.kept(values, holds, fixed) if values else {}
        return {
            name: np.where(numbers == values[name], codes[name], self._columns[name].encoder.binning.encode(numbers))
            for name, numbers in kept.items()
            if name not in exact
        }

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
        return self._column(column).numbers(codes)

    def values(self, column: Any, codes: np.ndarray) -> np.ndarray | pd.Series:
        """Give the raw values (codes,) of a numeric column's codes, in the type that was fitted."""
        return self._column(column).encoder.decode(codes)

    def typed(self, column: Any, numbers: np.ndarray) -> pd.Series:
        """Give floats (numbers,), or nanoseconds, in the type of the column that was fitted."""
        return self._column(column).encoder.from_floats(numbers)

    def _equalities(self) -> Iterator[tuple[int, Relation]]:
        """Gives the equalities, with the positions of the columns that say where they hold."""
        return enumerate(self.relations.equalities, start=len(self._columns))

    def _column(self, name: Any) -> _Column:
        if str(name) in self._flags:
            return self._flags[str(name)]
        if str(name) not in self._columns:
            raise KeyError(f"No column '{name}' in the table; its columns are {self.columns}.")
        return self._columns[str(name)]


def _own_encoder(name: str, values: pd.Series) -> BinnedTransformer | LevelTokenizer:
    """Fit an encoder on a column that holds no codes."""
    is_number = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    encoder = QuantileBinner() if is_number else LevelTokenizer()
    encoder.fit(pd.DataFrame({name: values}), name)
    return encoder


def _relations(processed: pd.DataFrame, columns: Mapping[str, _Column]) -> Relations:
    """Finds the relations of some columns of bins, in all rows or in a part of very many."""
    processed = processed.iloc[:: -(-len(processed) // MOST_ROWS) or 1]
    codes = {name: column.codes(processed[column.label]) for name, column in columns.items()}
    values = {name: columns[name].numbers(own) for name, own in codes.items()}
    single = {name: _have_bins_alone(columns[name].encoder.binning)[own.astype(int)] for name, own in codes.items()}
    dates = {name for name, column in columns.items() if isinstance(column.encoder, DatetimeBinner)}
    return find_relations(values, single, dates)


def _have_bins_alone(binning: Binning) -> np.ndarray:
    """Tells which bins stand for a single value ``(tokens,)``."""
    return np.array([binning.holds_one_value(token) for token in range(binning.n_tokens)])


def _flag(name: str) -> _Column:
    """Makes a column that says of each row whether something holds."""
    encoder = LevelTokenizer()
    encoder.fit(pd.DataFrame({name: ['no', 'yes']}), name)
    return _Column(name, encoder, True)
