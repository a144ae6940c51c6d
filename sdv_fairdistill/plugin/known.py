"""Real rows as tokens, of which some may be lacking: values that are missing, or that the model has never seen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rdt.errors import TransformerInputError
from sdv.cag._errors import ConstraintNotMetError

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.completion import replaced_columns
from sdv_fairdistill.plugin.spelling import as_in_data
from sdv_fairdistill.plugin.transformers import require_columns
from sdv_fairdistill.table.storage import check_names

__all__ = ['INVALID_ROWS', 'LACKING', 'KnownRows', 'table_of', 'warn_of_unseen']

LACKING = -1  # in place of a token that is not known
NOTHING_MISSING = 'None'  # SDV's level for it, in the columns by which constraints keep where values were missing
NAMED = 5  # columns that a message names
INVALID_ROWS = 'Some rows break a constraint by what is known of them. Correct them, or leave out what is wrong.'


@dataclass(frozen=True)
class KnownRows:
    """Real rows, as a fitted synthesizer reads them.

    Attributes:
        tokens: Token table ``(rows, columns)``, int64; :data:`LACKING` where a value is missing or was never seen.
        is_missing: Whether the value of each column that is learned is missing ``(rows, columns)``.
        is_drawable: Whether a value can be drawn as it is ``(rows, columns)``: no level that was never seen, no number
            out of range. Of a missing value, whether one was missing in the data.
        is_valid: Whether what is known of a row breaks no constraint ``(rows,)``.
        codes: Codes of the values of numbers and dates that are known ``(rows, columns)``; NaN elsewhere.
    """

    tokens: np.ndarray
    is_missing: np.ndarray
    is_drawable: np.ndarray
    is_valid: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, synthesizer: Any, table: pd.DataFrame, missing_is_level: bool = False) -> KnownRows:
        """Reads a table.

        Args:
            synthesizer: A fitted synthesizer.
            table: Rows with columns named by texts and a fresh index; a learned column that is not there lacks all
                values.
            missing_is_level: Whether a missing value is a level as any other, where some were missing in the data.

        Raises:
            FairDistillError: If a value cannot be read.
        """
        raw, valid = _constrained(synthesizer, table)
        processor, tokenizer = synthesizer._data_processor, synthesizer._tokenizer
        transformers = processor._hyper_transformer.field_transformers
        for name in [name for name in transformers if name not in raw]:
            raw[name] = pd.Series(np.nan, index=raw.index, dtype=object)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # transformers warn of levels they do not know, which are heeded here
            try:
                processed = processor.transform(raw, is_condition=True)
                drawable = tokenizer.holds(raw, processed)
                tokens = tokenizer.to_tokens(processed).astype(np.int64)
                codes = tokenizer.codes(processed)
            except (TypeError, ValueError, TransformerInputError) as error:
                reason = str(error).rstrip('.')
                raise FairDistillError(f'The rows cannot be read: {reason}. Type values as in the data.') from error
        missing = np.zeros(tokens.shape, dtype=bool)
        for name, outputs in _outputs(transformers, raw).items():
            for place in (tokenizer.columns.index(output) for output in outputs if output in tokenizer.columns):
                missing[:, place] = raw[name].isna().to_numpy()
        unknown = missing & ~(drawable & missing_is_level)
        unknown |= ~missing & ~drawable & ~_is_binned(tokenizer)  # a number out of range counts as the nearest
        for place, compared in tokenizer.equal_columns().items():
            missing[:, place] = unknown[:, place] = unknown[:, compared].any(1)
        return cls(
            np.where(unknown, LACKING, tokens), missing, drawable, valid, np.where(unknown | missing, np.nan, codes)
        )

    def require_valid(self) -> KnownRows:
        """Gives the same rows.

        Raises:
            ConstraintNotMetError: If what is known of a row breaks a constraint.
        """
        if not self.is_valid.all():
            raise ConstraintNotMetError(INVALID_ROWS)
        return self


def table_of(synthesizer: Any, data: Any, needless: Sequence[str] = ()) -> pd.DataFrame:
    """Gives the rows that a user gave, checked, with columns named by texts and spelled as in the data.

    Args:
        synthesizer: A fitted synthesizer.
        data: Rows as a DataFrame or as ``{table_name: DataFrame}``.
        needless: Learned columns that may be left out.

    Raises:
        FairDistillError: If there is no such table, or it lacks a column, or has one that was not fitted.
    """
    name = synthesizer._table_name
    table = data.get(name) if isinstance(data, dict) else data
    if not isinstance(table, pd.DataFrame):
        came = f'a dict of {list(data)}' if isinstance(data, dict) else type(data).__name__
        raise FairDistillError(f"Rows are given as a DataFrame or as {{'{name}': DataFrame}}, and {came} came.")
    check_names(table)
    table = table.rename(columns=str).reset_index(drop=True)
    sdtypes = synthesizer._sdtypes()
    transformers = synthesizer._data_processor._hyper_transformer.field_transformers
    require_columns(table, [column for column in sdtypes if column not in needless], transformers, None)
    unknown = [column for column in table if column not in sdtypes]
    if unknown:
        raise FairDistillError(f'The rows have the columns {unknown[:NAMED]}, which were not fitted. Leave them out.')
    return as_in_data(table, synthesizer._data_processor._hyper_transformer, getattr(synthesizer, '_dates', {}))


def _constrained(synthesizer: Any, table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Gives a table as its constraints have it, and which rows break none by what is known of them ``(rows,)``.

    What constraints make of columns of which some are missing, or break them, is missing.
    """
    valid = np.ones(len(table), dtype=bool)
    for constraint in synthesizer._reject_sampling_constraints:
        valid &= _is_valid(constraint, table)
    for constraint in synthesizer._chained_constraints:
        replaced_names = replaced_columns(constraint)
        own = [name for name in replaced_names if name in table]
        complete = table[own].notna().all(axis=1).to_numpy() & (len(own) == len(replaced_names))
        made = [
            str(name)
            for names in constraint.get_updated_metadata(constraint.metadata).tables.values()
            for name in names.columns
            if name not in table
        ]
        rest = table.drop(columns=own)
        if complete.any() and own:
            fits = _is_valid(constraint, table[complete].reset_index(drop=True))
            valid[complete] &= fits
            complete[complete] = fits
        if complete.any() and own:
            replaced = constraint.transform(table[complete].reset_index(drop=True)).set_axis(np.flatnonzero(complete))
            made = [name for name in replaced.columns if name not in table]
            rest = rest.join(replaced[made])
        table = rest.reindex(columns=[*rest.columns, *(name for name in made if name not in rest)])
        for name in made:
            levels = getattr(synthesizer._data_processor._hyper_transformer.field_transformers.get(name), 'levels', ())
            if NOTHING_MISSING in levels and name.endswith('nan_component'):
                table[name] = NOTHING_MISSING
    return table, valid


def _is_valid(constraint: Any, table: pd.DataFrame) -> np.ndarray:
    """Tells which rows meet a constraint; all, if columns that it needs are not there."""
    try:
        return np.array(constraint.is_valid(table), dtype=bool)
    except KeyError:
        return np.ones(len(table), dtype=bool)


def _outputs(transformers: dict, raw: pd.DataFrame) -> dict[str, list[str]]:
    """Gives the columns that each column is transformed into."""
    return {
        name: [str(output) for output in getattr(transformers.get(name), 'output_columns', None) or [name]]
        for name in raw.columns
    }


def _is_binned(tokenizer: Any) -> np.ndarray:
    return np.array([tokenizer.is_numeric(name) for name in tokenizer.columns], dtype=bool)


def warn_of_unseen(known: KnownRows, tokenizer: Any) -> None:
    """Warns of levels that the model has never seen, and takes for missing.

    Args:
        known: The rows.
        tokenizer: Names their columns.
    """
    unseen = (~known.is_missing & ~known.is_drawable & (known.tokens < 0)).sum(0)
    named = ', '.join(f'{name} ({count:,})' for name, count in zip(tokenizer.columns, unseen, strict=True) if count)
    if named:
        warnings.warn(
            f'Levels that were not fitted tell the model nothing; they stay as they are: {named}.', stacklevel=4
        )
