"""Sampling into a folder of Parquet files, on as many processes or machines as there are."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import pandas as pd

from sdv_fairdistill.goals.checks import check_number
from sdv_fairdistill.helpers.files import remove_partial
from sdv_fairdistill.scale.cluster import connected, require_dask, run_all
from sdv_fairdistill.scale.parquet import agree, rows_in
from sdv_fairdistill.scale.partition import OrderedValues, write_partition
from sdv_fairdistill.scale.plan import Partition, Plan

if TYPE_CHECKING:
    from distributed import Client

__all__ = ['sample_to_parquet']

PARTITION_ROWS = 100_000  # a second or two of work, beside which what Dask adds is nothing; some 50 MB while drawn


def sample_to_parquet(
    synthesizer: Any,
    num_rows: int,
    path: str | Path,
    client: Client | None = None,
    seed: int = 0,
    partition_rows: int = PARTITION_ROWS,
) -> list[Path]:
    """Samples rows into a folder of Parquet files, on Dask workers.

    What a file holds depends on the synthesizer, ``seed``, ``num_rows`` and ``partition_rows`` alone: not on the
    workers, their number or their order. A file is there as a whole or not at all; the same call again samples only
    what is missing, after a crash or a Ctrl-C. Each file is a fair sample of its own: inside each one the labels are
    spread evenly over the groups, as in ``sample``. Keys, and other ids that do not repeat, are unique over all files;
    they are drawn one after another in the process of the caller, where 100,000 integers or patterned ids take a
    second, and as many different e-mail addresses ten.

    Args:
        synthesizer: A fitted single-table synthesizer of SDV's kind; its notion and dial count as they are set. It is
            not changed.
        num_rows: Number of rows in all.
        path: Folder for the files, which all workers must see; made if it is not there. A manifest in it says what was
            asked.
        client: Dask client of a cluster to use, which is left open. None for one of this machine: a process with one
            thread for each processor, shut down in the end. A script needs ``if __name__ == '__main__':`` then, as
            always when Python starts processes.
        seed: Other rows for another seed.
        partition_rows: The most rows of a file.

    Returns:
        The files, in order. ``pandas.read_parquet(path)`` and ``dask.dataframe.read_parquet(path)`` read them all.

    Raises:
        FairDistillError: If the folder holds rows of another call, a number is not allowed, or Dask is not installed.
        sdv.errors.SamplingError: If the synthesizer has not been fitted.

    Example:
        >>> import tempfile
        >>> import pandas as pd
        >>> from distributed import Client
        >>> from sdv.single_table import GaussianCopulaSynthesizer
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> synthesizer = GaussianCopulaSynthesizer(german.metadata)  # or any other
        >>> synthesizer.fit(german.data)
        >>> with tempfile.TemporaryDirectory() as folder, Client(processes=False, dashboard_address=':0') as client:
        ...     files = sample_to_parquet(synthesizer, 1_000, folder, client, partition_rows=400)
        ...     rows = pd.read_parquet(folder)
        >>> [file.name for file in files]
        ['part-00000.parquet', 'part-00001.parquet', 'part-00002.parquet']
        >>> len(rows)
        1000
    """
    require_dask()
    for name, number in (('num_rows', num_rows), ('partition_rows', partition_rows)):
        check_number(name, number, least=1, optional=False)
    check_number('seed', seed, least=0, optional=False)
    pickled, folder = cloudpickle.dumps(synthesizer), Path(path).absolute()
    fresh = pickle.loads(pickled)
    plan = Plan.of(fresh, num_rows, partition_rows, seed)
    plan.open(folder)
    files = {partition: folder / partition.name for partition in plan.partitions()}
    missing = [partition for partition, file in files.items() if rows_in(file) != partition.rows]
    if missing:
        with connected(client, len(missing)) as workers:
            shipped = workers.submit(bytes, pickled, pure=False)  # a task, not scattered: Dask can do it again
            calls = (
                (shipped, partition, values, folder)
                for partition, values in _with_values(files, fresh)
                if partition in missing
            )
            for _ in run_all(workers, write_partition, calls):
                pass
    agree(list(files.values()))
    remove_partial(folder)
    return list(files.values())


def _with_values(partitions: Iterable[Partition], fresh: Any) -> Iterator[tuple[Partition, pd.DataFrame]]:
    """Gives every partition, those too that are there, with the values that must differ between all rows."""
    ordered = OrderedValues(fresh)
    for partition in partitions:
        yield partition, ordered.draw(partition.rows)
