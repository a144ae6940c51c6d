"""Whether a model can tell the rows of one table from those of another; what the rows are good for stays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sdv_fairdistill.metrics.intervals import UNDEFINED, Interval, delong
from sdv_fairdistill.metrics.learners import cross_validated
from sdv_fairdistill.metrics.schema import Schema

__all__ = ['TwoSample']

MOST_ROWS = 10_000  # of each table: the AUC's interval is then about ± .008, and a table of any length takes seconds
LEAST_ROWS = 30  # of each: a leaf of boosting holds 20; from fewer it learns nothing, and any rows would look alike


@dataclass(frozen=True)
class TwoSample:
    """How well a model tells synthetic rows from real ones, on rows that it has not learned from.

    The classifier two-sample test: as many rows of either table, a model that learns from two thirds of them which
    table a row is from, and the area under the ROC curve (AUC) of what it says of the last third, by turns.

    0.5 is not at all, 1 is always. Below 0.5 more than by chance, the tables have rows in common. The more rows, the
    more a model can tell: compare figures of as many rows. Real rows that the synthesizer has not seen are the ones to
    tell from, since rows learned by heart are then no better than others.

    Attributes:
        auc: The area, 0 to 1; NaN if it is undefined.
        interval: DeLong's 95 % interval of it, for these models; NaN if it is undefined.
        rows: How many rows of each table were used.
        features: The columns that the model looked at.
        notes: Why it is undefined, in words.

    Reference:
        Lopez-Paz and Oquab, *Revisiting classifier two-sample tests*, ICLR 2017.

    Example:
        >>> schema = Schema(('height',), (), ('town',))
        >>> real = pd.DataFrame({'height': [1.0, 2.0, 3.0] * 20, 'town': ['A', 'B'] * 30})
        >>> TwoSample.of(real, real, schema).auc <= 0.5
        True
        >>> TwoSample.of(real, real.assign(town='C'), schema).auc
        1.0
    """

    auc: float
    interval: Interval = UNDEFINED
    rows: int = 0
    features: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        real: pd.DataFrame,
        synthetic: pd.DataFrame,
        schema: Schema,
        leave_out: Sequence[str] = (),
        learner: str = 'boosting',
        seed: int = 0,
    ) -> TwoSample:
        """Tells two tables apart.

        Args:
            real: Rows as the schema reads them.
            synthetic: The same of the other table; of the longer one, and of both beyond 10,000, a sample is used.
            schema: The columns of the tables.
            leave_out: Columns that the model shall not look at, such as a label that was repaired on purpose.
            learner: Name of the model, one of ``LEARNERS``.
            seed: Decides the samples, the folds and everything random in the model.
        """
        columns = tuple(name for name in schema.columns if name not in leave_out)
        rows = min(len(real), len(synthetic), MOST_ROWS)
        if rows < LEAST_ROWS or not columns:
            few = f'{LEAST_ROWS} rows of each table are needed, and one has {rows}'
            return cls(np.nan, features=columns, notes=('there is no column to tell by' if not columns else few,))
        generator = np.random.default_rng(seed)
        chosen = [table.iloc[generator.permutation(len(table))[:rows]] for table in (real, synthetic)]
        labels = np.repeat([0, 1], rows)
        score = cross_validated(pd.concat(chosen, ignore_index=True), schema, columns, labels, learner, seed)
        auc, interval = delong(labels == 1, score[:, 1])
        return cls(auc, interval, rows, columns)
