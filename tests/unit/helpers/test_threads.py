"""Threads: as many as there are cores, what the calls give in order, and the caller's settings inside."""

import multiprocessing
import os
import threading
import time

import pytest
import torch
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_info

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.helpers.threads import cores, has_background, in_background, in_threads, one_thread


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


def test_libraries_have_one_thread_in_each_too(many):
    def widths(_):
        return {one['num_threads'] for one in threadpool_info() if one['user_api'] == 'openmp'}

    HistGradientBoostingRegressor(max_iter=1).fit([[0.0], [1.0]], [0.0, 1.0])  # so that a library is loaded
    with one_thread():
        assert in_threads(widths, range(6)) == [{1}] * 6


def test_a_call_inside_a_call_needs_no_thread(many):
    def inside(_):
        this = threading.current_thread()
        return in_threads(lambda _: threading.current_thread() is this, range(4))

    assert in_threads(inside, range(3)) == [[True] * 4] * 3


def test_threads_are_kept(monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: 2)

    def who(_):
        together.wait(10)
        return threading.current_thread()

    together = threading.Barrier(2)
    assert set(in_threads(who, range(2))) == set(in_threads(who, range(2)))


def test_calls_end_before_an_error_is_raised(monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: 2)
    ended = threading.Event()

    def work(number):
        if not number:
            raise ZeroDivisionError
        time.sleep(0.2)
        ended.set()

    with pytest.raises(ZeroDivisionError):
        in_threads(work, range(2))
    assert ended.is_set()


def test_what_goes_on_in_the_background(many):
    begun = threading.Event()

    def work(number):
        begun.set()
        return threading.current_thread(), number, torch.is_grad_enabled()

    with torch.no_grad():
        result = in_background(work, 7)
    assert has_background() == (many > 1)
    assert begun.wait(5 if many > 1 else 0.1) == (many > 1)

    thread, number, recorded = result()
    assert number == 7
    assert not recorded
    assert (thread is threading.current_thread()) == (many == 1)


def test_an_error_in_the_background_is_raised_when_it_is_asked_for(many):
    result = in_background(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        result()


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no process is forked here')
def test_a_forked_process_makes_threads_of_its_own(monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: 2)
    in_threads(lambda _: None, range(2))

    with multiprocessing.get_context('fork').Pool(1) as pool:
        assert pool.apply_async(_sum_in_threads).get(30) == 6


def _sum_in_threads():
    return sum(in_threads(lambda number: number, range(4)))


def test_what_is_given_has_as_many_of_each(many):
    with pytest.raises(ValueError, match='shorter'):
        in_threads(lambda *_: None, range(3), range(2))


def test_there_is_a_core():
    assert cores() >= 1
