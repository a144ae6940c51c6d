"""How the command line reads the values of its options; what is done with them stays out."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

__all__ = ['LARGEST_SEED', 'dial', 'several', 'whole']

LARGEST_SEED = 2**32 - 1  # of numpy's and scikit-learn's seeds


def whole(least: int, most: float = math.inf) -> Callable[[str], int]:
    """Gives a reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            upper = '' if most == math.inf else f' and at most {most}'
            raise argparse.ArgumentTypeError(f'{text!r} is not a whole number of at least {least}{upper}')
        return int(text)

    return read


def dial(text: str) -> float:
    """Reads a dial."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f'{text!r} is not a number from 0 (as the data is) to 1 (repaired)')
    return value


def several(read: Callable[[str], Any]) -> Callable[[str], list]:
    """Gives a reader of values with commas between them.

    Example:
        >>> several(whole(0))('2,0,1')
        [2, 0, 1]
    """
    return lambda text: [read(part.strip()) for part in text.split(',')]
