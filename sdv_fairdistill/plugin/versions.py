"""What differs between SDV 1.38 and 2.x in what a synthesizer takes and gives; nothing else in the package knows it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import pandas as pd

__all__ = ['TAKES_FRAMES', 'as_given', 'frame_of']

TAKES_FRAMES = version('sdv').startswith('1.')  # a DataFrame goes in and comes out; in 2.x ``{table_name: DataFrame}``


def as_given(name: str, table: pd.DataFrame) -> pd.DataFrame | dict[str, pd.DataFrame]:
    """Gives a table in the form that ``fit`` and the other verbs of the installed SDV's synthesizers take.

    Args:
        name: Name of the table in the metadata.
        table: Its rows.
    """
    return table if TAKES_FRAMES else {name: table}


def frame_of(data: pd.DataFrame | Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Gives the table that a single-table synthesizer has sampled, or that it would take, in either version's form."""
    return data if isinstance(data, pd.DataFrame) else next(iter(data.values()))
