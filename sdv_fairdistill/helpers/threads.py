"""How many threads compute, one or one a core; and locks that a forked process finds open."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

__all__ = ['cores', 'has_background', 'in_background', 'in_threads', 'new_lock', 'one_thread']

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
    nothing to do sleep, so that a busy machine loses nothing by them. On one core, for one call and inside another
    call, none are used. An error of a call is raised, once all calls have ended.

    Args:
        work: What is called. Gradients are recorded in it where they are for the caller.
        given: As many of each as there are calls.

    Returns:
        What the calls gave, in order.
    """
    calls = list(zip(*given, strict=True))
    if len(calls) < 2 or not has_background():
        return [work(*call) for call in calls]
    started = [_pool().submit(_run, torch.is_grad_enabled(), work, call) for call in calls]
    wait(started)
    return [one.result() for one in started]


def in_background(work: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    """Starts a call in a thread of its own if there is a core for it; without one the call waits until it is asked for.

    Args:
        work: What is called. It must not depend on what goes on meanwhile. Gradients are recorded as for the caller.
        given: What it is called with.

    Returns:
        What gives the result, or raises the error of the call.
    """
    gradients = torch.is_grad_enabled()
    if not has_background():
        return lambda: _run(gradients, work, given)
    return _pool().submit(_run, gradients, work, given).result


def has_background() -> bool:
    """Tells whether there is a core for what goes on in the background, beside a caller that is no such thread."""
    return cores() > 1 and not getattr(_this_thread, 'is_worker', False)


def _pool() -> ThreadPoolExecutor:
    """Gives the threads, a core each."""
    workers = min(MOST_THREADS, cores())
    if workers not in _pools:
        _pools[workers] = ThreadPoolExecutor(workers, initializer=_begin)
    return _pools[workers]


def _begin() -> None:
    """Prepares a thread: libraries count their own threads for each thread that calls them."""
    _this_thread.is_worker = True
    threadpool_limits(limits=1, user_api='openmp')


def _run(gradients: bool, work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    try:
        with torch.set_grad_enabled(gradients):
            return work(*given)
    finally:
        _free_buffers()


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
_this_thread = threading.local()
_pools: dict[int, ThreadPoolExecutor] = {}  # by the number of threads, which are kept: steps last milliseconds
_in_forked(_pools.clear)  # whose threads are not there
_inside: list[int] = []  # for each caller inside, torch's setting as it was before the first of them
_in_forked(_inside.clear)
