"""What differs between SDV 1.38 and 2.x in the form of tables and of metadata; nothing else in the package knows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pandas as pd

__all__ = ['INSTALLED', 'TAKES_FRAMES', 'as_given', 'frame_of', 'wrote_metadata']

INSTALLED = version('sdv')
TAKES_FRAMES = INSTALLED.startswith('1.')  # a DataFrame goes in and comes out; in 2.x ``{table_name: DataFrame}``


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


def wrote_metadata(path: Path) -> str | None:
    """Gives the major version of SDV that wrote a file of metadata; None if the file does not say, or is none."""
    try:
        form = str(json.loads(path.read_text(encoding='utf-8')).get('METADATA_SPEC_VERSION', ''))
    except (AttributeError, ValueError):
        return None
    return form.rpartition('V')[2] or None  # V2, V1, and SINGLE_TABLE_V1 before it
