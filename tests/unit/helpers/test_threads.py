"""Threads: as many as there are cores, what the calls give in order, and the caller's settings inside."""

import threading

import pytest
import torch

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.helpers.threads import cores, in_threads, one_thread


@pytest.fixture(params=[1, 2, 3])
def many(request, monkeypatch):
    """How many cores there seem to be."""
    monkeypatch.setattr(threads, 'cores', lambda: request.param)
    return request.param


def test_results_come_in_the_order_of_what_is_given(many):
    assert in_threads(lambda one, other: f'{other}{one}', range(4), 'abcd') == ['a0', 'b1', 'c2', 'd3']


def test_as_many_calls_at_a_time_as_there_are_cores(many):
    together = threading.Barrier(many)
    in_threads(lambda _: together.wait(10), range(2 * many))

    alone = threading.Barrier(many + 1)
    with pytest.raises(threading.BrokenBarrierError):
        in_threads(lambda _: alone.wait(0.2), range(many + 1))


def test_no_more_than_a_few_threads(monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: 64)
    lock, inside, most = threading.Lock(), [0], [0]
    several = threading.Barrier(threads.MOST_THREADS)

    def work(_):
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        several.wait(10)
        with lock:
            inside[0] -= 1

    in_threads(work, range(4 * threads.MOST_THREADS))
    assert most == [threads.MOST_THREADS]


def test_one_call_needs_no_thread(monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: 8)

    assert in_threads(lambda _: threading.current_thread(), [0]) == [threading.current_thread()]
    assert in_threads(lambda _: None, []) == []


def test_an_error_of_a_call_is_raised(many):
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda number: 1 / number, [1, 2, 0, 3])


@pytest.mark.parametrize('recorded', [True, False])
def test_gradients_are_recorded_where_they_are_for_the_caller(many, recorded):
    with torch.set_grad_enabled(recorded):
        assert in_threads(lambda _: torch.is_grad_enabled(), range(3)) == [recorded] * 3


def test_each_thread_frees_its_memory_whatever_its_calls_do(monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: 2)
    freed = []
    monkeypatch.setattr(threads, '_free_buffers', lambda: freed.append(threading.current_thread()))

    with pytest.raises(ZeroDivisionError):
        in_threads(lambda number: 1 / number, [0, 0, 0])
    assert len(freed) == 3
    assert threading.current_thread() not in freed


def test_each_call_computes_with_one_thread(many):
    with one_thread():
        assert in_threads(lambda _: torch.get_num_threads(), range(6)) == [1] * 6


def test_what_is_given_has_as_many_of_each(many):
    with pytest.raises(ValueError, match='shorter'):
        in_threads(lambda *_: None, range(3), range(2))


def test_there_is_a_core():
    assert cores() >= 1
