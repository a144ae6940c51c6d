"""How many threads compute: one, while a model is fitted or sampled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

__all__ = ['one_thread']

_lock = threading.Lock()
_inside: list[int] = []  # for each caller inside, torch's setting as it was before the first of them


@contextmanager
def one_thread() -> Iterator[None]:
    """Computes with one thread inside, and puts the setting back when the last caller is out.

    On two free cores a second thread made a fit of Adult 1.5 times as fast; on a busy machine the threads waited for
    each other and it took four times as long. With one, the same seed gives the same fit on any number of cores.
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
