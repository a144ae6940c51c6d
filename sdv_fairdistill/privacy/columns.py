"""Columns once they are counted: their tokens, and values drawn for them; the guarantee covers all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.encoding.partition import partition
from sdv_fairdistill.privacy.grid import Grid
from sdv_fairdistill.privacy.histogram import LineCounts, on_simplex
from sdv_fairdistill.privacy.masses import line_masses
from sdv_fairdistill.privacy.reading import level_places

__all__ = ['Counted', 'level_column', 'line_column', 'seen']

SURE = 4.0  # standard deviations of the noise above which some are missing; at 3, chance says so of one column in 700


@dataclass(frozen=True, eq=False)
class Counted:
    """A column of which noisy counts were released.

    A value lies in a leaf, the finest that was counted; leaves are joined to tokens. The last token is the missing one,
    if there is any.

    Attributes:
        name: Of the column.
        masses: Rows of each leaf ``(leaves,)``, not negative.
        token_of_leaf: Token of each leaf ``(leaves,)``.
        counts: Noisy count of each token ``(tokens,)``.
        variances: Variance of the noise of each ``(tokens,)``.
        has_missing: Whether values may be missing.
        leaf_of: Gives the leaf of each real value, -1 where it is missing, -2 where it is none that is known.
        write: Draws a value in each leaf, -1 for missing.
        notes: What the noisy counts show that the user should know.
    """

    name: str
    masses: np.ndarray
    token_of_leaf: np.ndarray
    counts: np.ndarray
    variances: np.ndarray
    has_missing: bool
    leaf_of: Callable[[pd.Series], np.ndarray]
    write: Callable[[np.ndarray, np.random.Generator], pd.Series]
    notes: tuple[str, ...] = ()

    @property
    def n_tokens(self) -> int:
        """Gives the number of tokens, the missing one included."""
        return len(self.counts)

    def encode(self, column: pd.Series, generator: np.random.Generator) -> np.ndarray:
        """Gives the token ``(rows,)`` of real values; one that is not known gets a leaf at random, by their masses."""
        leaves = self.leaf_of(column)
        unknown = leaves == -2 if self.has_missing else leaves < 0
        leaves = leaves.copy()
        leaves[unknown] = self._draw(int(unknown.sum()), generator)
        return np.where(leaves < 0, self.n_tokens - 1, self.token_of_leaf[leaves])

    def decode(self, tokens: np.ndarray, generator: np.random.Generator) -> pd.Series:
        """Draws a value for each token ``(rows,)``."""
        leaves = np.full(len(tokens), -1)
        for token in range(self.n_tokens - self.has_missing):
            rows = np.flatnonzero(tokens == token)
            inside = np.flatnonzero(self.token_of_leaf == token)
            leaves[rows] = inside[_choose(self.masses[inside], len(rows), generator)]
        return self.write(leaves, generator)

    def _draw(self, rows: int, generator: np.random.Generator) -> np.ndarray:
        return _choose(self.masses, rows, generator)


def _choose(masses: np.ndarray, rows: int, generator: np.random.Generator) -> np.ndarray:
    shares = masses if masses.sum() > 0 else np.ones(len(masses))
    return generator.choice(len(shares), rows, p=shares / shares.sum())


def tokens_of(
    name: str,
    counts: np.ndarray,
    variances: np.ndarray,
    missing: tuple[float, float] | None,
    token_of_leaf: np.ndarray,
) -> dict[str, Any]:
    """Gives what a column's leaves and missing values come to as tokens."""
    tokens = int(token_of_leaf.max()) + 1
    joined = [np.bincount(token_of_leaf, part, tokens) for part in (counts, variances)]
    if missing is not None:
        joined = [np.append(part, own) for part, own in zip(joined, missing, strict=True)]
    return {
        'name': name,
        'token_of_leaf': token_of_leaf,
        'counts': joined[0],
        'variances': joined[1],
        'has_missing': missing is not None,
    }


def seen(missing: float, variance: float) -> tuple[float, float] | None:
    """Gives the count of missing values, and its variance; None if the noise alone may explain it."""
    return (missing, variance) if missing > SURE * variance**0.5 else None


def level_column(
    name: str,
    levels: Sequence[Any],
    counts: np.ndarray,
    variances: np.ndarray,
    missing: tuple[float, float] | None,
    write: Callable[[np.ndarray], pd.Series],
    most: int,
    least: float,
    notes: tuple[str, ...] = (),
) -> Counted:
    """Makes the column of levels.

    Args:
        name: Of the column.
        levels: The levels.
        counts: Their noisy counts.
        variances: Of the noise of each.
        missing: Noisy count of missing values and its variance; None if there are none.
        write: Gives values their dtype; None is missing.
        most: The most tokens of levels.
        least: Levels with fewer rows share a token.
        notes: What the user should know.
    """
    masses = on_simplex(counts, max(float(np.maximum(counts, 0).sum()), 1.0))
    order = np.argsort(-masses, kind='stable')
    own = order[: most - 1][masses[order[: most - 1]] >= least]
    token_of_leaf = np.full(len(levels), len(own))
    token_of_leaf[own] = np.arange(len(own))
    if len(own) == len(levels) - 1:  # a single rare one is its own
        own = np.append(own, np.flatnonzero(token_of_leaf == len(own)))
    objects = np.empty(len(levels) + 1, dtype=object)
    objects[: len(levels)] = list(levels)

    def leaf_of(column: pd.Series) -> np.ndarray:
        places = level_places(column, levels)
        return np.where(places < len(levels), places, len(levels) - 1 - places)

    return Counted(
        masses=masses,
        leaf_of=leaf_of,
        write=lambda leaves, generator: write(objects[leaves]),
        notes=notes,
        **tokens_of(name, counts, variances, missing, token_of_leaf),
    )


def line_column(
    name: str,
    grid: Grid,
    line: LineCounts,
    missing: tuple[float, float] | None,
    read: Callable[[pd.Series], np.ndarray],
    write: Callable[[np.ndarray], pd.Series],
    most: int,
    least: float,
    believes_ends: bool,
) -> Counted:
    """Makes the column of numbers or dates.

    Args:
        name: Of the column.
        grid: Places of its values.
        line: Noisy counts along it.
        missing: Noisy count of missing values and its variance; None if there are none.
        read: Gives real values as float64.
        write: Gives float64 values their dtype.
        most: The most tokens of values.
        least: The fewest rows that a token should have.
        believes_ends: Whether the ends of the line are public, so that values are thought to reach them.
    """
    present = max(line.totals[0] - (missing[0] if missing else 0.0), 1.0)
    masses = line_masses(line, present, believes_ends)
    kept = np.flatnonzero(masses > 0)
    tokens = partition(masses[kept], least, most)
    token_of_leaf = tokens[np.clip(np.searchsorted(kept, np.arange(len(masses))), 0, len(kept) - 1)]
    single = line.ends - line.starts == 1
    atoms = np.array([grid.roundest(place) if one else np.nan for place, one in zip(line.starts, single, strict=True)])

    def leaf_of(column: pd.Series) -> np.ndarray:
        places = grid.places(read(column))
        return np.where(places < 0, -1, np.searchsorted(line.starts, places, side='right') - 1)

    def drawn(leaves: np.ndarray, generator: np.random.Generator) -> pd.Series:
        values = grid.draw(line.starts[leaves], line.ends[leaves], generator)
        values = np.where(single[leaves], atoms[leaves], values)
        return write(np.where(leaves < 0, np.nan, values))

    return Counted(
        masses=masses,
        leaf_of=leaf_of,
        write=drawn,
        **tokens_of(name, line.counts, line.variances, missing, token_of_leaf),
    )
