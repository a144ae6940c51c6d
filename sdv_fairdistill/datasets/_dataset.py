"""What a bundled table looks like, and how one is read from the package; which tables there are stays out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TypedDict

import pandas as pd
from sdv.metadata import Metadata

from sdv_fairdistill.plugin.versions import as_given

HELD_OUT = 0.3  # share of the rows on which models are tested


class Roles(TypedDict):
    """The columns' roles, under the names of the synthesizer's keyword arguments."""

    sensitive_columns: list[str]
    target_column: str
    favorable_value: str


@dataclass(frozen=True)
class Dataset:
    """One table in the form that the installed SDV takes, with the roles its columns play.

    Attributes:
        name: Name of the table.
        table: The table itself, shape ``(rows, columns)``; missing values are ``NaN``.
        metadata: SDV's description of the table, written by hand and not detected.
        sensitive_columns: Columns the generated label is made independent of by default.
        target_column: The label.
        favorable_value: The value of the label that is good for the person in the row.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> german.table.shape
        (1000, 21)
        >>> german.roles
        {'sensitive_columns': ['sex'], 'target_column': 'credit', 'favorable_value': 'good'}
    """

    name: str
    table: pd.DataFrame
    metadata: Metadata
    sensitive_columns: tuple[str, ...]
    target_column: str
    favorable_value: str

    @property
    def data(self) -> dict[str, pd.DataFrame] | pd.DataFrame:
        """Gives the table as synthesizers take it, ``{name: DataFrame}``, or with SDV 1.38 the DataFrame."""
        return as_given(self.name, self.table)

    @property
    def roles(self) -> Roles:
        """A new dict for ``FairDistillSynthesizer(dataset.metadata, **dataset.roles)``."""
        return {
            'sensitive_columns': list(self.sensitive_columns),
            'target_column': self.target_column,
            'favorable_value': self.favorable_value,
        }

    def split(self, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Splits the rows into 70 % to learn from and 30 % held out, with the same share of every label.

        Args:
            seed: Decides which rows.

        Raises:
            ValueError: If a value of the label occurs in one row only, or is missing.
        """
        from sklearn.model_selection import train_test_split

        label = self.table[self.target_column]
        parts = train_test_split(self.table, test_size=HELD_OUT, random_state=seed, stratify=label)
        return tuple(part.reset_index(drop=True) for part in parts)


def read_table(name: str, sdtypes: Mapping[str, str]) -> pd.DataFrame:
    """Read one bundled table.

    Args:
        name: Stem of the file under ``datasets/data``.
        sdtypes: SDV's type of every column, in the file's order.

    Returns:
        The table: ``int64`` for numerical columns, ``object`` for the others, ``NaN`` where the file is empty and
        nowhere else (a value spelled ``None`` or ``NA`` stays a value).
    """
    types = {column: 'int64' if sdtype == 'numerical' else 'object' for column, sdtype in sdtypes.items()}
    with (files('sdv_fairdistill.datasets') / 'data' / f'{name}.csv.gz').open('rb') as source:
        return pd.read_csv(
            source, compression='gzip', usecols=list(sdtypes), dtype=types, keep_default_na=False, na_values=['']
        )


def describe_table(name: str, sdtypes: Mapping[str, str]) -> Metadata:
    """Write the metadata of a one-table dataset.

    Args:
        name: Name of the table.
        sdtypes: SDV's type of every column.

    Returns:
        Metadata without keys or relationships.
    """
    columns = {column: {'sdtype': sdtype} for column, sdtype in sdtypes.items()}
    return Metadata.load_from_dict({'tables': {name: {'columns': columns}}})
