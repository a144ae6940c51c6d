"""What SDV's fixed combinations do to columns: join them, and keep every combination of their values."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sdv.cag import FixedCombinations

from sdv_fairdistill.errors import FairDistillError

__all__ = ['forget_combinations', 'joint_columns']


def joint_columns(constraints: Sequence) -> dict[str, str]:
    """Gives the joint column that holds each joined one, by name."""
    return {
        str(column): str(constraint._joint_column)
        for constraint in constraints
        if isinstance(constraint, FixedCombinations)
        for column in constraint.column_names
    }


def forget_combinations(chained: Sequence, rejecting: Sequence, table: pd.DataFrame) -> None:
    """Makes fitted constraints forget the combinations of values that a table has not.

    Args:
        chained: Constraints that transform tables.
        rejecting: Constraints that throw rows away.
        table: A transformed table.

    Raises:
        FairDistillError: If a constraint keeps combinations that cannot be told apart in the table.
    """
    if any(isinstance(constraint, FixedCombinations) for constraint in rejecting):
        raise FairDistillError(
            'Fixed combinations that share columns with another constraint keep every combination of values, the rare'
            ' ones too. Leave one of the constraints out, or fit with min_category_count=0.'
        )
    for constraint in chained:
        if isinstance(constraint, FixedCombinations) and constraint._joint_column in table:
            labels = set(table[constraint._joint_column])
            known = {label: held for label, held in constraint._ids_to_combinations.items() if label in labels}
            kept = [label in labels for label in constraint._ids_to_combinations]
            constraint._combinations = constraint._combinations[kept].reset_index(drop=True)
            constraint._ids_to_combinations = known
            constraint._combinations_to_ids = {held: label for label, held in known.items()}
