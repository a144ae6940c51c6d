"""Work in a process of its own: its result comes back, and so does the reason why there is none."""

from __future__ import annotations

import os
import signal

import pytest

from sdv_fairdistill.benchmark.process import ProcessError, run_apart


def fail():
    raise ValueError('too\nlate')


def wait():
    import time

    time.sleep(60)


def test_the_result_comes_from_another_process():
    assert run_apart(os.getpid) != os.getpid()


@pytest.mark.parametrize(
    ('work', 'reason'),
    [
        (fail, 'ValueError: too late'),
        (lambda: os._exit(3), 'the process ended itself with exit code 3'),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), 'killed by SIGKILL, perhaps for lack of memory'),
    ],
)
def test_a_failure_has_its_reason(work, reason):
    with pytest.raises(ProcessError, match=reason):
        run_apart(work)


def test_what_takes_too_long_is_ended():
    with pytest.raises(ProcessError, match=r'no result after 0\.5 s, so it was ended'):
        run_apart(wait, timeout=0.5)
