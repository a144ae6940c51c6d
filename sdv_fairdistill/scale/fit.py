"""Fitting a table that does not fit into memory, from Parquet files or a Dask DataFrame."""

from __future__ import annotations

import glob
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_number
from sdv_fairdistill.plugin.versions import as_given
from sdv_fairdistill.scale.cluster import connected, require_dask, run_all
from sdv_fairdistill.scale.gather import Kinds, RowGroup, gather, lacking
from sdv_fairdistill.table.storage import check_names

if TYPE_CHECKING:
    import dask.dataframe as dd
    from distributed import Client

__all__ = ['fit_from_parquet']

MOST_ROWS = 500_000  # about as many as the steps of a fit read; of more rows it would read but a part


def fit_from_parquet(
    synthesizer: Any,
    source: str | Path | dd.DataFrame,
    client: Client | None = None,
    max_rows: int = MOST_ROWS,
) -> None:
    """Fits a synthesizer to a table that does not fit into memory.

    A fit has a budget of steps, so that of a long table it reads a part only. That part is drawn here, on Dask workers:
    a uniform sample of ``max_rows`` rows, and rows with whatever the sample lacks: one for each level of a categorical
    column, for the smallest and the largest value of each numeric column and of each column of dates, and for missing
    values. Then the synthesizer's own ``fit`` learns these rows. So every value that occurs is known, and shares are
    those of the table but for the error of a sample (at 500,000 rows .0014 at most, twice the standard deviation) and
    for levels rarer than one in ``max_rows``, which come out a little too often. Combinations of levels that the sample
    lacks are not looked for.

    Memory holds the rows that are learned and, for each worker, the part that it reads: a row group of a file (of
    ``pandas.DataFrame.to_parquet`` a million rows) or a partition of the DataFrame.

    Args:
        synthesizer: A single-table synthesizer of SDV's kind. Its ``seed``, if it has one, decides which rows are
            learned, however the table is cut into files and whatever the number of workers.
        source: A folder of Parquet files, a pattern such as ``'people/2024-*.parquet'``, a file, or a Dask DataFrame,
            which is computed once to count its rows and once to take them.
        client: Dask client of a cluster to use, which is left open and must see the files. None for one of this
            machine, as in :func:`sample_to_parquet`.
        max_rows: Size of the sample; a table with no more rows is learned as a whole.

    Raises:
        FairDistillError: If the synthesizer has ``privacy``, there is no file, files differ in their columns, a column
            of the metadata is missing, a number is not allowed, or Dask is not installed.

    Example:
        >>> import tempfile
        >>> from distributed import Client
        >>> from sdv_fairdistill import FairDistillSynthesizer
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> synthesizer = FairDistillSynthesizer(german.metadata, **german.roles, epochs=1, seed=0)
        >>> with tempfile.TemporaryDirectory() as folder, Client(processes=False, dashboard_address=':0') as client:
        ...     german.table.to_parquet(f'{folder}/german.parquet')
        ...     fit_from_parquet(synthesizer, folder, client, max_rows=500)
        >>> len(synthesizer.sample(10)['german_credit'])
        10
    """
    if getattr(synthesizer, 'privacy', None) is not None:
        raise FairDistillError(
            'privacy does not go with fit_from_parquet, which looks for rare levels and extreme values: read the table'
            ' with pandas.read_parquet, and call fit.'
        )
    require_dask()
    check_number('max_rows', max_rows, least=1, optional=False)
    seed = getattr(synthesizer, 'seed', None)
    generator = np.random.default_rng(secrets.randbits(128) if seed is None else seed)
    name, table = next(iter(synthesizer.get_metadata().to_dict()['tables'].items()))
    source = _row_groups(source) if isinstance(source, str | Path) else source
    _check_columns(table['columns'], source)
    parts = len(source) if isinstance(source, Sequence) else source.npartitions
    with connected(client, parts) as workers:
        rows = _rows_to_learn(workers, source, max_rows, Kinds.of(table['columns']), generator)
    if not isinstance(source, Sequence):
        rows.columns = source.columns  # which may be integers
    synthesizer.fit(as_given(name, rows))


def _row_groups(source: str | Path) -> list[RowGroup]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = Path(source)
    found = folder.rglob('*.parquet') if folder.is_dir() else map(Path, glob.glob(str(source), recursive=True))
    files = sorted(file.absolute() for file in found if not file.name.startswith(('.', '_')))  # those are not rows
    groups = []
    for file in files:
        try:
            footer = pq.read_metadata(file)
        except (OSError, pa.ArrowInvalid) as error:
            raise FairDistillError(f'{file} cannot be read as Parquet: {error}') from error
        sizes = [footer.row_group(number).num_rows for number in range(footer.num_row_groups)]
        groups += [RowGroup(file, number, rows) for number, rows in enumerate(sizes)]
    if not any(group.rows for group in groups):
        raise FairDistillError(f'{source}: no rows in Parquet files there. Give a folder of them, or a pattern.')
    return groups


def _check_columns(described: Iterable[str], source: dd.DataFrame | Sequence[RowGroup]) -> None:
    import pyarrow.parquet as pq

    if isinstance(source, Sequence):
        names = {group.file: set(pq.read_schema(group.file).names) for group in source}
    else:
        check_names(source, 'Dask')
        names = {'The DataFrame': set(map(str, source.columns))}
    wanted = set(map(str, described))
    for where, there in names.items():
        missing, unknown = sorted(wanted - there), sorted(there - wanted)
        problems = [f'lacks the columns {missing} of the metadata'] if missing else []
        problems += [f'has {unknown}, which are not in the metadata'] if unknown else []
        if problems:
            raise FairDistillError(
                f'{where} {" and ".join(problems)}. Give rows with the columns that the metadata describes; names are'
                ' compared as texts.'
            )


def _counts(client: Client, source: dd.DataFrame | Sequence[RowGroup]) -> list[int]:
    """Gives the number of rows of each part."""
    from dask import delayed

    if isinstance(source, Sequence):
        return [group.rows for group in source]
    return [int(rows) for rows in client.gather(client.compute([delayed(len)(part) for part in source.to_delayed()]))]


def _rows_to_learn(
    client: Client, source: dd.DataFrame | Sequence[RowGroup], most: int, kinds: Kinds, generator: np.random.Generator
) -> pd.DataFrame:
    """Draws the sample, and adds what it lacks; in the order of the table."""
    parts = source if isinstance(source, Sequence) else source.to_delayed()
    ends = np.cumsum(_counts(client, source))
    if not ends[-1]:
        raise FairDistillError('The DataFrame has no rows.')
    picked = np.sort(generator.choice(ends[-1], min(most, ends[-1]), replace=False))

    def calls() -> Iterator[tuple]:
        for part, first, end in zip(parts, [0, *ends], ends, strict=False):
            mine = picked[np.searchsorted(picked, first) : np.searchsorted(picked, end)]
            yield part if isinstance(part, RowGroup) else client.compute(part), int(first), mine, kinds

    samples, extra = [], None
    for _, (sample, more) in run_all(client, gather, calls()):
        samples.append(sample)
        both = more if extra is None else pd.concat([extra, more]).sort_index()
        extra = lacking(both, both.head(0), kinds)  # one row for each lack, so that memory is bounded
    sample = pd.concat(samples).sort_index()
    return pd.concat([sample, lacking(extra, sample, kinds)]).sort_index().reset_index(drop=True)
