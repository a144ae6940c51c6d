"""The Dask cluster that work runs on: the user's own, or one of processes on this machine. Dask is imported late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from sdv_fairdistill.errors import FairDistillError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ['connected', 'require_dask', 'run_all']

AHEAD = 2  # tasks a thread that wait on the cluster: one to work on, one to begin with at once


def require_dask() -> None:
    """Checks that the packages of the extra ``[dask]`` are there.

    Raises:
        FairDistillError: If one is missing.
    """
    try:
        for package in ('dask.dataframe', 'distributed', 'pyarrow'):
            import_module(package)
    except ImportError as error:
        raise FairDistillError(
            f"Work on Dask workers needs packages that are not installed ({error}): pip install 'sdv-fairdistill[dask]'"
        ) from error


@contextmanager
def connected(client: Client | None, tasks: int) -> Iterator[Client]:
    """Gives a client to work with.

    Args:
        client: The user's own, which is left open; None for a local cluster of processes, one thread each, which is
            shut down in the end.
        tasks: How many tasks there are at most; more processes are not started.
    """
    if client is not None:
        yield client
        return
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster

    workers = min(CPU_COUNT, tasks)
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=':0') as cluster,
        Client(cluster) as own,
    ):
        yield own


def run_all(client: Client, function: Callable[..., Any], calls: Iterable[tuple]) -> Iterator[tuple[int, Any]]:
    """Runs a function once for each tuple of arguments, and keeps few of them waiting, so that memory is bounded.

    A task that was on a worker that died is done again on another one, by Dask.

    Args:
        client: Where to run.
        function: What to run.
        calls: Arguments of each call; taken from the iterator when their turn comes.

    Yields:
        The number of a call and its result, in the order in which they end.
    """
    from distributed import as_completed

    numbered, numbers = enumerate(calls), {}

    def submit(count: int) -> list:
        futures = [(number, client.submit(function, *call, pure=False)) for number, call in islice(numbered, count)]
        numbers.update({future.key: number for number, future in futures})
        return [future for _, future in futures]

    waiting = as_completed(submit(AHEAD * max(1, sum(client.nthreads().values()))))
    for future in waiting:
        yield numbers.pop(future.key), future.result()
        waiting.update(submit(AHEAD * max(1, sum(client.nthreads().values())) - waiting.count()))
