"""Groups: the combinations of sensitive values, their shares and their numeric features. No networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdv_fairdistill.layout import Layout

__all__ = ['Groups', 'middle_ranks']

NUMERIC_GROUPS = 5  # quantile bins of a numeric sensitive column: enough for a trend, and a fifth of the rows in each


@dataclass(frozen=True)
class Groups:
    """The observed combinations of sensitive values of a table.

    A numeric sensitive column enters the networks as its standardised rank; only for the repair of labels and for
    reports are its values gathered in quantile bins. A missing number has no rank: it is a bin of its own, and an
    indicator besides. Every other column enters as an indicator a level.

    Attributes:
        combinations: Tokens ``(combinations, sensitive columns)`` that occur together.
        shares: How often each combination occurs, ``(combinations,)``, summing to 1.
        group_of: Group of each combination, ``(combinations,)``.
        tables: For each sensitive column the features ``(cardinality, features)`` of its tokens.
    """

    combinations: np.ndarray
    shares: np.ndarray
    group_of: np.ndarray
    tables: tuple[np.ndarray, ...]

    @classmethod
    def fit(cls, tokens: np.ndarray, layout: Layout) -> tuple[Groups, np.ndarray]:
        """Finds the groups of a token table ``(rows, columns)``.

        Returns:
            The groups, and the combination ``(rows,)`` of every row.
        """
        sensitive = tokens[:, layout.sensitive]
        combinations, rows, counts = np.unique(sensitive, axis=0, return_inverse=True, return_counts=True)
        coarse, tables = combinations.copy(), []
        for place, column in enumerate(layout.sensitive):
            cardinality, missing = layout.cardinalities[column], layout.missing_of(column)
            if layout.ordered[column]:
                ranks = middle_ranks(sensitive[:, place], cardinality, missing)
                coarse[:, place] = np.where(np.isnan(ranks), -1, ranks * NUMERIC_GROUPS)[combinations[:, place]]
                features = np.nan_to_num((ranks - 0.5) * 12**0.5)[:, None].astype(np.float32)
                indicator = np.eye(cardinality, dtype=np.float32)[:, [missing]] if missing >= 0 else features[:, :0]
                tables.append(np.hstack([features, indicator]))
            else:
                tables.append(np.eye(cardinality, dtype=np.float32))
        group_of = np.unique(coarse, axis=0, return_inverse=True)[1].reshape(-1)
        return cls(combinations, counts / len(tokens), group_of, tuple(tables)), rows.reshape(-1)

    def of(self, sensitive: np.ndarray) -> np.ndarray:
        """Gives the group ``(rows,)`` of sensitive tokens ``(rows, sensitive columns)``; -1 for a new combination."""
        known = {tuple(tokens): group for tokens, group in zip(self.combinations.tolist(), self.group_of, strict=True)}
        distinct, rows = np.unique(sensitive, axis=0, return_inverse=True)
        return np.array([known.get(tuple(tokens), -1) for tokens in distinct.tolist()])[rows.reshape(-1)]

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
