"""The options of privacy: the budget, and what is public of the values; what they mean is in the room ``privacy``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from sdv_fairdistill.command_line.files import CommandError
from sdv_fairdistill.command_line.roles import favorable_of, name_of
from sdv_fairdistill.privacy import Privacy

__all__ = ['add_privacy', 'as_levels', 'implied_sdtypes', 'privacy_of', 'public_favorable']

TRUTHS = {'true': True, 'false': False}


def add_privacy(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a fit with privacy."""
    parser.add_argument(
        '--epsilon', type=float, metavar='NUMBER', help='differential privacy: the most epsilon, 1 is strict, 10 weak'
    )
    parser.add_argument(
        '--delta', type=float, metavar='NUMBER', help='with --epsilon: the most delta (default: by the number of rows)'
    )
    parser.add_argument(
        '--bounds',
        action='append',
        default=[],
        metavar='COLUMN=LOW:HIGH',
        help='with --epsilon: the public range of numbers or dates, from a code book; may be repeated',
    )
    parser.add_argument(
        '--levels',
        action='append',
        default=[],
        metavar='COLUMN=A|B',
        help='with --epsilon: the public levels of another column, in quotes for the shell; may be repeated',
    )


def privacy_of(options: argparse.Namespace, table: pd.DataFrame) -> Privacy | None:
    """Gives the privacy that the options ask for; None without a budget.

    Args:
        options: As the command's parser has read them.
        table: The rows, of which only the names of columns are looked at.

    Raises:
        CommandError: If an option cannot be read.
        FairDistillError: If the budget, bounds or levels are not allowed.
    """
    if options.epsilon is None:
        if options.delta is not None or options.bounds or options.levels:
            raise CommandError('--delta, --bounds and --levels are for a fit with privacy: give --epsilon too.')
        return None
    bounds = _of_columns('--bounds', options.bounds, table, _ends)
    levels = _of_columns('--levels', options.levels, table, lambda text: _read(text.split('|')))
    return Privacy(options.epsilon, options.delta, bounds, levels)


def implied_sdtypes(privacy: Privacy) -> list[str]:
    """Gives the sdtypes that levels and bounds of numbers imply, so that they need not be detected from the rows."""
    numbers = [name for name, ends in privacy.bounds.items() if not any(isinstance(end, str) for end in ends)]
    return [*(f'{name}=categorical' for name in privacy.levels), *(f'{name}=numerical' for name in numbers)]


def as_levels(table: pd.DataFrame, levels: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Gives a table whose values are the public levels that they are spelled like, each by itself.

    Args:
        table: The rows; left as they are.
        levels: The levels of some of its columns.

    Example:
        >>> as_levels(pd.DataFrame({'sex': [' f', 'm', '?'], 'hired': ['1', '0', 'no']}), {'hired': [0, 1]})
          sex hired
        0   f     1
        1   m     0
        2   ?    no
    """
    written = {}
    for name, allowed in levels.items():
        known = {_spelled(level): level for level in allowed}
        values = table[name].astype(object)
        written[name] = values.map(lambda value, known=known: known.get(_spelled(value), value), na_action='ignore')
    return table.assign(**written)


def public_favorable(target: str | None, text: str | None, levels: Mapping[str, Sequence[Any]]) -> Any:
    """Gives the level that the favorable value means: one of the public levels or, without any, the text as it is read.

    Raises:
        CommandError: If it is none of the public levels.
    """
    if target is None or text is None:
        return text
    allowed = levels.get(target, _read([text]))
    favorable = favorable_of(pd.DataFrame({target: pd.Series(list(allowed), dtype=object)}), target, text)
    if favorable not in allowed:
        raise CommandError(f'--favorable {text} is none of the levels of {target}: {list(allowed)}.')
    return favorable


def _of_columns(
    option: str, given: Sequence[str], table: pd.DataFrame, read: Callable[[str], list[Any]]
) -> dict[str, list[Any]]:
    """Reads texts such as ``sex=f|m``; names and values may have equality signs in them."""
    found: dict[str, list[Any]] = {}
    for text in given:
        places = [place for place, sign in enumerate(text) if sign == '=']
        names = [(name_of(text[:place], table), text[place + 1 :]) for place in places]
        name, values = next(((name, values) for name, values in names if name in table), (None, ''))
        if name is None or name in found:
            problem = 'names no column' if name is None else f'names {name!r} again'
            raise CommandError(f'{option} {text} {problem}: give COLUMN=… once for each of {list(table.columns)}.')
        found[name] = read(values)
    return found


def _ends(text: str) -> list[Any]:
    ends = _read(text.split(':'))
    if len(ends) not in (2, 3) or '' in ends:
        raise CommandError(
            f'--bounds …={text}: give LOW:HIGH, such as 17:90 or 2001-01-01:2009-12-31, or LOW:HIGH:UNIT, such as'
            ' 0:1000:0.01.'
        )
    return ends


def _read(texts: Sequence[str]) -> list[Any]:
    """Reads values as a CSV file's are read: numbers if all are, truth values if all are, else texts."""
    texts = [text.strip() for text in texts]
    for kind in (int, float):
        try:
            return [kind(text) for text in texts]
        except ValueError:
            continue
    return [TRUTHS[text.lower()] for text in texts] if all(text.lower() in TRUTHS for text in texts) else texts


def _spelled(value: Any) -> Any:
    return _read([str(value)])[0]
