"""The options that say what the columns of a CSV file are, and how they are read; checks of roles are in ``table``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
from sdv.metadata import Metadata

from sdv_fairdistill.command_line.files import CommandError, output_path, say
from sdv_fairdistill.helpers.files import complete

__all__ = ['add_roles', 'favorable_of', 'metadata_of', 'name_of', 'names_of']


def add_roles(parser: argparse.ArgumentParser, required: bool) -> None:
    """Adds the options of a table's roles and metadata."""
    parser.add_argument(
        '--sensitive',
        action='append',
        required=required,
        metavar='A,B',
        help='columns the label shall not depend on; may be repeated',
    )
    parser.add_argument('--target', required=required, metavar='COLUMN', help='the label')
    parser.add_argument('--favorable', required=required, metavar='VALUE', help="the label's desired value")
    parser.add_argument('--metadata', type=Path, metavar='FILE', help='SDV metadata in JSON (default: detected by SDV)')
    parser.add_argument(
        '--save-metadata', type=Path, metavar='FILE', help='where to save the metadata, to correct them'
    )
    parser.add_argument('--only-empty-missing', action='store_true', help='keep texts such as NA and None as values')


def metadata_of(table: pd.DataFrame, options: argparse.Namespace) -> Metadata:
    """Gives the metadata: those of the file that the options name, or as SDV detects them."""
    if options.metadata is None:
        name = options.data.name.split('.')[0] or 'table'
        metadata = Metadata.detect_from_dataframes({name: table}, infer_keys='primary_only')
        described = metadata.to_dict()['tables'][name]
        sdtypes = ', '.join(f'{column} {about["sdtype"]}' for column, about in described['columns'].items())
        key = f'; primary key {described["primary_key"]}' if 'primary_key' in described else ''
        say(f'Column types detected by SDV: {sdtypes}{key}.')
        say('If one is wrong, save them with --save-metadata FILE, correct the file, and fit with --metadata FILE.')
    else:
        try:
            metadata = Metadata.load_from_json(options.metadata)
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f'{options.metadata} is not SDV metadata in JSON: {error}') from error
        if len(metadata.tables) != 1:
            raise CommandError(f'{options.metadata} describes the tables {list(metadata.tables)}; one is needed.')
    if options.save_metadata is not None:
        with complete(output_path(options.save_metadata, reading=options.data)) as partial:
            metadata.save_to_json(partial, mode='overwrite')
        say(f'Wrote the metadata to {options.save_metadata}.')
    return metadata


def names_of(given: list[str] | None, table: pd.DataFrame) -> list[str]:
    """Splits at commas, unless the whole is a column's name."""
    parts = [name for text in given or [] for name in ([text] if text in table else text.split(','))]
    return [name_of(part, table) for part in parts]


def name_of(text: str | None, table: pd.DataFrame) -> str | None:
    """Gives a column's name, without the spaces around it that are not in the table."""
    return text if text is None or text in table else text.strip()


def favorable_of(table: pd.DataFrame, target: str | None, text: str | None) -> Any:
    """The target's value that is spelled so; the text itself if there is none, for the synthesizer to complain."""
    if text is None or target not in table:
        return text
    values = table[target].dropna().unique().tolist()
    return next((value for alike in (_is_spelled, _is_meant) for value in values if alike(value, text)), text)


def _is_spelled(value: Any, text: str) -> bool:
    return str(value) == text


def _is_meant(value: Any, text: str) -> bool:
    """Tells whether people write a value so: true is True, and 1.0 is 1."""
    text = text.strip()
    if isinstance(value, (bool, str)):
        return str(value) == text or (isinstance(value, bool) and str(value).lower() == text.lower())
    try:
        return float(text) == value
    except ValueError:
        return False
