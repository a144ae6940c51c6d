"""Whether what a user names for several tables is there; asked before any work."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from sdv.single_table.base import BaseSingleTableSynthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['check_parameters', 'check_tables']


def check_tables(tables: list[str], label_table: Any, synthesizers: Mapping[str, Any]) -> None:
    """Checks the names of tables, and the classes that learn them.

    Args:
        tables: The tables of the metadata.
        label_table: Name of the one with the label.
        synthesizers: The classes of the others, by name.

    Raises:
        FairDistillError: If a name is unknown, or a class is no synthesizer of a single table.
    """
    if label_table not in tables:
        raise FairDistillError(
            f'label_table={label_table!r} is not in the metadata, whose tables are {tables}. Name the one that has the'
            ' label and the sensitive columns.'
        )
    others = [name for name in tables if name != label_table]
    unknown = [name for name in synthesizers if name not in others]
    if unknown:
        raise FairDistillError(
            f"synthesizers names {unknown}: it can name {others}. The label's table '{label_table}' has"
            ' FairDistillSynthesizer.'
        )
    for name, kind in synthesizers.items():
        if not (isinstance(kind, type) and issubclass(kind, BaseSingleTableSynthesizer)):
            raise FairDistillError(
                f"synthesizers gives {kind!r} for the table '{name}': give a class of sdv.single_table, such as"
                ' CTGANSynthesizer, and its arguments with set_table_parameters.'
            )


def check_parameters(names: Iterable[str]) -> None:
    """Checks the names of what is given to the synthesizer of the label's table.

    Args:
        names: Names of arguments.

    Raises:
        FairDistillError: If one is unknown.
    """
    _, _, *known = inspect.signature(FairDistillSynthesizer.__init__).parameters
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise FairDistillError(
            f'FairDistillSynthesizer has no arguments {unknown}. Those that it has beside the metadata: {known}.'
        )
