"""How closely every two columns of a table go together, and how alike two tables are in that; groups stay out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from sdv_fairdistill.metrics.parity import LEAST_ROWS
from sdv_fairdistill.metrics.schema import Schema

__all__ = ['Associations', 'association_matrix', 'corrected_v']

MOST_ROWS = 20_000  # of a table: chance then moves an association by about .01, and 100 columns take seconds
MOST_CELLS = 1_000_000  # of a table of counts that is held whole, 8 MB; beyond, only its cells with rows are
MOST_REASONS = 5  # named in a note; the pairs have them all
SPEARMAN, CRAMER, ETA = "Spearman's ρ", "Cramér's V", 'correlation ratio of ranks'
NO_PAIRS = 'there are fewer than two columns, so no pairs'


@dataclass(frozen=True)
class Associations:
    """How alike the columns of two tables go together, over all pairs of columns.

    Attributes:
        pairs: A line a pair, the most different first: ``Column 1``, ``Column 2``, ``Metric``, ``real``,
            ``synthetic`` (see :func:`association_matrix`), ``difference`` (0 to 1) and ``reason`` (why it is NaN).
        similarity: 1 less the mean of the differences, 0 to 1; NaN without any.
        notes: How many pairs are left out as undefined, and why, in words.

    Example:
        >>> schema = Schema(('age', 'wage'), (), ('town',))
        >>> real = pd.DataFrame({'age': range(40), 'wage': range(40), 'town': ['A'] * 20 + ['B'] * 20})
        >>> found = Associations.of(real, real.assign(wage=[*range(1, 40, 2), *range(0, 40, 2)]), schema)
        >>> found.pairs.round(2)[['Column 1', 'Column 2', 'real', 'synthetic', 'difference']]
          Column 1 Column 2  real  synthetic  difference
        0     wage     town  0.86       0.00        0.86
        1      age     wage  1.00       0.46        0.54
        2      age     town  0.86       0.86        0.00
        >>> round(found.similarity, 2)
        0.53
    """

    pairs: pd.DataFrame
    similarity: float
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, seed: int = 0) -> Associations:
        """Compares two tables.

        A difference is that of the two associations, and at most 1: a rank correlation that has changed its sign counts
        like one that was lost altogether.

        Args:
            real: Rows as the schema reads them; beyond 20,000 a sample of them is used.
            synthetic: The same of the other table.
            schema: The columns of the tables.
            seed: Decides the sample.
        """
        few = [
            rows.sample(MOST_ROWS, random_state=seed) if len(rows) > MOST_ROWS else rows for rows in (real, synthetic)
        ]
        before, after = (association_matrix(rows, schema) for rows in few)
        names = schema.columns
        upper = np.triu_indices(len(names), k=1)
        pairs = pd.DataFrame(
            {
                'Column 1': [names[place] for place in upper[0]],
                'Column 2': [names[place] for place in upper[1]],
                'Metric': [_metric(names[first], names[second], schema) for first, second in zip(*upper, strict=True)],
                'real': before.to_numpy()[upper],
                'synthetic': after.to_numpy()[upper],
            }
        )
        gaps = (pairs['real'] - pairs['synthetic']).abs().clip(upper=1)
        pairs = pairs.assign(difference=gaps, reason=_reasons(pairs, {'real': before, 'synthetic': after}))
        pairs = pairs.sort_values('difference', ascending=False, kind='stable', ignore_index=True)
        return cls(pairs, float(1 - gaps.mean()), _notes(pairs))


def association_matrix(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Gives how closely every two columns go together.

    - Two numbers (dates are numbers): Spearman's rank correlation, −1 to 1.
    - Two columns of levels: Cramér's V, 0 to 1, corrected for its bias (``corrected_v``).
    - A number and levels: the correlation ratio of the number's ranks, 0 to 1, corrected for its bias (Kelley's ε): the
      root of the share of the ranks' variance that lies between the levels.

    Each pair is measured on the rows that have both; ranks are taken once, over all rows that have the number.
    Undefined (NaN) is a pair that fewer than 10 rows have, one with a column that does not vary in them, and one with
    as many levels as rows.

    Args:
        table: Rows as the schema reads them.
        schema: The columns of the table.

    Returns:
        ``(columns, columns)``, symmetric, in the schema's order; 1 on the diagonal, NaN for a column of one value.

    Reference:
        Bergsma, *A bias-correction for Cramér's V and Tschuprow's T*, J. Korean Statistical Society 42, 2013; Kelley,
        *An unbiased correlation ratio measure*, PNAS 21, 1935.

    Example:
        >>> table = pd.DataFrame({'age': range(40), 'town': ['A', 'B'] * 20, 'area': [1, 2] * 20})
        >>> association_matrix(table, Schema(('age',), (), ('town', 'area')))
              age  town  area
        age   1.0   0.0   0.0
        town  0.0   1.0   1.0
        area  0.0   1.0   1.0
    """
    levels = list(schema.levels)
    numbers = [name for name in schema.columns if name not in schema.levels]
    ranks = table[numbers].rank()
    found = pd.DataFrame(np.nan, index=list(schema.columns), columns=list(schema.columns))
    found.loc[numbers, numbers] = ranks.corr(min_periods=LEAST_ROWS)
    codes = [pd.factorize(table[name])[0] for name in levels]
    between = np.full((len(levels), len(levels)), np.nan)
    for first, second in combinations(range(len(levels)), 2):
        between[first, second] = between[second, first] = _cramer(codes[first], codes[second])
    found.loc[levels, levels] = between
    for name, places in zip(levels, codes, strict=True):
        found.loc[name, numbers] = found.loc[numbers, name] = _correlation_ratios(ranks, places)
    for name in schema.columns:
        found.at[name, name] = 1.0 if table[name].nunique() > 1 else np.nan
    return found


def corrected_v(square: float, rows: int, lines: int, columns: int) -> float:
    """Gives Cramér's V, corrected for its bias in small tables (Bergsma 2013), so that independence comes out at 0.

    Args:
        square: χ² over the number of rows.
        rows: How many rows were counted.
        lines: How many levels one column has in them.
        columns: How many the other.

    Returns:
        From 0 (independent) to 1 (one column gives the other away); NaN if one has a single level, or as many as rows.

    Example:
        >>> corrected_v(1.0, 50, 2, 2), round(corrected_v(0.25, 50, 2, 2), 3), corrected_v(0.0, 50, 1, 2)
        (1.0, 0.484, nan)
    """
    if min(lines, columns) < 2:
        return np.nan
    by_chance = (lines - 1) * (columns - 1) / (rows - 1)  # what the square is on average under independence
    least = min(size - (size - 1) ** 2 / (rows - 1) for size in (lines, columns)) - 1
    return float(np.sqrt(min(1.0, max(0.0, square - by_chance) / least))) if least > 0 else np.nan


def _cramer(first: np.ndarray, second: np.ndarray) -> float:
    """Of two columns of places of levels, −1 for what is missing."""
    known = (first >= 0) & (second >= 0)
    first, second = first[known].astype(np.int64), second[known].astype(np.int64)
    if len(first) < LEAST_ROWS:
        return np.nan
    lines, columns = np.bincount(first), np.bincount(second)
    places = first * len(columns) + second
    if len(lines) * len(columns) <= MOST_CELLS:
        counts = np.bincount(places)
        cells = np.flatnonzero(counts)
        counts = counts[cells]
    else:
        cells, counts = np.unique(places, return_counts=True)
    expected = lines[cells // len(columns)] * columns[cells % len(columns)]
    square = float((counts**2 / expected).sum() - 1)
    return corrected_v(square, len(first), np.count_nonzero(lines), np.count_nonzero(columns))


def _correlation_ratios(ranks: pd.DataFrame, places: np.ndarray) -> pd.Series:
    """Of every number's ranks with a column of places of levels, −1 for what is missing."""
    ranks, places = ranks[places >= 0], places[places >= 0]
    groups = ranks.groupby(places)
    counts, means, centre = groups.count(), groups.mean(), ranks.mean()
    rows, levels = counts.sum(), (counts > 0).sum()
    total = np.square(ranks - centre).sum()
    defined = (rows >= LEAST_ROWS) & (levels > 1) & (levels < rows) & (ranks.max() > ranks.min())
    share = (counts * np.square(means - centre)).sum() / total.where(defined)
    unbiased = 1 - (1 - share) * (rows - 1) / (rows - levels).where(defined)
    return np.sqrt(unbiased.clip(0, 1))


def _metric(first: str, second: str, schema: Schema) -> str:
    return (SPEARMAN, ETA, CRAMER)[(first in schema.levels) + (second in schema.levels)]


def _reasons(pairs: pd.DataFrame, matrices: dict[str, pd.DataFrame]) -> list[str]:
    """Why pairs are undefined; nothing for those that are not."""
    single = {kind: {name for name in matrix if np.isnan(matrix.at[name, name])} for kind, matrix in matrices.items()}
    found = []
    for line in pairs.to_dict(orient='records'):
        reasons = []
        for kind in matrices:
            same = [name for name in (line['Column 1'], line['Column 2']) if name in single[kind]]
            if same:
                reasons += [f'{name} has no two values in the {kind} rows' for name in same]
            elif np.isnan(line[kind]):
                reasons.append(f'the {kind} rows that have both are fewer than {LEAST_ROWS} or too alike or unlike')
        found.append('; '.join(reasons))
    return found


def _notes(pairs: pd.DataFrame) -> tuple[str, ...]:
    left_out = pairs[pairs['difference'].isna()]
    if pairs.empty:
        return (NO_PAIRS,)
    if left_out.empty:
        return ()
    reasons = list(dict.fromkeys(part for reason in left_out['reason'] for part in reason.split('; ')))
    more = [f'{len(reasons) - MOST_REASONS} more reasons'] if len(reasons) > MOST_REASONS else []
    return (f'{len(left_out):,} of {len(pairs):,} pairs are left out: {"; ".join([*reasons[:MOST_REASONS], *more])}',)
