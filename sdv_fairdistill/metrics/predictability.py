"""How much the other columns tell about the group: proxies for the sensitive columns, found by a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from sdv_fairdistill.metrics.intervals import RESAMPLES, UNDEFINED, Interval, auc_interval
from sdv_fairdistill.metrics.learners import FOLDS, Features, cross_validated
from sdv_fairdistill.metrics.parity import LEAST_ROWS, Parity
from sdv_fairdistill.metrics.schema import Schema

__all__ = ['Predictability']

MOST_ROWS = 20_000  # the AUC's interval is then about ± .005, and a table of any length takes seconds


@dataclass(frozen=True)
class Predictability:
    """How well a model tells the groups apart by the other columns, on rows it has not learned from.

    Every group has the area under the ROC curve of "this group or another", from cross-validated scores; ``auc`` is
    that of the group told apart best.

    Attributes:
        groups: One line a group: ``rows``, ``auc`` (0 to 1, or NaN), ``low`` and ``high`` (its 95 % interval over
            resampled rows) and ``reason`` (why they are NaN).
        auc: The largest AUC of a group, 0 to 1, or NaN. 0.5 is chance.
        interval: Its interval.
        features: The columns that the model looked at.
        notes: What is undefined or left out, and why, in words.

    Example:
        >>> table = pd.DataFrame({'height': range(60), 'town': list('AB') * 30})
        >>> schema = Schema(('height',), (), ('town',))
        >>> Predictability.of(table, schema, ['f'] * 30 + ['m'] * 30, resamples=0).auc > 0.9
        True
    """

    groups: pd.DataFrame
    auc: float
    interval: Interval
    features: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        schema: Schema,
        groups: Sequence[str] | np.ndarray | pd.Series,
        leave_out: Sequence[str] = (),
        expected: Sequence[str] = (),
        learner: str = 'boosting',
        seed: int = 0,
        least_rows: int = LEAST_ROWS,
        resamples: int = RESAMPLES,
    ) -> Predictability:
        """Predicts the group of every row.

        Args:
            table: Rows as the schema reads them; beyond 20,000 a sample of them is used.
            schema: The columns of the table.
            groups: Name of every row's group, ``(rows,)``.
            leave_out: Columns the model shall not look at: the sensitive ones.
            expected: Groups to list even if no row is in them.
            learner: Name of the model, one of ``LEARNERS``.
            seed: Decides the sample, the folds and everything random in the model and in the resamples.
            least_rows: Rows that a group needs to be predicted, and at least the three folds.
            resamples: How often the rows are drawn anew for the intervals; 0 for no intervals.
        """
        groups = np.asarray(groups, dtype=object)
        listed = Parity.of(np.ones(len(groups)), groups, expected, max(least_rows, FOLDS))
        lines = listed.rates[['rows']].assign(auc=np.nan, low=np.nan, high=np.nan, reason=listed.rates['reason'])
        columns = tuple(name for name in schema.columns if name not in leave_out)
        names = lines.index[lines['reason'] == ''].tolist()
        if len(names) < 2 or not Features(table, schema, columns).levels:
            notes = listed.notes if len(names) < 2 else ('no column to predict from differs between the rows',)
            return cls(lines, np.nan, UNDEFINED, columns, notes)
        chosen, notes = _chosen(groups, names, seed)
        labels = pd.Categorical(groups[chosen], categories=names).codes
        score = cross_validated(table.iloc[chosen], schema, columns, labels, learner, seed)
        generator = np.random.default_rng(seed)
        for place, name in enumerate(names):
            member = groups[chosen] == name
            interval = auc_interval(member, score[:, place], generator, resamples)
            lines.loc[name, ['auc', 'low', 'high']] = roc_auc_score(member, score[:, place]), *interval
        best = lines.loc[lines['auc'].idxmax()]
        return cls(lines, float(best['auc']), (best['low'], best['high']), columns, (*listed.notes, *notes))


def _chosen(groups: np.ndarray, names: list[str], seed: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Places of the rows to use. A sample keeps every group, with its least rows for the folds."""
    counted = np.flatnonzero(np.isin(groups, np.array(names, dtype=object)))
    if len(counted) <= MOST_ROWS:
        return counted, ()
    mixed = np.random.default_rng(seed).permutation(counted)
    ranks = pd.Series(groups[mixed]).groupby(groups[mixed]).cumcount().to_numpy()
    chosen = mixed[np.argsort(ranks >= FOLDS, kind='stable')][:MOST_ROWS]
    return np.sort(chosen), (f'a sample of {MOST_ROWS:,} of {len(counted):,} rows was used',)
