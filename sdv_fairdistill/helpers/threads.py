"""How many threads compute, one or one a core; and locks that a forked process finds open."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

__all__ = ['cores', 'in_threads', 'new_lock', 'one_thread']

MOST_THREADS = 4  # with more nothing was measured, and others may want the cores of a large machine


def new_lock() -> threading.Lock:
    """Gives a lock that is open in a process that is forked while a thread holds it: that thread is not there."""
    lock = threading.Lock()
    _in_forked(lock._at_fork_reinit)  # what Python's own modules do
    return lock


@contextmanager
def one_thread() -> Iterator[None]:
    """Computes each step with one thread inside, and puts the setting back when the last caller is out.

    Where steps do not wait for each other, :func:`in_threads` takes several of them at a time.

    On two free cores a second thread made the steps of a fit of Adult 1.5 times as fast. On a busy machine the threads
    waited for each other, and a fit took four times as long; threads that sleep while they wait took twice as long even
    on free cores. With one, the same seed gives the same fit on any number of cores; two gave other last digits.
    Boosting in a thread for each half of the rows was no faster: Python's lock lets one thread go on at a time.
    """
    with _lock:
        _inside.append(_inside[0] if _inside else torch.get_num_threads())
        torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        _free_buffers()
        with _lock:
            before = _inside.pop()
            if not _inside:
                torch.set_num_threads(before)


def in_threads(work: Callable[..., Any], *given: Iterable[Any]) -> list[Any]:
    """Calls ``work`` with the first of everything given, the second and so on, in a thread for each core at hand.

    What a call does must not depend on the others: then results are the same on any number of cores. Threads that have
    nothing to do sleep, so that a busy machine loses nothing by them. On one core, or for one call, none are made. An
    error of a call is raised.

    Args:
        work: What is called. Gradients are recorded in it where they are for the caller.
        given: As many of each as there are calls.

    Returns:
        What the calls gave, in order.
    """
    calls = list(zip(*given, strict=True))
    workers = min(len(calls), MOST_THREADS, cores())
    if workers < 2:
        return [work(*call) for call in calls]
    gradients = torch.is_grad_enabled()

    def run(call: tuple[Any, ...]) -> Any:
        try:
            with torch.set_grad_enabled(gradients):
                return work(*call)
        finally:
            _free_buffers()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, calls))


def cores() -> int:
    """Gives how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


def _in_forked(work: Callable[[], None]) -> None:
    if hasattr(os, 'register_at_fork'):  # not on Windows, which forks no processes
        os.register_at_fork(after_in_child=work)


def _buffers() -> Callable[[], None]:
    """Gives what frees the memory that MKL, torch's library for products, keeps for the thread that calls it.

    MKL lists such memory by thread. When threads have ended without freeing theirs, it may look for its own for ever in
    a process that is forked then.
    """
    try:
        library = ctypes.CDLL(str(Path(torch.__file__).parent / 'lib' / 'libtorch_cpu.so'))
        return library.mkl_serv_thread_free_buffers
    except (AttributeError, OSError):  # another system, or torch without MKL
        return lambda: None


_free_buffers = _buffers()
_lock = new_lock()
_inside: list[int] = []  # for each caller inside, torch's setting as it was before the first of them
_in_forked(_inside.clear)
