"""How cost grows with rows, columns and levels: which sizes are measured, and what was found by size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd

from sdv_fairdistill.benchmark.measure import DONE, Source
from sdv_fairdistill.benchmark.results import Results
from sdv_fairdistill.benchmark.tables import adult_of_rows, table_of_columns, table_of_levels
from sdv_fairdistill.datasets import Dataset

__all__ = ['SIZES', 'costs_by_size', 'sized_tables']

SIZES: dict[str, tuple[int, ...]] = {
    'rows': (10_000, 34_189, 100_000, 300_000, 1_000_000),  # the second is what is learned of Adult in a benchmark
    'columns': (15, 50, 100, 200),
    'levels': (10, 100, 1_000, 5_000, 20_000),
}
MAKERS: dict[str, Callable[[int], Dataset]] = {
    'rows': adult_of_rows,
    'columns': table_of_columns,
    'levels': table_of_levels,
}


def sized_tables(sizes: Mapping[str, Sequence[int]] = SIZES) -> dict[str, Source]:
    """Gives tables for a benchmark that only measures costs (``judged=False``), as functions that make them.

    Args:
        sizes: What grows (``'rows'`` of Adult, resampled with noise on its numbers; ``'columns'`` of 20,000 made rows;
            ``'levels'`` of one column among 10, of 100,000 made rows), and how far.

    Example:
        >>> list(sized_tables({'columns': [15, 200]}))
        ['columns 15', 'columns 200']
    """
    return {f'{what} {size}': partial(MAKERS[what], size) for what, each in sizes.items() for size in each}


def costs_by_size(results: Results) -> pd.DataFrame:
    """Gives the results on such tables with the size in columns of its own: ``Grows`` and ``Size``, in order."""
    table = results.frame()
    parts = table['table'].str.extract(rf'^({"|".join(MAKERS)}) (\d+)$')
    known = table.assign(Grows=parts[0], Size=parts[1])[parts[0].notna() & (table['status'] == DONE)]
    order = known.assign(Size=known['Size'].astype(int), place=known['Grows'].map(list(MAKERS).index))
    return order.sort_values(['place', 'Size', 'copy', 'seed']).drop(columns='place').reset_index(drop=True)
