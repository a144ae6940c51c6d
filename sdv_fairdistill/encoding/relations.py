"""What numbers and dates of a row have to do with each other exactly, found in the rows and kept in those drawn.

A model of bins knows that a payment is about as large as the bill; that every seventh is equal to it to the cent is no
matter of bins. Nothing is assumed: a relation counts if the rows show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

__all__ = ['Relation', 'Relations', 'are_equal', 'find_relations']

LEAST_ROWS = 100  # that have both values: what holds in fewer may be chance
LEAST_EQUAL_SHARE, LEAST_EQUAL_ROWS = 0.01, 30  # below, equal values are left to chance
SPIKE = 5.0  # times as many rows must be equal as are one step apart: else the columns are near, not equal
MOST_EQUALITIES = 12  # each costs a column of its own
MOST_COLUMNS = 200  # among which relations are looked for: pairs grow with the square
SCREENED = 1_000  # rows that rule most pairs out before all are asked
LOOKED_AT = 64  # the same of sums of two
MOST_SUMMED, NEARLY = 100, 1e-4  # columns among which longer sums are looked for, and how exact least squares is
EXACT = 1e-9  # of the larger value: what float64 loses on the way
PASSES = 3  # through the orders: values that change places may part from a third


@dataclass(frozen=True)
class Relation:
    """An exact relation between columns of numbers, or of dates.

    Attributes:
        kind: ``'equal'``: the first column is the same as the second, in a share of the rows; ``'order'``: the first is
            never above the second; ``'sum'``: the first is always the sum of the others.
        columns: Names of the columns.
        share: Share of the rows with all values in which it holds, 0 to 1.
    """

    kind: str
    columns: tuple[str, ...]
    share: float

    @property
    def name(self) -> str:
        """How people write it."""
        first, *others = self.columns
        return f'{first} {"<=" if self.kind == "order" else "="} {" + ".join(others)}'


@dataclass(frozen=True)
class Relations:
    """The relations of a table.

    Attributes:
        found: The relations, as they are kept one after the other: first the orders; then the others, each after those
            that decide the columns that it reads.
    """

    found: tuple[Relation, ...] = ()

    @property
    def equalities(self) -> list[Relation]:
        """Those that hold in a share of the rows, so that each row says whether they hold in it."""
        return [relation for relation in self.found if relation.kind == 'equal']

    def kept(
        self, values: Mapping[str, np.ndarray], holds: Mapping[str, np.ndarray], known: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Makes drawn values keep the relations.

        Args:
            values: Values ``(rows,)``, float64, of the columns that relations name; NaN is missing, and stays.
            holds: For each equality, by name, in which rows it is to hold ``(rows,)``.
            known: Of columns of which some are, which values are known and stay as they are ``(rows,)``.

        Returns:
            The values.
        """
        values = {name: column.copy() for name, column in values.items()}
        nowhere = np.zeros(len(next(iter(values.values()), ())), dtype=bool)
        fixed = {name: known.get(name, nowhere) for name in values}  # and what a relation has decided
        orders = [relation for relation in self.found if relation.kind == 'order']
        for _ in range(PASSES):
            for relation in orders:
                _put_in_order(*relation.columns, values, fixed)
        for relation in self.found:
            if relation.kind == 'equal':
                _make_equal(*relation.columns, values, fixed, holds[relation.name])
            elif relation.kind == 'sum':
                _add_up(relation.columns, values, fixed)
        return values


def _put_in_order(lower: str, upper: str, values: dict, fixed: Mapping) -> None:
    """Values in the wrong order change places; where one is known the other becomes the same."""
    wrong = values[lower] > values[upper]
    both = wrong & ~fixed[lower] & ~fixed[upper]
    values[lower], values[upper] = (
        np.where(both, values[upper], values[lower]),
        np.where(both, values[lower], values[upper]),
    )
    for name, other in ((lower, upper), (upper, lower)):
        only = wrong & ~both & ~fixed[name]
        values[name] = np.where(only, values[other], values[name])


def _make_equal(column: str, source: str, values: dict, fixed: dict, holds: np.ndarray) -> None:
    """The column becomes the same as the source; where it is known and the source is not, the other way round."""
    left = related = holds & ~np.isnan(values[column]) & ~np.isnan(values[source])
    for name, other in ((column, source), (source, column)):
        free = left & ~fixed[name]
        values[name] = np.where(free, values[other], values[name])
        left = left & ~free
    _decide((column, source), fixed, related)


def _add_up(columns: Sequence[str], values: dict, fixed: dict) -> None:
    """The total is the sum of its parts; where it is known the first part that is not makes up for it."""
    total, *parts = columns
    left = related = ~np.isnan([values[name] for name in columns]).any(0)
    for name in columns:
        others = sum(values[part] for part in parts if part != name)
        free = left & ~fixed[name]
        values[name] = np.where(free, others if name == total else values[total] - others, values[name])
        left = left & ~free
    _decide(columns, fixed, related)


def _decide(columns: Sequence[str], fixed: dict, rows: np.ndarray) -> None:
    """Relations that come later leave the columns as they are."""
    for name in columns:
        fixed[name] = fixed[name] | rows


def find_relations(values: Mapping[str, np.ndarray], single: Mapping[str, np.ndarray], dates: set[str]) -> Relations:
    """Finds what columns have to do with each other exactly.

    Args:
        values: Values ``(rows,)``, float64, of the columns to look at, by name; NaN is missing.
        single: By name, in which rows a column has a value with a bin of its own ``(rows,)``: that two are equal there
            is known to the model.
        dates: Names of the columns that are dates. These can be equal and in order, but not added up.

    Example:
        >>> day = np.arange(200.0)
        >>> columns = {'bill': 10 * day, 'paid': 10 * day + day % 7, 'fee': day % 7}
        >>> few = {name: np.zeros(200, dtype=bool) for name in columns}
        >>> [relation.name for relation in find_relations(columns, few, set()).found]
        ['bill <= paid', 'fee <= bill', 'fee <= paid', 'paid = bill + fee']
    """
    names = list(values)[:MOST_COLUMNS]
    orders, equalities = [], []
    for first, second in _likely_pairs({name: values[name] for name in names}):
        if (first in dates) != (second in dates):
            continue
        orders += _order_of(first, second, values)
        equalities += _equality_of(first, second, values, single)
    decided = _sums(values, [name for name in names if name not in dates])
    followers = {relation.columns[0] for relation in decided}
    for relation in sorted(equalities, key=lambda found: -found.share)[:MOST_EQUALITIES]:
        for columns in (relation.columns, relation.columns[::-1]):
            chained = [*decided, Relation('equal', columns, relation.share)]
            if columns[0] not in followers and len(_one_after_the_other(chained)) == len(chained):
                decided = chained
                followers.add(columns[0])
                break
    return Relations((*orders, *_one_after_the_other(decided)))


def _one_after_the_other(relations: Sequence[Relation]) -> list[Relation]:
    """Sorts relations so that each comes after those that decide what it reads; those in a circle are left out."""
    left, sorted_ones = list(relations), []
    while left:
        undecided = {relation.columns[0] for relation in left}
        ready = [relation for relation in left if not undecided & set(relation.columns[1:])]
        if not ready:
            break
        sorted_ones += ready
        left = [relation for relation in left if relation not in ready]
    return sorted_ones


def are_equal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Tells which values are equal, but for what float64 loses on the way; a missing one is equal to none."""
    return np.abs(one - other) <= EXACT * np.maximum(np.abs(one), np.abs(other))


def _likely_pairs(values: Mapping[str, np.ndarray]) -> Iterator[tuple[str, str]]:
    """Gives the pairs of columns that are in order, or equal now and then, in some of the rows."""
    names = list(values)
    table = np.array(list(values.values()))
    if len(names) < 2 or table.shape[1] < LEAST_ROWS:
        return
    table = table[:, np.linspace(0, table.shape[1] - 1, min(SCREENED, table.shape[1])).astype(int)]
    for number, first in enumerate(names[:-1]):
        one, others = table[number], table[number + 1 :]
        in_order = ~(others < one).any(1) | ~(others > one).any(1)
        equal = are_equal(one, others).mean(1) >= LEAST_EQUAL_SHARE / 3
        yield from ((first, names[number + 1 + other]) for other in np.flatnonzero(in_order | equal))


def _order_of(first: str, second: str, values: Mapping[str, np.ndarray]) -> list[Relation]:
    """Gives an order of two columns whose ranges overlap, if it holds in all rows and is no equality."""
    both = ~np.isnan(values[first]) & ~np.isnan(values[second])
    if both.sum() < LEAST_ROWS:
        return []
    one, other = values[first][both], values[second][both]
    for lower, upper, names in ((one, other, (first, second)), (other, one, (second, first))):
        if lower.max() > upper.min() and (lower <= upper).all() and (lower < upper).any():
            return [Relation('order', names, 1.0)]
    return []


def _equality_of(
    first: str, second: str, values: Mapping[str, np.ndarray], single: Mapping[str, np.ndarray]
) -> list[Relation]:
    """Gives an equality of two columns, if they are the same far more often than they are nearly the same."""
    one, other = values[first], values[second]
    both = ~np.isnan(one) & ~np.isnan(other) & ~(single[first] & single[second])
    rows = int(both.sum())
    if rows < LEAST_ROWS:
        return []
    one, other = one[both], other[both]
    difference, close = np.abs(one - other), are_equal(one, other)
    count = int(close.sum())
    if count < max(LEAST_EQUAL_ROWS, LEAST_EQUAL_SHARE * rows):
        return []
    apart = difference[~close]
    step = apart.min() if len(apart) else 0.0
    nearly = (apart <= 1.5 * step).sum() / 2  # on either side
    return [Relation('equal', (second, first), count / rows)] if count > SPIKE * nearly else []


def _sums(values: Mapping[str, np.ndarray], names: Sequence[str]) -> list[Relation]:
    """Gives the columns that are the sum of others in every row, each column a part or a total of one sum only."""
    complete = np.flatnonzero(~np.any([np.isnan(values[name]) for name in names], axis=0)) if names else ()
    if len(complete) < LEAST_ROWS:
        return []
    table = np.array([values[name][complete] for name in names])
    varied = [place for place in range(len(names)) if table[place].std() > 0]
    found: list[Relation] = []
    taken: set[int] = set()
    for total, *parts in (*_sums_of_two(table, varied), *_longer_sums(table, varied)):
        if not taken & {total, *parts} and _adds_up(table, total, parts):
            found.append(Relation('sum', tuple(names[place] for place in (total, *parts)), 1.0))
            taken |= {total, *parts}
    return found


def _sums_of_two(table: np.ndarray, varied: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Gives totals and parts that may be sums of two columns, by some rows of a table ``(columns, rows)``."""
    looked_at = table[:, np.linspace(0, table.shape[1] - 1, LOOKED_AT).astype(int)]
    scale = np.abs(looked_at).max(1)
    for first, second in combinations(varied, 2):
        gap = np.abs(looked_at - looked_at[first] - looked_at[second]).max(1)
        totals = np.flatnonzero(gap <= EXACT * (scale + scale[first] + scale[second]))
        yield from ((int(total), first, second) for total in totals if total in varied and total not in (first, second))


def _longer_sums(table: np.ndarray, varied: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Gives the same of three columns and more: where least squares finds weights of 0 and 1 only."""
    if not 4 <= len(varied) <= MOST_SUMMED:
        return
    looked_at = table[:, np.linspace(0, table.shape[1] - 1, min(10 * len(varied), table.shape[1])).astype(int)]
    for total in varied:
        others = [place for place in varied if place != total]
        weights = np.linalg.lstsq(looked_at[others].T, looked_at[total], rcond=None)[0]
        parts = [place for place, weight in zip(others, weights, strict=True) if weight > 0.5]
        if len(parts) > 2 and np.abs(weights - (weights > 0.5)).max() < NEARLY:
            yield (total, *parts)


def _adds_up(table: np.ndarray, total: int, parts: Sequence[int]) -> bool:
    gap = np.abs(table[total] - table[parts].sum(0))
    return bool((gap <= EXACT * np.abs(table[[total, *parts]]).sum(0)).all())
