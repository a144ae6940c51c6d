"""What a model does that was trained on a table: selection by group and accuracy on real rows that it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.intervals import (
    RESAMPLES,
    UNDEFINED,
    Interval,
    auc_interval,
    percentiles,
    resampled_rates,
    wilson,
)
from sdv_fairdistill.metrics.learners import Features, learner_of, one_thread
from sdv_fairdistill.metrics.parity import LEAST_ROWS, Parity
from sdv_fairdistill.metrics.schema import Schema
from sdv_fairdistill.table.values import rows_with

__all__ = ['Downstream', 'Task']


@dataclass(frozen=True)
class Task:
    """A prediction task: which column, what is desired, which groups to compare.

    Attributes:
        schema: The columns of the tables.
        target: Name of the label's column.
        favorable: The label's desired value; the model tells it from all others.
        grouping: The groups to compare.
    """

    schema: Schema
    target: str
    favorable: Any
    grouping: Grouping

    @property
    def sensitive(self) -> tuple[str, ...]:
        """Names of the sensitive columns."""
        return tuple(name for name, _ in self.grouping.cuts)

    def known(self, table: pd.DataFrame) -> pd.DataFrame:
        """Gives the rows, as the schema reads them, whose label is not missing."""
        read = self.schema.read(table)
        return read[read[self.target].notna()].reset_index(drop=True)

    def labels(self, read: pd.DataFrame) -> np.ndarray:
        """Gives whether each row's label, as the schema reads it, is the desired one, ``(rows,)``."""
        wanted = self.schema.value(self.target, self.favorable)
        return rows_with(read[self.target], wanted, 'numerical' if self.target in self.schema.quantities else 'ordinal')

    def label_parity(
        self,
        table: pd.DataFrame,
        least_rows: int = LEAST_ROWS,
        generator: np.random.Generator | None = None,
        resamples: int = RESAMPLES,
    ) -> Parity:
        """Compares how often each group has the desired label in a table; rows with a missing label are left out.

        Args:
            table: Rows as SDV takes or gives them.
            least_rows: Rows that a group needs for its rate to count.
            generator: Draws resamples of the rows for the intervals of ratio and difference; None for no intervals.
            resamples: How many to draw.
        """
        read = self.known(table)
        groups = self.grouping.of(read)
        return Parity.of(self.labels(read), groups, self.grouping.names, least_rows, generator, resamples)


@dataclass(frozen=True)
class Downstream:
    """How a model that was trained on a table treats real rows.

    Attributes:
        selection: How often the model gives the desired label, by group (demographic parity).
        true_positive: The same among the rows that have it (equal opportunity).
        false_positive: The same among the rows that do not.
        auc: Area under the ROC curve, 0 to 1, or NaN.
        accuracy: Share of rows predicted right, 0 to 1, or NaN.
        features: The columns that the model looked at.
        notes: What is undefined or left out, and why, in words.
        predictive: How often the label is the desired one where the model says so, by group (predictive parity).
        f1: Harmonic mean of precision and recall of the desired label, 0 to 1, or NaN.
        learner: Name of the model, one of ``LEARNERS``.
        intervals: 95 % intervals over resampled held-out rows, of ``'auc'``, ``'accuracy'``, ``'f1'`` and
            ``'equalized_odds_difference'``; undefined ones are NaN. They tell how sure a figure of this one model is,
            not how much another model would differ.
        predictions: The held-out rows: ``group``, ``actual`` and ``chosen`` (desired label or not), ``score`` (0 to 1).
    """

    selection: Parity
    true_positive: Parity
    false_positive: Parity
    auc: float
    accuracy: float
    features: tuple[str, ...]
    notes: tuple[str, ...] = ()
    predictive: Parity = field(default_factory=lambda: Parity.of([], []))
    f1: float = np.nan
    learner: str = 'boosting'
    intervals: dict[str, Interval] = field(default_factory=dict)
    predictions: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({name: [] for name in ('group', 'actual', 'chosen', 'score')}), repr=False
    )

    @property
    def equalized_odds_difference(self) -> float:
        """The larger of the two gaps, in true and in false positive rates; NaN if one of them is."""
        return float(np.max([self.true_positive.difference, self.false_positive.difference]))

    @classmethod
    @one_thread
    def of(
        cls,
        table: pd.DataFrame,
        holdout: pd.DataFrame,
        task: Task,
        leave_out: Sequence[str] = (),
        seed: int = 0,
        least_rows: int = LEAST_ROWS,
        learner: str = 'boosting',
        resamples: int = RESAMPLES,
    ) -> Downstream:
        """Trains a model on a table and tests it on held-out real rows.

        Args:
            table: Real or synthetic rows to learn from.
            holdout: Real rows that neither the model nor the synthesizer has seen.
            task: What to predict.
            leave_out: Columns the model shall not look at, beside the target.
            seed: Decides everything random in the model and in the resamples.
            least_rows: Rows that a group needs for its rate to count.
            learner: Name of the model, one of ``LEARNERS``.
            resamples: How often the held-out rows are drawn anew for the intervals; 0 for no intervals.

        Raises:
            ValueError: If there is no learner of that name.

        Example:
            >>> from sdv_fairdistill.datasets import load_german_credit
            >>> german = load_german_credit()
            >>> schema = Schema.of(german.metadata.to_dict()['tables']['german_credit'])
            >>> grouping = Grouping.fit(german.table, ['sex'])
            >>> task = Task(schema, 'credit', 'good', grouping)
            >>> result = Downstream.of(german.table[:700], german.table[700:], task, leave_out=['sex'])
            >>> 'sex' in result.features, 0.7 < result.auc < 0.9
            (False, True)
            >>> low, high = result.intervals['auc']
            >>> low < result.auc < high
            True
        """
        learned, tested = task.known(table), task.known(holdout)
        columns = tuple(name for name in task.schema.columns if name != task.target and name not in leave_out)
        labels, features = task.labels(learned), Features(learned, task.schema, columns)
        model = learner_of(learner, features, seed)
        obstacle = _obstacle(labels, features.levels, len(tested), task.favorable)
        if obstacle:
            none = Parity.of([], [], task.grouping.names)
            return cls(none, none, none, np.nan, np.nan, columns, (obstacle,), none, learner=learner)
        model.fit(features.of(learned), labels)
        score = model.predict_proba(features.of(tested))[:, 1]
        predictions = pd.DataFrame(
            {'group': task.grouping.of(tested), 'actual': task.labels(tested), 'chosen': score >= 0.5, 'score': score}
        )
        return cls.from_predictions(predictions, task.grouping.names, columns, seed, least_rows, learner, resamples)

    @classmethod
    def from_predictions(
        cls,
        predictions: pd.DataFrame,
        expected: Sequence[str] = (),
        features: tuple[str, ...] = (),
        seed: int = 0,
        least_rows: int = LEAST_ROWS,
        learner: str = '',
        resamples: int = RESAMPLES,
    ) -> Downstream:
        """Judges predictions, whatever made them.

        Args:
            predictions: Held-out rows, as the attribute ``predictions`` has them.
            expected: Groups to list even if no row is in them.
            features: The columns that the model looked at.
            seed: Decides the resamples.
            least_rows: Rows that a group needs for its rate to count.
            learner: Name of the model.
            resamples: How often the rows are drawn anew for the intervals; 0 for no intervals.

        Example:
            >>> rows = {'group': list('aabb'), 'actual': [1, 0, 1, 1], 'score': [0.9, 0.2, 0.8, 0.4]}
            >>> judged = Downstream.from_predictions(
            ...     pd.DataFrame(rows).assign(chosen=[True, False, True, False]), least_rows=1
            ... )
            >>> judged.true_positive.rates['rate'].to_dict(), judged.predictive.difference
            ({'a': 1.0, 'b': 0.5}, 0.0)
        """
        groups = predictions['group'].to_numpy(dtype=object)
        actual, chosen = (predictions[name].to_numpy(dtype=bool) for name in ('actual', 'chosen'))
        generator = np.random.default_rng(seed) if resamples else None

        def parity(happens: np.ndarray, among: np.ndarray) -> Parity:
            return Parity.of(happens[among], groups[among], expected, least_rows, generator, resamples)

        parities = {
            'selected': parity(chosen, np.ones(len(chosen), dtype=bool)),
            'true positives': parity(chosen, actual),
            'false positives': parity(chosen, ~actual),
            'predictive value': parity(actual, chosen),
        }
        notes = [f'{what}: {note}' for what, found in parities.items() for note in found.notes]
        selection, true_positive, false_positive, predictive = parities.values()
        auc, f1, why = _use(predictions)
        return cls(
            selection,
            true_positive,
            false_positive,
            auc,
            float(accuracy_score(actual, chosen)) if len(actual) else np.nan,
            features,
            (*notes, *why),
            predictive,
            f1,
            learner,
            _intervals(predictions, true_positive, false_positive, generator, resamples),
            predictions,
        )


def _use(predictions: pd.DataFrame) -> tuple[float, float, list[str]]:
    """AUC, F1, and why one of them is undefined."""
    actual, chosen = predictions['actual'].astype(bool), predictions['chosen'].astype(bool)
    auc, f1, notes = np.nan, np.nan, []
    if actual.nunique() == 2:
        auc = float(roc_auc_score(actual, predictions['score']))
    else:
        notes.append('AUC is undefined: the held-out rows have one label only')
    if (actual | chosen).any():
        f1 = float(f1_score(actual, chosen))
    else:
        notes.append('F1 is undefined: no held-out row has the desired label and none is predicted to have it')
    return auc, f1, notes


def _intervals(
    predictions: pd.DataFrame,
    true_positive: Parity,
    false_positive: Parity,
    generator: np.random.Generator | None,
    resamples: int,
) -> dict[str, Interval]:
    if generator is None:
        return {}
    actual, chosen = (predictions[name].to_numpy(dtype=bool) for name in ('actual', 'chosen'))
    kinds = np.bincount(2 * actual + chosen, minlength=4)
    total = kinds.sum()
    drawn = (
        generator.multinomial(total, kinds / total, size=resamples) if total else np.zeros((resamples, 4), dtype=int)
    )
    missed, hits = drawn[:, 1] + drawn[:, 2], drawn[:, 3]
    worth = 2 * hits + missed
    f1 = np.divide(2 * hits, worth, out=np.full(resamples, np.nan), where=worth > 0)
    return {
        'auc': auc_interval(actual, predictions['score'].to_numpy(), generator, resamples),
        'accuracy': wilson(kinds[0] + kinds[3], total),
        'f1': percentiles(f1),
        'equalized_odds_difference': _odds_interval(predictions, true_positive, false_positive, generator, resamples),
    }


def _odds_interval(
    predictions: pd.DataFrame,
    true_positive: Parity,
    false_positive: Parity,
    generator: np.random.Generator,
    resamples: int,
) -> Interval:
    """The interval of the larger gap; both gaps are taken in the same resample."""
    gaps = []
    for value, parity in ((True, true_positive), (False, false_positive)):
        if np.isnan(parity.difference):
            return UNDEFINED
        names = parity.rates.index[parity.rates['reason'] == '']
        rows = predictions[(predictions['actual'] == value) & predictions['group'].isin(names)]
        places = pd.Categorical(rows['group'], categories=names).codes.astype(int)
        rates = resampled_rates(rows['chosen'].to_numpy(dtype=bool), places, len(names), generator, resamples)
        gaps.append(rates.max(axis=1) - rates.min(axis=1))
    return percentiles(np.max(gaps, axis=0), max(true_positive.difference, false_positive.difference))


def _obstacle(labels: np.ndarray, levels: dict, tested: int, favorable: Any) -> str:
    """Why no model can be trained and tested; empty if one can."""
    if not tested:
        return 'no model was tested: there are no held-out rows with a known label'
    if not len(labels):
        return 'no model was trained: there are no rows with a known label to learn from'
    if labels.all() or not labels.any():
        always = 'always' if labels[0] else 'never'
        return f'no model was trained: the label is {always} {favorable!r} in the rows to learn from'
    return '' if levels else 'no model was trained: no column to predict from differs between the rows to learn from'
