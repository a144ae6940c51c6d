"""Whether conditions can be met at all: asked before anything is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rdt import HyperTransformer

from sdv_fairdistill.errors import FairDistillError

__all__ = ['check_conditions']

FLOAT_TOLERANCE = 0.01  # SDV's own: a float is met within 1 %


def check_conditions(conditions: pd.DataFrame, transformed: pd.DataFrame, transformer: HyperTransformer) -> None:
    """Checks that conditioned values come back from their tokens.

    SDV compares each drawn row with the condition and throws it away if they differ, a hundred times over. A level that
    was never seen, or a number out of range, would be drawn in vain.

    Args:
        conditions: One row of wanted values.
        transformed: The same row, transformed.
        transformer: What transformed it.

    Raises:
        FairDistillError: If a value cannot be drawn.
    """
    back = transformer.reverse_transform_subset(transformed.reset_index(drop=True))
    for column in back.columns.intersection(conditions.columns):
        wanted, drawn = conditions[column].iloc[0], back[column].iloc[0]
        if not _same(wanted, drawn):
            raise FairDistillError(
                f"Cannot sample rows with {column}={wanted!r}: the fitted data has no such value; the nearest known one is"
                f' {drawn!r}. Condition on a value that occurs in the data, or inside its range.'
            )


def _same(wanted: object, drawn: object) -> bool:
    if pd.isna(wanted) or pd.isna(drawn):
        return bool(pd.isna(wanted) and pd.isna(drawn))
    if isinstance(drawn, (float, np.floating)) and isinstance(wanted, (int, float, np.number)):
        return bool(abs(wanted - drawn) <= abs(wanted) * FLOAT_TOLERANCE)
    return bool(wanted == drawn)
