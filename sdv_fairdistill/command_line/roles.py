"""The options that say what the columns of a table are, and how they are read; checks of roles are in ``table``."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from sdv.metadata import Metadata

from sdv_fairdistill.command_line.files import CommandError, output_path, say
from sdv_fairdistill.helpers.files import complete
from sdv_fairdistill.plugin.detection import Doubt, detect, doubts, with_sdtype
from sdv_fairdistill.plugin.versions import INSTALLED, wrote_metadata
from sdv_fairdistill.privacy import without_values
from sdv_fairdistill.table.values import place_of

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
        '--sdtype',
        action='append',
        default=[],
        metavar='COLUMN=SDTYPE',
        help='what a column is, where SDV detects something else: categorical, numerical, …; may be repeated',
    )
    parser.add_argument(
        '--save-metadata', type=Path, metavar='FILE', help='where to save the metadata, to correct them'
    )


def metadata_of(table: pd.DataFrame, options: argparse.Namespace, fitting: bool) -> Metadata:
    """Gives the metadata: those of the file that the options name, or as SDV detects them; with the given sdtypes.

    Of detected ones it says what they are, and warns of columns that may be something else. With a budget of privacy
    they say nothing of values.

    Args:
        table: The rows.
        options: As the command's parser has read them.
        fitting: Whether the table is to be fitted; if not, it is judged.

    Raises:
        CommandError: If a file holds no metadata, or the column of a role is taken for personal data or a key.
    """
    if options.metadata is not None:
        metadata = _corrected(_metadata_in(options.metadata), table, options.sdtype)
    else:
        name = options.data.name.split('.')[0] or 'table'
        metadata = _corrected(detect(name, table), table, options.sdtype)
        _say_detected(table, metadata.to_dict()['tables'][name], options, fitting)
    if getattr(options, 'epsilon', None) is not None:
        metadata = without_values(metadata)  # which SDV reads off the rows
    if options.save_metadata is not None:
        with complete(output_path(options.save_metadata, options.data)) as partial:
            metadata.save_to_json(partial, mode='overwrite')
        say(f'Wrote the metadata to {options.save_metadata}.')
    return metadata


def names_of(given: list[str] | None, table: pd.DataFrame) -> list[str]:
    """Splits at commas, unless the whole is a column's name."""
    wholes = {name.strip() for name in table.columns}
    parts = [part for text in given or [] for part in ([text] if text.strip() in wholes else text.split(','))]
    return [name_of(part, table) for part in parts]


def name_of(text: str | None, table: pd.DataFrame) -> str | None:
    """Gives a column's name as the table has it, whatever spaces are around it here and there.

    Raises:
        CommandError: If several columns go by it.
    """
    if text is None or text in table.columns:
        return text
    alike = [name for name in table.columns if name.strip() == text.strip()]
    if len(alike) > 1:
        raise CommandError(f'{text!r} may be any of the columns {alike}: give it with the spaces of one of them.')
    return alike[0] if alike else text.strip()


def favorable_of(table: pd.DataFrame, target: str | None, text: str | None) -> Any:
    """The one value of the target that a text means; the text itself if there is none, for others to complain."""
    if text is None or target not in table:
        return text
    try:
        values = list(table[target].dropna().drop_duplicates())
    except TypeError:  # lists and the like, which are no levels
        return text
    ways = [_is_spelled, _is_padded, _is_in_other_case, _is_same_number]
    ways += [_is_same_truth] if all(value in (0, 1) for value in values) else []
    for alike in ways:
        found = [value for value in values if alike(value, text)]
        if len(found) == 1:
            return found[0]
    place = place_of(values, text.strip())  # dates
    return text if place is None else values[place]


def _metadata_in(path: Path) -> Metadata:
    try:
        metadata = Metadata.load_from_json(path)
        metadata.validate()
    except OSError:
        raise
    except Exception as error:  # what is no metadata fails in any way
        writer = wrote_metadata(path)
        if writer not in (None, INSTALLED.split('.')[0]):
            raise CommandError(
                f'{path} was written by SDV {writer}, and SDV {INSTALLED} cannot use all that is in it. Write the'
                ' metadata anew with --save-metadata in place of --metadata, and correct those.'
            ) from error
        raise CommandError(f'{path} is not SDV metadata in JSON: {error}') from error
    if len(metadata.tables) != 1:
        raise CommandError(f'{path} describes the tables {list(metadata.tables)}; one is needed.')
    return metadata


def _corrected(metadata: Metadata, table: pd.DataFrame, given: list[str]) -> Metadata:
    for text in given:
        column, equals, sdtype = text.rpartition('=')
        column = name_of(column, table)
        if not equals or column not in table:
            raise CommandError(f'--sdtype {text}: give COLUMN=SDTYPE. The columns are {list(table.columns)}.')
        metadata = with_sdtype(metadata, column, sdtype.strip())
    metadata.validate()
    return metadata


def _say_detected(table: pd.DataFrame, described: dict[str, Any], options: argparse.Namespace, fitting: bool) -> None:
    sdtypes = ', '.join(f'{column} {about["sdtype"]}' for column, about in described['columns'].items())
    key = f'; primary key {described["primary_key"]}' if 'primary_key' in described else ''
    say(f'Column types detected by SDV: {sdtypes}{key}.')
    say(
        'If one is wrong, give --sdtype COLUMN=SDTYPE, or correct what --save-metadata FILE writes and give --metadata.'
    )
    given = [*(options.sensitive or []), *(getattr(options, 'admissible', None) or []), options.target]
    roles = set(names_of([name for name in given if name is not None], table))
    corrected = {name_of(text.rpartition('=')[0], table) for text in options.sdtype}
    for doubt in doubts(table, described):
        advice = f'if that is wrong, give --sdtype {_quoted(f"{doubt.column}={doubt.instead}")}'
        if doubt.column in roles and not doubt.is_drawn:
            said = 'and so can be neither sensitive nor target nor admissible'
            raise CommandError(f'{_said_of(doubt)} {said}; {advice}.')
        if doubt.column not in corrected and (fitting or not doubt.is_drawn):
            warnings.warn(f'{_said_of(doubt)} {_consequence(doubt, fitting)}; {advice}, or --metadata.', stacklevel=2)


def _said_of(doubt: Doubt) -> str:
    return f"Column '{doubt.column}' holds {doubt.holds} and was detected as {doubt.taken_for},"


def _consequence(doubt: Doubt, fitting: bool) -> str:
    if not fitting:
        return 'so that it is not judged'
    if doubt.is_drawn:
        return 'so that its values are drawn word for word, those of single rows too'
    return 'so that its values are invented and not learned'


def _quoted(text: str) -> str:
    return text if text.replace('=', '').replace('_', '').isalnum() else repr(text)


def _is_spelled(value: Any, text: str) -> bool:
    return str(value) == text


def _is_padded(value: Any, text: str) -> bool:
    return str(value).strip() == text.strip()


def _is_in_other_case(value: Any, text: str) -> bool:
    return str(value).strip().casefold() == text.strip().casefold()


def _is_same_number(value: Any, text: str) -> bool:
    """Tells whether both are the same number, such as 1 and 1.0; a truth value is none."""
    try:
        return not pd.api.types.is_bool(value) and float(text) == float(value)
    except (TypeError, ValueError):
        return False


def _is_same_truth(value: Any, text: str) -> bool:
    """Tells whether a number is meant by true or false, or a truth value by a number."""
    named = {'true': 1.0, 'false': 0.0}.get(text.strip().casefold())
    try:
        return float(value) == (float(text) if named is None else named)
    except (TypeError, ValueError):
        return False
