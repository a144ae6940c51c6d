"""Which group a row belongs to; what is measured in a group stays out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.table.naming import JOINT, MISSING, name_of, names_of
from sdv_fairdistill.table.values import level_index

__all__ = ['Grouping']

BINS = 5  # quantile bins of a numeric sensitive column: enough for a trend, and a fifth of the rows in each
MOST_DIGITS = 17  # of any float64


@dataclass(frozen=True)
class Grouping:
    """Groups of rows: the combinations of the sensitive columns' values, learned from real rows.

    A missing value is a group of its own, and so is each level: no two groups are named alike, 1 and '1' neither. A
    numeric column with more than ``bins`` values is cut at the quantiles of the rows that were fitted, so that another
    table of the same columns falls into the same groups.

    Attributes:
        cuts: Each sensitive column with the upper ends of all its bins but the last; None for a column of levels.
        dates: Those of these columns that hold dates, as seconds since 1970.
        names: Names of the groups among the rows that were fitted, sorted.
        spellings: The levels of each column that is not cut, with their names; no two levels of it share one.

    Example:
        >>> table = pd.DataFrame({'sex': ['f', 'm', 'm'], 'born': ['here', None, 'there']})
        >>> grouping = Grouping.fit(table, ['sex', 'born'])
        >>> grouping.names
        ('f / here', 'm / (missing)', 'm / there')
        >>> Grouping.fit(pd.DataFrame({'age': range(100)}), ['age'], numerical=['age'], bins=2).names
        ('age ≤ 49.5', 'age > 49.5')
        >>> days = pd.DataFrame({'born': [0, 86_400, 172_800]})
        >>> Grouping.fit(days, ['born'], numerical=['born'], bins=2, dates=['born']).names
        ('born ≤ 1970-01-02', 'born > 1970-01-02')
    """

    cuts: tuple[tuple[str, tuple[float, ...] | None], ...]
    dates: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    spellings: Mapping[str, Mapping[Any, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def fit(
        cls,
        table: pd.DataFrame,
        columns: Sequence[str],
        numerical: Collection[str] = (),
        bins: int = BINS,
        dates: Collection[str] = (),
    ) -> Grouping:
        """Learns the groups of a real table.

        Args:
            table: Real rows.
            columns: The sensitive columns.
            numerical: Columns whose values are numbers to be cut into bins; the others' values are levels.
            bins: Number of bins of a numeric column.
            dates: Numerical columns that are dates, as seconds since 1970: their bins are named by days.
        """
        cuts = tuple((name, _cuts(table[name], bins) if name in numerical else None) for name in columns)
        levels = {name: _present_levels(table[name]) for name, ends in cuts if ends is None}
        spellings = {
            name: dict(zip(found, _level_names(found, name in dates, len(cuts) > 1), strict=True))
            for name, found in levels.items()
        }
        bare = cls(cuts, frozenset(dates), spellings=spellings)
        found = bare._parts(table)
        order = found.drop_duplicates().sort_values(list(found.columns))
        return replace(bare, names=tuple(bare._joined(order)))

    def of(self, table: pd.DataFrame) -> pd.Series:
        """Gives the name of every row's group, ``(rows,)``, under the table's index; it may be none of ``names``."""
        return self._joined(self._parts(table))

    def _parts(self, table: pd.DataFrame) -> pd.DataFrame:
        """Each row's value or bin in each sensitive column, as ordered categories."""
        parts = {
            name: self._named(table[name]) if ends is None else _binned(table[name], ends, name in self.dates)
            for name, ends in self.cuts
        }
        return pd.DataFrame(parts, index=table.index)

    def _named(self, column: pd.Series) -> pd.Categorical:
        """The names of levels. One that was not seen is the seen one of the same text, unless that is there as well."""
        known = self.spellings.get(column.name, {})
        places, levels = pd.factorize(level_index(column))
        names = {place: known[level] for place, level in enumerate(levels) if level in known}
        free = {name: name for level, name in known.items() if name not in names.values()}
        unseen = [place for place in range(len(levels)) if place not in names]
        names |= {place: free[text] for place in unseen if (text := name_of(levels[place])) in free}
        unseen = [place for place in unseen if place not in names]
        others = _level_names([levels[place] for place in unseen], column.name in self.dates, len(self.cuts) > 1, known)
        names |= dict(zip(unseen, others, strict=True))
        spelled = np.array([*(names[place] for place in range(len(levels))), MISSING], dtype=object)[places]
        return pd.Categorical(spelled, categories=sorted(set(spelled)), ordered=True)

    def _joined(self, parts: pd.DataFrame) -> pd.Series:
        columns = [parts[name].astype(str) for name in parts]
        joined = columns[0]
        for column in columns[1:]:
            joined = joined + JOINT + column
        return joined.astype(object).rename('group')


def _cuts(column: pd.Series, bins: int) -> tuple[float, ...] | None:
    values = column.dropna().to_numpy(dtype='float64')
    if len(np.unique(values)) <= bins:
        return None
    cuts = np.unique(np.quantile(values, np.arange(1, bins) / bins))
    return tuple(float(cut) for cut in cuts if cut < values.max())


def _present_levels(column: pd.Series) -> list[Any]:
    return pd.factorize(level_index(column))[1].tolist()


def _level_names(levels: list[Any], is_date: bool, to_join: bool, known: Mapping[Any, str] | None = None) -> list[str]:
    return list(map(_spelled_day, levels)) if is_date else names_of(levels, (known or {}).values(), to_join)


def _binned(column: pd.Series, cuts: tuple[float, ...], is_date: bool) -> pd.Categorical:
    names = [*_bin_names(column.name, _ends(cuts, is_date)), MISSING]
    values = column.to_numpy(dtype='float64')
    codes = np.where(np.isnan(values), len(cuts) + 1, np.searchsorted(cuts, values, side='left'))
    return pd.Categorical.from_codes(codes, categories=names, ordered=True)


def _bin_names(name: Any, ends: list[str]) -> list[str]:
    between = [f'{low} < {name} ≤ {high}' for low, high in pairwise(ends)]
    return [f'{name} ≤ {ends[0]}', *between, f'{name} > {ends[-1]}']


def _ends(cuts: tuple[float, ...], is_date: bool) -> list[str]:
    """The shortest spelling in which the ends of bins differ."""
    if is_date:
        times = pd.to_datetime(list(cuts), unit='s')
        spellings = iter((times.strftime('%Y-%m-%d').tolist(), times.astype(str).tolist()))
    else:
        spellings = ([f'{cut:.{digits}g}' for cut in cuts] for digits in range(6, MOST_DIGITS + 1))
    return next(ends for ends in spellings if len(set(ends)) == len(cuts))


def _spelled_day(seconds: float) -> str:
    """The day, with the time where there is one."""
    return str(pd.Timestamp(seconds, unit='s')).removesuffix(' 00:00:00')
