"""Which token column of a table plays which part. No data, no networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ['Layout']

MOST_LEVELS = 255  # HistGradientBoosting's own limit on the levels of a categorical feature


@dataclass(frozen=True)
class Layout:
    """The columns of a token table and their roles, by position.

    Attributes:
        cardinalities: Number of tokens of each column.
        ordered: Whether a column's tokens are bins in ascending order (numbers, dates).
        sensitive: Positions of the sensitive columns.
        target: Position of the target column, whose tokens are the label's classes; None without one.
        admissible: Positions of the columns through which the label may depend on the group.
        with_missing: Positions of the ordered columns whose last token stands for a missing value, outside the order.
        edges: Causal edges between columns, pairs of positions, cause first; none without a causal graph.
        cut_edges: Those of them that the user wants cut.
    """

    cardinalities: tuple[int, ...]
    ordered: tuple[bool, ...]
    sensitive: tuple[int, ...] = ()
    target: int | None = None
    admissible: tuple[int, ...] = ()
    with_missing: tuple[int, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    cut_edges: tuple[tuple[int, int], ...] = ()

    def missing_of(self, column: int) -> int:
        """Gives the token of an ordered column's missing values; -1 if there is none."""
        return self.cardinalities[column] - 1 if column in self.with_missing else -1

    def bins_of(self, column: int) -> int:
        """Gives how many of a column's tokens, the first ones, are in order: all but a missing value's, or none."""
        return self.cardinalities[column] - (column in self.with_missing) if self.ordered[column] else 0

    def categorical(self, columns: Sequence[int]) -> list[bool]:
        """Says of each of some columns whether boosting can take it as a category; the others are numbers to it."""
        return [not self.ordered[column] and self.cardinalities[column] <= MOST_LEVELS for column in columns]

    @property
    def drawn(self) -> tuple[int, ...]:
        """Positions of the columns that the decoder draws, in its order: all but the sensitive ones and the target.

        Admissible columns come first, since the label of a view may be drawn right after them. Then columns with few
        tokens, so that columns of similar size stand side by side and share one product.
        """
        columns = (c for c in range(len(self.cardinalities)) if c not in self.sensitive and c != self.target)
        return tuple(
            sorted(columns, key=lambda column: (column not in self.admissible, self.cardinalities[column], column))
        )

    @property
    def drawn_cardinalities(self) -> list[int]:
        """Number of tokens of each drawn column."""
        return [self.cardinalities[column] for column in self.drawn]

    @property
    def drawn_bins(self) -> list[int]:
        """How many tokens of each drawn column, the first ones, are in order."""
        return [self.bins_of(column) for column in self.drawn]

    @property
    def classes(self) -> int:
        """Number of classes of the label; 0 without a target."""
        return 0 if self.target is None else self.cardinalities[self.target]

    @property
    def unordered_classes(self) -> int:
        """Number of classes of a label that is no number or date; 0 for one that is, and without a target."""
        return 0 if self.target is None or self.ordered[self.target] else self.classes
