"""The options that say how CSV files are written: encoding, separator, decimal mark; reading them is in ``tables``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

__all__ = ['OWN', 'SEPARATORS', 'Form', 'add_form', 'form_of', 'shown']

SEPARATORS = (',', ';', '\t', '|')  # those that people use, and that are looked for when one gives a single column
SPELLED = {'\\t': '\t', 'tab': '\t'}  # a shell passes no tab where somebody types one


@dataclass(frozen=True)
class Form:
    """How a CSV file is written.

    Attributes:
        encoding: Python's name of the encoding.
        separator: What stands between two fields.
        decimal: What stands before the decimals of a number.
        only_empty_missing: Whether texts such as NA are values.
    """

    encoding: str = 'utf-8'
    separator: str = ','
    decimal: str = '.'
    only_empty_missing: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """What :func:`pandas.read_csv` takes, but for what is missing."""
        return {'encoding': self.encoding, 'sep': self.separator, 'decimal': self.decimal, 'low_memory': False}


OWN = Form()  # that of the files that this program writes


def add_form(parser: argparse.ArgumentParser) -> None:
    """Adds the options of how CSV files are read."""
    parser.add_argument(
        '--encoding',
        type=_encoding,
        default=OWN.encoding,
        metavar='NAME',
        help=f'of CSV files, such as latin-1, cp1252 or utf-16 (default: {OWN.encoding})',
    )
    parser.add_argument(
        '--separator',
        type=_separator,
        default=OWN.separator,
        metavar='CHARACTER',
        help="between the fields of CSV files, such as ';', or tab (default: the comma)",
    )
    parser.add_argument(
        '--decimal', choices=['.', ','], default=OWN.decimal, help='mark in the numbers of CSV files (default: .)'
    )
    parser.add_argument('--only-empty-missing', action='store_true', help='keep texts such as NA and None as values')


def form_of(options: argparse.Namespace) -> Form:
    """Gives the form that the options name."""
    return Form(options.encoding, options.separator, options.decimal, options.only_empty_missing)


def shown(separator: str) -> str:
    r"""Spells a separator as it is typed.

    Example:
        >>> shown('\t'), shown(';')
        ('tab', "';'")
    """
    return 'tab' if separator == '\t' else repr(separator)


def _encoding(text: str) -> str:
    try:
        ' '.encode(text)
    except (LookupError, ValueError) as error:
        raise argparse.ArgumentTypeError(f'{text!r} is no encoding of texts, such as utf-8, latin-1, cp1252') from error
    return text


def _separator(text: str) -> str:
    separator = SPELLED.get(text.lower(), text)
    if len(separator) != 1 or not separator.isascii() or separator.isalnum() or separator in '"\r\n.':
        raise argparse.ArgumentTypeError(f"{text!r} is no separator: give one character, such as ';', or tab")
    return separator
