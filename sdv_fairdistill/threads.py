"""How many threads compute: one a task while a model is fitted or sampled, and two tasks at a time where that is allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

__all__ = ['SideBySide', 'one_thread', 'side_by_side']

SideBySide = Callable[..., Iterator]  # called as the built-in map is

_lock = threading.Lock()
_inside: list[int] = []  # for each caller inside, torch's setting as it was before the first of them


@contextmanager
def one_thread() -> Iterator[None]:
    """Computes with one thread inside, and puts the setting back when the last caller is out.

    On two free cores a second thread in torch's operations made a fit of Adult 1.5 times as fast; on a busy machine the
    threads waited for each other and it took four times as long. :func:`side_by_side` uses the cores without that.
    """
    with _lock:
        _inside.append(_inside[0] if _inside else torch.get_num_threads())
        torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        with _lock:
            before = _inside.pop()
            if not _inside:
                torch.set_num_threads(before)


@contextmanager
def side_by_side() -> Iterator[SideBySide]:
    """Gives a ``map`` that works on two items at a time, if the caller's setting of torch allows two threads.

    What an item gives must not depend on what runs beside it; then the result is the same with one thread and with two.
    """
    with _lock:
        allowed = _inside[0] if _inside else torch.get_num_threads()
    if allowed < 2:
        yield map
        return
    with ThreadPoolExecutor(2, initializer=threadpool_limits, initargs=(1, 'openmp')) as pool:
        yield pool.map
