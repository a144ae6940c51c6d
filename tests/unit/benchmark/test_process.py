"""Work in a process of its own: its result comes back, and so does the reason why there is none."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from sdv_fairdistill.benchmark.process import CHILD, ProcessError, run_apart


def fail():
    raise ValueError('too\nlate')


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
        run_apart(partial(time.sleep, 60), timeout=0.5)


def test_it_does_not_outlive_the_process_that_asked_for_it(tmp_path):
    (tmp_path / 'work').write_bytes(pickle.dumps(partial(time.sleep, 60)))
    child = subprocess.Popen([sys.executable, '-c', CHILD, str(tmp_path)], stdin=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(1)
    child.stdin.close()  # as happens when the parent is killed
    assert child.wait(30) == 1
