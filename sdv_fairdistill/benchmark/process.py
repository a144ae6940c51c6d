"""Work in a fresh Python process: its memory is its own, and its crash ends nothing else."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle

__all__ = ['ProcessError', 'run_apart']

MOST_DETAILS = 4_000  # characters of what the process printed that are kept; the end of it says why it failed
CHILD = """
import os, pathlib, pickle, sys, threading, traceback

def end_with_parent():
    os.read(0, 1)  # nothing is ever written there: it returns when the other end is closed
    os._exit(1)

threading.Thread(target=end_with_parent, daemon=True).start()
folder = pathlib.Path(sys.argv[1])
try:
    outcome = True, pickle.loads((folder / 'work').read_bytes())()
except Exception as error:
    traceback.print_exc()
    outcome = False, f'{type(error).__name__}: {" ".join(str(error).split())}'
(folder / 'outcome').write_bytes(pickle.dumps(outcome))
"""


class ProcessError(Exception):
    """Work in a fresh process gave no result.

    Args:
        message: Why, in one line.
        details: The end of what the process printed.
    """

    def __init__(self, message: str, details: str = '') -> None:
        super().__init__(message)
        self.details = details


def run_apart(work: Callable[[], Any], timeout: float | None = None) -> Any:
    """Runs work in a fresh Python process, which imports from where this one does, and gives its result.

    Args:
        work: Takes nothing; it and its result go through a pickle. Functions of the user's own script may be in it.
        timeout: Seconds after which the process is ended.

    Raises:
        ProcessError: If the work raised an error, ended the process, was killed, or took too long.

    Example:
        >>> run_apart(lambda: sum(range(4)))
        6
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / 'work').write_bytes(cloudpickle.dumps(work))
        code = _wait(folder, timeout)
        details = (folder / 'log').read_text(errors='replace')[-MOST_DETAILS:]
        if code is None:
            raise ProcessError(f'no result after {timeout:g} s, so it was ended', details)
        if not (folder / 'outcome').exists():
            raise ProcessError(_end(code), details)
        succeeded, result = pickle.loads((folder / 'outcome').read_bytes())
    if not succeeded:
        raise ProcessError(result, details)
    return result


def _wait(folder: Path, timeout: float | None) -> int | None:
    """Runs the process; gives its exit code, or None if it took too long. Nothing of it is left, come what may."""
    paths = os.pathsep.join(path for path in sys.path if path)
    with (folder / 'log').open('wb') as log:
        process = subprocess.Popen(
            [sys.executable, '-c', CHILD, str(folder)],
            stdin=subprocess.PIPE,  # closed when this process ends, even if it is killed
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, 'PYTHONPATH': paths},
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the other
        )
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                _kill(process)
            process.stdin.close()


def _kill(process: subprocess.Popen) -> None:
    """Ends a process with all that it has started, where the system can."""
    if hasattr(os, 'killpg'):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _end(code: int) -> str:
    if code >= 0:
        return f'the process ended itself with exit code {code}'
    name = signal.Signals(-code).name
    return f'the process was killed by {name}' + (', perhaps for lack of memory' if name == 'SIGKILL' else '')
