"""Names of levels in figures and words: no two levels of a column have the same one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

__all__ = ['JOINT', 'MISSING', 'name_of', 'names_of']

MISSING = '(missing)'
JOINT = ' / '  # between the names of two columns' levels


def names_of(levels: Sequence[Any], taken: Iterable[str] = (), to_join: bool = False) -> list[str]:
    """Names levels that differ, each by the plainest text that no other has.

    A text is quoted where it could be taken for another level, for a missing value, or for two joined names.

    Args:
        levels: The levels, none of them missing.
        taken: Names that others have already.
        to_join: Whether they are joined with others', so that the text between two must not be in one.

    Example:
        >>> names_of(['f', 1.0, '1', '(missing)', 'a / b'], to_join=True)
        ['f', '1', "'1'", "'(missing)'", "'a / b'"]
    """
    taken = {MISSING, *taken}
    names = [_quoted(level) if to_join and JOINT in str(level) else name_of(level) for level in levels]
    for spell in (_quoted, _with_type):
        names = _respelled(levels, names, taken, spell)
    numbers: Counter = Counter()
    for place, name in enumerate(names):
        while names[place] in taken:
            numbers[name] += 1
            names[place] = f'{name} ({numbers[name] + 1})'
        taken.add(names[place])
    return names


def name_of(level: Any) -> str:
    """Gives one spelling of 1 and 1.0: a column of whole numbers with a missing value is read as floats."""
    if isinstance(level, (float, np.floating)) and float(level).is_integer():
        return str(int(level))
    return str(level)


def _respelled(levels: Sequence[Any], names: list[str], taken: set[str], spell: Callable[[Any], str]) -> list[str]:
    counts = Counter(names)
    return [
        spell(level) if counts[name] > 1 or name in taken else name for level, name in zip(levels, names, strict=True)
    ]


def _quoted(level: Any) -> str:
    return repr(level) if isinstance(level, str) else name_of(level)


def _with_type(level: Any) -> str:
    return f'{_quoted(level)} ({type(level).__name__})'
