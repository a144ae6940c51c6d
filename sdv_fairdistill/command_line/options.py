"""How the command line reads its options, and refuses them; what is done with them stays out."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ['LARGEST_SEED', 'WRONG_INPUT', 'Parser', 'add_epochs', 'dial', 'several', 'share', 'whole']

LARGEST_SEED = 2**32 - 1  # of numpy's and scikit-learn's seeds
WRONG_INPUT = 2  # argparse's own exit code


class Parser(argparse.ArgumentParser):
    """Refuses options in one line, as any other input that cannot be used."""

    def error(self, message: str) -> NoReturn:
        """Ends the program; see :meth:`argparse.ArgumentParser.error`."""
        self.exit(WRONG_INPUT, f'{self.prog}: error: {message}. {self.prog} --help lists what is allowed.\n')


def whole(least: int, most: float = math.inf) -> Callable[[str], int]:
    """Gives a reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            upper = '' if most == math.inf else f' and at most {most}'
            raise argparse.ArgumentTypeError(f'{text!r} is not a whole number of at least {least}{upper}')
        return int(text)

    return read


def share(least: float = 0.0, most: float = 1.0, described: str = '') -> Callable[[str], float]:
    """Gives a reader of numbers within bounds; what is ``described`` ends its message."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f'{text!r} is not a number from {least:g} to {most:g}{described}')
        return value

    return read


dial = share(described=', where 0 is as the data is and 1 repaired')


def several(read: Callable[[str], Any]) -> Callable[[str], list]:
    """Gives a reader of values with commas between them.

    Example:
        >>> several(whole(0))('2,0,1')
        [2, 0, 1]
    """
    return lambda text: [read(part.strip()) for part in text.split(',')]


def add_epochs(parser: argparse.ArgumentParser) -> None:
    """Adds the option of a fit's length."""
    parser.add_argument('--epochs', type=whole(1), help='passes over the rows (default: suits the size of the table)')
