"""Columns with very many levels as two columns of few tokens each, and back. No networks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sdv_fairdistill.table.layout import Layout

__all__ = ['Digits']

MOST_TOKENS = 1_000  # beyond, the output layer of one column costs more than all the others of a usual table


@dataclass(frozen=True)
class Digits:
    """Writes the token of a wide column with two digits, so that 20,000 levels take two columns of 142 tokens.

    Levels are numbered by how often they occur, so that the first digit says how frequent a level is about, and the
    second, drawn after it, which level it is. Bins of numbers, sensitive columns and the target are left whole.

    Attributes:
        outer: The columns as they are.

    Example:
        >>> digits = Digits(Layout((2, 20_000), (False, False), sensitive=(0,)))
        >>> digits.layout.cardinalities
        (2, 141, 142)
        >>> digits.split(np.array([[1, 19_999]])).tolist()
        [[1, 140, 119]]
        >>> digits.join(np.array([[1, 140, 119]])).tolist()
        [[1, 19999]]
    """

    outer: Layout

    @cached_property
    def bases(self) -> dict[int, int]:
        """For each wide column, by position, the number of tokens of its second digit."""
        outer, whole = self.outer, {*self.outer.sensitive, self.outer.target}
        return {
            column: math.isqrt(cardinality - 1) + 1
            for column, cardinality in enumerate(outer.cardinalities)
            if cardinality > MOST_TOKENS and not outer.ordered[column] and column not in whole
        }

    @cached_property
    def widths(self) -> list[int]:
        """Number of digits of each column."""
        return [2 if column in self.bases else 1 for column in range(len(self.outer.cardinalities))]

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where each column is, or begins, once the wide ones are written with digits."""
        return tuple(int(place) for place in np.cumsum([0, *self.widths])[:-1])

    @cached_property
    def layout(self) -> Layout:
        """The columns and their roles once the wide ones are written with digits."""
        outer, cardinalities, ordered = self.outer, [], []
        for column, cardinality in enumerate(outer.cardinalities):
            base = self.bases.get(column)
            cardinalities += [cardinality] if base is None else [-(-cardinality // base), base]
            ordered += [outer.ordered[column]] * self.widths[column]
        return replace(
            outer,
            cardinalities=tuple(cardinalities),
            ordered=tuple(ordered),
            sensitive=tuple(self.places[column] for column in outer.sensitive),
            target=None if outer.target is None else self.places[outer.target],
            admissible=tuple(
                self.places[column] + digit for column in outer.admissible for digit in range(self.widths[column])
            ),
            with_missing=tuple(self.places[column] for column in outer.with_missing),
            edges=(
                *self._edges(outer.edges),
                *((self.places[c], self.places[c] + 1) for c in self._wide_in(outer.edges)),
            ),
            cut_edges=self._edges(outer.cut_edges),
        )

    def _edges(self, edges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Gives causal edges between all digits of two columns."""
        return tuple(
            (self.places[cause] + digit, self.places[effect] + other)
            for cause, effect in edges
            for digit in range(self.widths[cause])
            for other in range(self.widths[effect])
        )

    def _wide_in(self, edges: Sequence[tuple[int, int]]) -> list[int]:
        """Gives the wide columns that edges name: their second digit follows from the first."""
        return [column for column in self.bases if any(column in edge for edge in edges)]

    def split(self, tokens: np.ndarray) -> np.ndarray:
        """Gives the tokens ``(rows, columns and second digits)`` of tokens ``(rows, columns)``; -1 stays -1."""
        if not self.bases:
            return tokens
        result = np.repeat(tokens, self.widths, axis=1)
        for column, base in self.bases.items():
            place = self.places[column]
            first, second = np.divmod(tokens[:, column], base)
            result[:, place], result[:, place + 1] = first, np.where(first < 0, -1, second)
        return result

    def join(self, tokens: np.ndarray) -> np.ndarray:
        """Undoes :meth:`split`. Digits that no level has, which a network may draw, become the last level."""
        if not self.bases:
            return tokens
        result = tokens[:, self.places]
        for column, base in self.bases.items():
            joined = result[:, column] * base + tokens[:, self.places[column] + 1]
            result[:, column] = np.minimum(joined, self.outer.cardinalities[column] - 1)
        return result

    def of(self, fixed: Mapping[int, int | np.ndarray]) -> dict[int, int | np.ndarray]:
        """Gives conditions, tokens by position (one, or one a row), for the columns written with digits."""
        result = {}
        for column, token in fixed.items():
            place, base = self.places[column], self.bases.get(column)
            if base is None:
                result[place] = token
            else:
                result[place], result[place + 1] = np.divmod(token, base)
        return result
