"""How many rows refer to each row of another table, learned and drawn again; which tables these are stays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sdv_fairdistill.helpers.choice import even_choice

__all__ = ['ForeignKey']


@dataclass(frozen=True)
class ForeignKey:
    """How often parents are referred to by one foreign key; who refers to whom is not kept.

    Attributes:
        children: The numbers of children that occurred ``(kinds,)``, ascending.
        parents: How many parents had each of them ``(kinds,)``.
        missing: Share of the rows whose foreign key is missing, 0 to 1.
    """

    children: np.ndarray
    parents: np.ndarray
    missing: float

    @classmethod
    def learn(cls, keys: pd.Series, parents: int) -> ForeignKey:
        """Counts what a foreign key refers to.

        Args:
            keys: The foreign key of each row; each value is that of a parent, or missing.
            parents: Number of rows of the parent table, those without children included.

        Example:
            >>> ForeignKey.learn(pd.Series(['a', 'b', 'a', None]), parents=4)
            ForeignKey(children=array([0, 1, 2]), parents=array([2, 1, 1]), missing=0.25)
        """
        counts = keys.value_counts().to_numpy()
        without = np.zeros(parents - len(counts), dtype=counts.dtype)
        return cls(*np.unique(np.concatenate([without, counts]), return_counts=True), float(keys.isna().mean()))

    def draw(self, parents: pd.Series, rows: int, generator: np.random.Generator) -> pd.Series:
        """Draws a foreign key: each value is that of a parent, and as many parents have 0, 1, 2, … as was learned.

        Args:
            parents: The primary key of the parents, at least one.
            rows: Number of rows that refer to them.
            generator: Decides which parents have how many children, and which rows these are.

        Returns:
            Keys ``(rows,)`` under the index 0, 1, …; missing where a row has no parent.
        """
        connected = rows - round(rows * self.missing)
        kinds = even_choice(self.parents / self.parents.sum(), len(parents), generator)
        counts = self._summing_to(connected, generator.permutation(self.children[kinds]), generator)
        places = np.full(rows, -1)
        places[:connected] = np.repeat(np.arange(len(parents)), counts)
        drawn = parents.reset_index(drop=True).reindex(generator.permutation(places))  # -1 is no place: missing
        return drawn.reset_index(drop=True)

    def _summing_to(self, total: int, counts: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Changes counts by one at random parents until they have the sum, within what occurred as long as that can be.

        So many rows and so many parents are asked for that the drawn counts rarely fit them by themselves.
        """
        counts = counts.copy()
        while lacking := total - counts.sum():
            within = counts < self.children.max() if lacking > 0 else counts > self.children.min()
            possible = np.ones(len(counts), dtype=bool) if lacking > 0 else counts > 0
            movable = np.flatnonzero(within if within.any() else possible)
            counts[generator.choice(movable, min(abs(lacking), len(movable)), replace=False)] += np.sign(lacking)
        return counts
