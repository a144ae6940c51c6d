"""Tables of any size, made from a seed, to see how cost grows with rows, columns and levels; measuring stays out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sdv_fairdistill.datasets import Dataset, load_adult
from sdv_fairdistill.datasets._dataset import describe_table

__all__ = ['adult_of_rows', 'table_of_columns', 'table_of_levels']

NOISE = 0.05  # standard deviation of the noise on Adult's numbers, in standard deviations of the column
FACTORS = 4  # hidden numbers that the columns are made from, so that they go together as real ones do
LEVELS = 12  # of a column of levels
FAVORABLE, UNEQUAL = 0.25, 0.5  # share of the favorable label; how far, in deviations, the group moves its score
ROWS_OF_COLUMNS, ROWS_OF_LEVELS, COLUMNS_OF_LEVELS = 20_000, 100_000, 10  # the sizes that are named in the bars


def adult_of_rows(rows: int, seed: int = 0) -> Dataset:
    """Makes Adult of any length: its rows drawn with replacement, with noise on the numbers.

    The noise is rounded and leaves zeros as they are (most people have no capital gain) and the range as it was; the
    columns of levels, the roles and the 15 columns are Adult's own.

    Args:
        rows: How many rows.
        seed: Decides the rows and the noise.

    Example:
        >>> adult_of_rows(100_000).table.shape
        (100000, 15)
    """
    adult, generator = load_adult(), np.random.default_rng(seed)
    table = adult.table.take(generator.integers(len(adult.table), size=rows)).reset_index(drop=True)
    for name in table.select_dtypes('number'):
        values = table[name].to_numpy()
        moved = values + np.rint(generator.normal(0, NOISE * adult.table[name].std(), rows)).astype(values.dtype)
        bounded = np.clip(moved, adult.table[name].min(), adult.table[name].max())
        table[name] = np.where(values == 0, 0, bounded)
    return replace(adult, table=table)


def table_of_columns(columns: int, rows: int = ROWS_OF_COLUMNS, seed: int = 0) -> Dataset:
    """Makes a table of any width: numbers and columns of levels in turn, a group, and a label that depends on it.

    Every column is a mixture of the same few hidden numbers and noise; a column of levels is one cut into 12 parts.

    Args:
        columns: How many columns, at least 3: the group, the label, and the others.
        rows: How many rows.
        seed: Decides everything random.

    Example:
        >>> table_of_columns(5, rows=2).table.dtypes.astype(str).to_dict()
        {'column_0': 'float64', 'column_1': 'object', 'column_2': 'float64', 'group': 'object', 'label': 'object'}
    """
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=(rows, FACTORS))
    group = generator.integers(2, size=rows)
    data: dict[str, np.ndarray] = {}
    for number in range(columns - 2):
        values = hidden @ generator.normal(size=FACTORS) + generator.normal(size=rows)
        data[f'column_{number}'] = _levels(_ranks(values, LEVELS)) if number % 2 else values.round(3)
    score = hidden[:, 0] + UNEQUAL * group + generator.normal(size=rows)
    data['group'] = np.where(group == 1, 'b', 'a').astype(object)
    data['label'] = np.where(_ranks(score, rows) >= (1 - FAVORABLE) * rows, 'yes', 'no').astype(object)
    return _dataset(pd.DataFrame(data))


def table_of_levels(levels: int, rows: int = ROWS_OF_LEVELS, seed: int = 0) -> Dataset:
    """Makes a table of 10 columns, the first of which has any number of levels, each as often as the others.

    Args:
        levels: How many, at most as many as rows.
        rows: How many rows.
        seed: Decides everything random.

    Example:
        >>> table_of_levels(50, rows=200).table['column_0'].value_counts().unique()
        array([4])
    """
    dataset = table_of_columns(COLUMNS_OF_LEVELS, rows, seed)
    drawn = np.random.default_rng(seed).permutation(np.arange(rows) % levels)
    return _dataset(dataset.table.assign(column_0=_levels(drawn)))


def _ranks(values: np.ndarray, parts: int) -> np.ndarray:
    """The part each value lies in, from 0, of parts with as many values each."""
    return values.argsort().argsort() * parts // len(values)


def _levels(codes: np.ndarray) -> np.ndarray:
    names = np.array([f'level {code}' for code in range(codes.max() + 1)], dtype=object)  # one object a level
    return names[codes]


def _dataset(table: pd.DataFrame) -> Dataset:
    numbers = set(table.select_dtypes('number'))
    sdtypes = {name: 'numerical' if name in numbers else 'categorical' for name in table}
    metadata = describe_table('made', sdtypes)
    return Dataset('made', table, metadata, ('group',), 'label', 'yes')
