"""Whether conditions can be met at all: asked before anything is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from rdt import HyperTransformer
from sdv.cag._errors import ConstraintNotMetError

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.spelling import CLOSE, LARGE, UNMET, is_missing

__all__ = ['UNMET', 'raise_if_unmet', 'unmet_conditions']

FLOAT_TOLERANCE = 0.01  # SDV's own: a float is met within 1 %
SHOWN = 8  # levels that a message lists


def unmet_conditions(
    conditions: pd.DataFrame, transformed: pd.DataFrame, transformer: HyperTransformer
) -> dict[str, str]:
    """Finds conditioned values that do not come back once they are transformed.

    SDV compares each drawn row with the condition and throws it away if they differ, a hundred times over. A level that
    was never seen, or a number out of range, would be drawn in vain.

    Args:
        conditions: One row of wanted values.
        transformed: The same row, transformed.
        transformer: What transformed it.

    Returns:
        For each column whose value cannot be drawn, what was wanted and what there is instead.
    """
    kept = transformed.columns[transformed.isna().any()]
    if len(kept):  # SDV groups rows by their conditions, and loses those with NaN
        return {name: f'{name} is missing, and only its default transformer can tell a model so' for name in kept}
    back = transformer.reverse_transform_subset(transformed.reset_index(drop=True))
    unmet = {}
    for column in back.columns.intersection(conditions.columns):
        wanted, drawn = conditions[column].iloc[0], back[column].iloc[0]
        if not _same(wanted, drawn):
            unmet[column] = f'{column}={_show(wanted)}, but {_known(transformer, column, drawn)}'
    return unmet


def raise_if_unmet(unmet: Mapping[str, str], columns: Collection[str]) -> None:
    """Refuses conditions that cannot be met.

    Args:
        unmet: What :func:`unmet_conditions` has found.
        columns: Columns of the user's table; others are made by constraints, so that SDV can try others of theirs.

    Raises:
        ConstraintNotMetError: If a column of a constraint cannot be met.
        FairDistillError: If another cannot.
    """
    if any(str(name) not in columns for name in unmet):
        raise ConstraintNotMetError('; '.join(unmet.values()))
    if unmet:
        reasons = '; '.join(unmet.values())
        raise FairDistillError(f'{UNMET}: {reasons}. Condition on values that occur in the data or lie in its range.')


def _same(wanted: Any, drawn: Any) -> bool:
    if is_missing(wanted) or is_missing(drawn):
        return is_missing(wanted) and is_missing(drawn)
    if isinstance(wanted, (int, np.integer)) and isinstance(drawn, (int, np.integer)) and abs(int(wanted)) > LARGE:
        return abs(int(wanted) - int(drawn)) <= abs(int(wanted)) * CLOSE
    if isinstance(drawn, (float, np.floating)) and isinstance(wanted, (int, float, np.number)):
        return bool(abs(wanted - drawn) <= abs(wanted) * FLOAT_TOLERANCE)
    return bool(wanted == drawn)


def _known(transformer: HyperTransformer, column: str, drawn: Any) -> str:
    levels = getattr(transformer.field_transformers.get(column), 'levels', None)
    if levels is None:
        return f'the nearest value known from the data is {_show(drawn)}'
    named = ', '.join(_show(level) for level in levels[:SHOWN])
    return f'the data has {named}{" and others" if len(levels) > SHOWN else ""}'


def _show(value: Any) -> str:
    return repr(value.item() if isinstance(value, np.generic) else value)
