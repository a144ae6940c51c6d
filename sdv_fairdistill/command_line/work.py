"""Doing a command's work: what can go wrong with it becomes one line; which commands there are stays out."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sdv.errors import InvalidDataError, SamplingError, SynthesizerInputError, VersionError
from sdv.metadata.errors import InvalidMetadataError

from sdv_fairdistill.command_line.files import CommandError
from sdv_fairdistill.command_line.options import WRONG_INPUT
from sdv_fairdistill.errors import FairDistillError

__all__ = ['USER_ERRORS', 'program', 'timed', 'work']

TO_SEE = 'python -X dev shows where'  # Python's own way to ask for more
INTERRUPTED = 130  # the shell's exit code for Ctrl-C
USER_ERRORS = (
    FairDistillError,
    InvalidDataError,
    InvalidMetadataError,
    OSError,
    SamplingError,
    SynthesizerInputError,
    VersionError,
)


def work(options: argparse.Namespace) -> int:
    """Does what options ask for.

    Args:
        options: As a command's parser has read them; ``run`` is the work itself.

    Returns:
        The exit code: 0, 2 for input that cannot be used (one line on stderr says why), 130 after Ctrl-C.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        warnings.filterwarnings('ignore', 'We strongly recommend saving the metadata')
        try:
            options.run(options)
        except (CommandError, *USER_ERRORS) as error:
            print(f'{program()}: error: {_one_line(error)}', file=sys.stderr)
            return WRONG_INPUT
        except KeyboardInterrupt:
            print(f'{program()}: interrupted; nothing more was written', file=sys.stderr)
            return INTERRUPTED
        except Exception as error:  # of a kind that nobody has met yet: its place tells users nothing
            if sys.flags.dev_mode:
                raise
            said = f'unexpected {type(error).__name__}: {_one_line(error)}'
            print(f'{program()}: error: {said} ({TO_SEE})', file=sys.stderr)
            return WRONG_INPUT
    return 0


def timed(work: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, float]:
    """Gives a result, and the seconds that it took."""
    start = time.perf_counter()
    return work(*arguments, **options), time.perf_counter() - start


def program() -> str:
    """Gives the name that the program was called by."""
    name = Path(sys.argv[0]).name
    return 'python -m sdv_fairdistill' if name == '__main__.py' else name


def _one_line(error: BaseException) -> str:
    return ' '.join(str(error).split())


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, UserWarning):
        print(f'Warning: {" ".join(str(message).split())}', file=sys.stderr)
