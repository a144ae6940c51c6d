"""Groups: the combinations of sensitive values, their shares and their numeric features. No networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sdv_fairdistill.helpers.choice import even_choice
from sdv_fairdistill.table.layout import Layout

__all__ = ['Groups', 'middle_ranks']

NUMERIC_GROUPS = 5  # quantile bins of a numeric sensitive column: enough for a trend, and a fifth of the rows in each
# Two numeric columns have nearly as many combinations as rows: a list of all would tell of people, and grow with them.
MOST_COMBINATIONS = 1_000  # of that many, drawn evenly, shares are right to about .001
ROWS_A_COMBINATION = 10  # in small tables fewer are kept: one for so many rows, as a bin of a column holds at least


@dataclass(frozen=True)
class Groups:
    """The observed combinations of sensitive values of a table.

    A numeric sensitive column enters the networks as its standardised rank; only for the repair of labels and for
    reports are its values gathered in quantile bins. A missing number has no rank: it is a bin of its own, and an
    indicator besides. Every other column enters as an indicator a level.

    Attributes:
        combinations: Tokens ``(combinations, sensitive columns)`` that occur together, with at least one a group; some
            drawn ones if there are too many.
        shares: How often each combination is drawn, ``(combinations,)``, summing to 1. Those of a group sum to the
            group's share of the rows.
        group_of: Group of each combination, ``(combinations,)``.
        tables: For each sensitive column the features ``(cardinality, features)`` of its tokens.
        bins: For each sensitive column the quantile bin ``(cardinality,)`` of its tokens, or the tokens themselves.
    """

    combinations: np.ndarray
    shares: np.ndarray
    group_of: np.ndarray
    tables: tuple[np.ndarray, ...]
    bins: tuple[np.ndarray, ...]

    @classmethod
    def fit(cls, tokens: np.ndarray, layout: Layout, seed: int = 0) -> tuple[Groups, np.ndarray]:
        """Finds the groups of a token table ``(rows, columns)``.

        Args:
            tokens: Token table ``(rows, columns)``.
            layout: Roles of the columns.
            seed: Decides which combinations are kept if there are too many.

        Returns:
            The groups, and the combination ``(rows,)`` of every row; where its own is not kept, another of its group.
        """
        sensitive = tokens[:, layout.sensitive]
        tables, bins = [], []
        for place, column in enumerate(layout.sensitive):
            cardinality, missing = layout.cardinalities[column], layout.missing_of(column)
            if layout.ordered[column]:
                ranks = middle_ranks(sensitive[:, place], cardinality, missing)
                bins.append(np.where(np.isnan(ranks), -1, np.nan_to_num(ranks) * NUMERIC_GROUPS).astype(np.int64))
                features = np.nan_to_num((ranks - 0.5) * 12**0.5)[:, None].astype(np.float32)
                indicator = np.eye(cardinality, dtype=np.float32)[:, [missing]] if missing >= 0 else features[:, :0]
                tables.append(np.hstack([features, indicator]))
            else:
                bins.append(np.arange(cardinality))
                tables.append(np.eye(cardinality, dtype=np.float32))
        combinations, rows, counts = np.unique(sensitive, axis=0, return_inverse=True, return_counts=True)
        group_of = np.unique(_binned(combinations, bins), axis=0, return_inverse=True)[1].reshape(-1)
        of_rows = min(MOST_COMBINATIONS, len(tokens) // ROWS_A_COMBINATION)
        most = max((of_rows, *(len(table) for table in tables)))  # the tokens of one column are known in any case
        shares = _thinned(counts / len(tokens), group_of, most, np.random.default_rng(seed))
        kept = shares > 0
        groups = cls(combinations[kept], shares[kept], group_of[kept], tuple(tables), tuple(bins))
        first_of_group = np.unique(groups.group_of, return_index=True)[1]
        stand_in = np.where(kept, np.cumsum(kept) - 1, first_of_group[group_of])
        return groups, stand_in[rows.reshape(-1)]

    def of(self, sensitive: np.ndarray) -> np.ndarray:
        """Gives the group ``(rows,)`` of sensitive tokens ``(rows, sensitive columns)``; -1 if no row was in it."""
        known = dict(zip(map(tuple, _binned(self.combinations, self.bins).tolist()), self.group_of, strict=True))
        distinct, rows = np.unique(_binned(sensitive, self.bins), axis=0, return_inverse=True)
        return np.array([known.get(tuple(binned), -1) for binned in distinct.tolist()])[rows.reshape(-1)]

    @property
    def count(self) -> int:
        """Number of groups."""
        return int(self.group_of.max()) + 1

    @property
    def width(self) -> int:
        """Number of features of a row's sensitive values."""
        return sum(table.shape[1] for table in self.tables)

    def features(self, sensitive: np.ndarray) -> np.ndarray:
        """Gives the features ``(rows, width)``, float32, of sensitive tokens ``(rows, sensitive columns)``."""
        parts = [table[sensitive[:, place]] for place, table in enumerate(self.tables)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(sensitive), 0), dtype=np.float32)


def middle_ranks(tokens: np.ndarray, cardinality: int, missing: int = -1) -> np.ndarray:
    """Gives the middle rank of every token of an ordered column ``(cardinality,)``, from 0 to less than 1.

    Args:
        tokens: Tokens of the column ``(rows,)``.
        cardinality: Number of tokens.
        missing: The token of missing values, whose rank is NaN; -1 if there is none.
    """
    counts = np.bincount(tokens[tokens != missing], minlength=cardinality)
    shares = counts / max(counts.sum(), 1)
    ranks = np.clip(np.cumsum(shares) - shares / 2, 0, 1 - 1e-9)
    return np.where(np.arange(cardinality) == missing, np.nan, ranks)


def _binned(sensitive: np.ndarray, bins: Sequence[np.ndarray]) -> np.ndarray:
    """Bins ``(rows, sensitive columns)`` of sensitive tokens ``(rows, sensitive columns)``; they tell the group."""
    binned = sensitive.copy()
    for place, of_token in enumerate(bins):
        binned[:, place] = of_token[sensitive[:, place]]
    return binned


def _thinned(shares: np.ndarray, group_of: np.ndarray, most: int, generator: np.random.Generator) -> np.ndarray:
    """Shares ``(combinations,)`` of which few are not 0, with the shares of the groups as they are."""
    if len(shares) <= most:
        return shares
    by_group = np.lexsort((-shares, group_of))
    drawn = np.bincount(by_group[even_choice(shares[by_group], most, generator)], minlength=len(shares))
    commonest = by_group[np.unique(group_of[by_group], return_index=True)[1]]
    drawn[commonest] += np.bincount(group_of, drawn) == 0
    return drawn * (np.bincount(group_of, shares) / np.bincount(group_of, drawn))[group_of]
