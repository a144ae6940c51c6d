"""Conditions on some columns of a constraint: the others are taken from drawn rows that resemble what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.spelling import UNMET
from sdv_fairdistill.table.dates import DateType, read_dates
from sdv_fairdistill.table.numbers import floats_of

__all__ = ['completed', 'replaced_columns']

NEAREST = 32  # drawn rows that are looked at for a wanted one, at least
MOST_CANDIDATES = 200_000  # rows checked at once
WEIGHT = 30.0  # of the constraint's own columns: three hundredths of their ranks count like another column's mismatch


def replaced_columns(constraint: Any) -> list[str]:
    """Gives the columns of a table that a fitted constraint puts others in place of."""
    names = constraint.metadata.tables
    updated = constraint.get_updated_metadata(constraint.metadata).tables
    return [column for table in names for column in names[table].columns if column not in updated[table].columns]


def completed(
    known: pd.DataFrame,
    columns: Sequence[str],
    pool: pd.DataFrame,
    is_valid: Callable[[pd.DataFrame], np.ndarray],
    dates: Mapping[str, DateType],
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Adds the columns of a constraint that are not known.

    Of the drawn rows nearest to a wanted one, in the constraint's known columns above all, those are kept that stay
    valid once the known values are put in; one of them, at random, gives the other columns: approximate Bayesian
    computation (Pritchard et al., 1999).

    Args:
        known: Wanted values, a row each.
        columns: The constraint's columns; some are among the known ones.
        pool: Drawn rows of all columns that are known or the constraint's. The rows of another table may be below them,
            with the constraint's columns alone: values that occur together, looked at last.
        is_valid: Tells which of some rows of the constraint's columns can be drawn ``(rows,)``.
        dates: How columns of dates are stored.
        generator: Chooses.

    Returns:
        The known columns and the others.

    Raises:
        FairDistillError: If no drawn row can be completed to a wanted one.
    """
    lacking = [column for column in columns if column not in known]
    own = [column for column in columns if column in known]
    group = known.groupby(list(known), dropna=False, sort=False).ngroup().to_numpy()
    first, counts = known[~pd.Series(group).duplicated().to_numpy()], np.bincount(group)
    chosen = np.empty(len(known), dtype=np.int64)
    for groups, nearest in _nearest(first, own, pool, dates, counts):
        valid = _checked(first.iloc[groups][own], pool[list(columns)], nearest, is_valid)
        for number, candidates, fits in zip(groups, nearest, valid, strict=True):
            fitting = candidates[fits]
            if not len(fitting):
                everyone = np.arange(len(pool))[None]
                wanted = first.iloc[[number]][own]
                fitting = everyone[_checked(wanted, pool[list(columns)], everyone, is_valid)]
            if not len(fitting):
                raise FairDistillError(
                    f'{UNMET}: none of {len(pool):,} drawn rows can be given {first.iloc[number][own].to_dict()} so'
                    f' that the constraint on {list(columns)} holds. Condition on values that can occur together with'
                    ' others of those columns, or on all of them.'
                )
            order = generator.permutation(fitting)
            chosen[group == number] = np.resize(order, counts[number])
    found = pool[lacking].iloc[chosen]
    return known.assign(**{column: found[column].array for column in lacking})


def _checked(
    wanted: pd.DataFrame, pool: pd.DataFrame, candidates: np.ndarray, is_valid: Callable[[pd.DataFrame], np.ndarray]
) -> np.ndarray:
    """Tells which candidates ``(rows, numbers)`` stay valid with the wanted values put in, likewise."""
    rows = pool.iloc[candidates.ravel()].reset_index(drop=True)
    repeated = wanted.iloc[np.repeat(np.arange(len(wanted)), candidates.shape[1])]
    for column in wanted:
        values = repeated[column].reset_index(drop=True)
        try:
            rows[column] = values.astype(pool[column].dtype)
        except (TypeError, ValueError):  # a missing value, or a half, among integers
            rows[column] = values
    # In place of a missing value SDV's constraints put the mean of whatever rows come along.
    complete = rows[pool.columns.difference(wanted.columns)].notna().all(axis=1).to_numpy()
    complete[complete] = is_valid(rows[complete])
    return complete.reshape(candidates.shape)


def _nearest(
    wanted: pd.DataFrame,
    own: list[str],
    pool: pd.DataFrame,
    dates: Mapping[str, DateType],
    counts: np.ndarray,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Gives numbers of wanted rows ``(rows,)``, and of the drawn rows nearest to them ``(rows, numbers)``, in parts.

    A row that is wanted more often gets more to choose from.
    """
    from sklearn.neighbors import NearestNeighbors

    features = [_features(name, wanted[name], pool[name], dates, WEIGHT if name in own else 1.0) for name in wanted]
    of_wanted, of_pool = (np.column_stack(part) for part in zip(*features, strict=True))
    search = NearestNeighbors(metric='manhattan', algorithm='brute').fit(of_pool)
    sizes = np.minimum(2 ** np.ceil(np.log2(np.maximum(2 * counts, NEAREST))).astype(int), len(pool))
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        for part in np.array_split(rows, -(-len(rows) * size // MOST_CANDIDATES)):
            yield part, search.kneighbors(of_wanted[part], int(size), return_distance=False)


def _features(
    name: str, wanted: pd.Series, pool: pd.Series, dates: Mapping[str, DateType], weight: float
) -> tuple[np.ndarray, np.ndarray]:
    """Gives coordinates ``(rows, numbers)`` of wanted and of drawn values: a number's rank, a level's indicator."""
    if name in dates:
        wanted, pool = (read_dates(part, dates[name].form, coerce=True) for part in (wanted, pool))
        wanted, pool = (part.astype('int64').where(part.notna(), np.nan) for part in (wanted, pool))
    elif not pd.api.types.is_numeric_dtype(pool.dtype) or pd.api.types.is_bool_dtype(pool.dtype):
        codes = pd.factorize(pd.concat([wanted, pool]).astype(object))[0]
        indicators = weight / 2 * (codes[:, None] == np.unique(codes[: len(wanted)]))
        return indicators[: len(wanted)], indicators[len(wanted) :]
    numbers = [floats_of(part) for part in (wanted, pool)]
    ordered = np.sort(numbers[1][~np.isnan(numbers[1])])
    ranks = [np.searchsorted(ordered, part) / max(len(ordered), 1) for part in numbers]
    wanted_ranks, pool_ranks = (np.where(np.isnan(part), -1.0, rank) for part, rank in zip(numbers, ranks, strict=True))
    return weight * wanted_ranks[:, None], weight * pool_ranks[:, None]
