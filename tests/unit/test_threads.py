"""Threads: one a task, two tasks at a time where the caller's setting allows it, and that setting left as it was."""

import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from sdv_fairdistill.groups import Groups
from sdv_fairdistill.threads import one_thread, side_by_side
from sdv_fairdistill.views.score import label_score


@pytest.fixture
def torch_threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_one_thread_inside_and_the_setting_again_outside(torch_threads):
    torch_threads(2)
    with one_thread():
        assert torch.get_num_threads() == 1
        with one_thread():
            pass
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize('inside', [False, True])
def test_two_at_a_time_if_the_caller_allows_two_threads(torch_threads, inside):
    torch_threads(2)
    both_here = threading.Barrier(2, timeout=60)

    def work(item: int) -> int:
        both_here.wait()  # passes only if another item is at work now
        return item

    with one_thread() if inside else side_by_side(), side_by_side() as both:
        assert list(both(work, range(4))) == [0, 1, 2, 3]


def test_one_after_the_other_if_not(torch_threads):
    torch_threads(1)
    with side_by_side() as both:
        assert both is map


def test_a_task_computes_with_one_thread(torch_threads):
    torch_threads(2)

    def setting(_: int) -> list[int]:
        return [library['num_threads'] for library in threadpool_info() if library['user_api'] == 'openmp']

    with one_thread(), side_by_side() as both:
        assert {number for numbers in both(setting, range(2)) for number in numbers} == {1}


def test_an_error_of_a_task_reaches_the_caller(torch_threads):
    torch_threads(2)
    with pytest.raises(ZeroDivisionError), side_by_side() as both:
        list(both(lambda item: 1 / item, [1, 0]))


def test_the_label_score_is_the_same_on_one_thread_and_on_two(torch_threads, unfair, layout):
    groups, _ = Groups.fit(unfair, layout)
    scores = []
    for number in (1, 2):
        torch_threads(number)
        scores.append(label_score(unfair, layout, groups, True, 0))

    np.testing.assert_array_equal(scores[0].own, scores[1].own)
    np.testing.assert_array_equal(scores[0].blind, scores[1].blind)
