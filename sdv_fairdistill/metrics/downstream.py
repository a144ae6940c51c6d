"""What a model does that was trained on a table: selection by group and accuracy on real rows that it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score

from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.parity import LEAST_ROWS, Parity
from sdv_fairdistill.metrics.schema import Schema

__all__ = ['Downstream', 'Task']

MOST_LEVELS = 254  # scikit-learn's boosting has 255 bins a column, one of them for what is missing


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
        """Gives whether each row's label is the desired one, ``(rows,)``."""
        return (read[self.target] == self.favorable).to_numpy(dtype=bool)

    def label_parity(self, table: pd.DataFrame, least_rows: int = LEAST_ROWS) -> Parity:
        """Compares how often each group has the desired label in a table; rows with a missing label are left out."""
        read = self.known(table)
        return Parity.of(self.labels(read), self.grouping.of(read), self.grouping.names, least_rows)


@dataclass(frozen=True)
class Downstream:
    """How a model that was trained on a table treats real rows.

    Attributes:
        selection: How often the model gives the desired label, by group.
        true_positive: The same among the rows that have it (equal opportunity).
        false_positive: The same among the rows that do not.
        auc: Area under the ROC curve, 0 to 1, or NaN.
        accuracy: Share of rows predicted right, 0 to 1, or NaN.
        features: The columns that the model looked at.
        notes: What is undefined or left out, and why, in words.
    """

    selection: Parity
    true_positive: Parity
    false_positive: Parity
    auc: float
    accuracy: float
    features: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def equalized_odds_difference(self) -> float:
        """The larger of the two gaps, in true and in false positive rates; NaN if one of them is."""
        return float(np.max([self.true_positive.difference, self.false_positive.difference]))

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        holdout: pd.DataFrame,
        task: Task,
        leave_out: Sequence[str] = (),
        seed: int = 0,
        least_rows: int = LEAST_ROWS,
    ) -> Downstream:
        """Trains gradient boosting on a table and tests it on held-out real rows.

        Args:
            table: Real or synthetic rows to learn from.
            holdout: Real rows that neither the model nor the synthesizer has seen.
            task: What to predict.
            leave_out: Columns the model shall not look at, beside the target.
            seed: Decides everything random in the model.
            least_rows: Rows that a group needs for its rate to count.

        Example:
            >>> from sdv_fairdistill.datasets import load_german_credit
            >>> german = load_german_credit()
            >>> schema = Schema.of(german.metadata.to_dict()['tables']['german_credit'])
            >>> grouping = Grouping.fit(german.table, ['sex'])
            >>> task = Task(schema, 'credit', 'good', grouping)
            >>> result = Downstream.of(german.table[:700], german.table[700:], task, leave_out=['sex'])
            >>> 'sex' in result.features, 0.7 < result.auc < 0.9
            (False, True)
        """
        learned, tested = task.known(table), task.known(holdout)
        actual, groups = task.labels(tested), task.grouping.of(tested)
        features = tuple(name for name in task.schema.columns if name != task.target and name not in leave_out)
        labels = task.labels(learned)
        levels = _levels(learned, task.schema, features)
        obstacle = _obstacle(labels, levels, len(tested), task.favorable)
        if obstacle:
            none = Parity.of([], [], task.grouping.names)
            return cls(none, none, none, np.nan, np.nan, features, (obstacle,))
        categorical = [known is not None for known in levels.values()]
        model = HistGradientBoostingClassifier(
            categorical_features=categorical, early_stopping=False, random_state=seed
        )
        model.fit(_encoded(learned, levels), labels)
        score = model.predict_proba(_encoded(tested, levels))[:, 1]
        chosen = score >= 0.5
        parities = {
            'selected': Parity.of(chosen, groups, task.grouping.names, least_rows),
            'true positives': Parity.of(chosen[actual], groups[actual], task.grouping.names, least_rows),
            'false positives': Parity.of(chosen[~actual], groups[~actual], task.grouping.names, least_rows),
        }
        notes = [f'{what}: {note}' for what, parity in parities.items() for note in parity.notes]
        auc = np.nan
        if len(set(actual)) == 2:
            auc = float(roc_auc_score(actual, score))
        else:
            notes.append('AUC is undefined: the held-out rows have one label only')
        return cls(*parities.values(), auc, float(accuracy_score(actual, chosen)), features, tuple(notes))


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


def _levels(learned: pd.DataFrame, schema: Schema, features: Sequence[str]) -> dict[str, list | None]:
    """The levels of every feature that differs between rows, the most frequent first; None for numbers."""
    return {
        name: learned[name].value_counts().index[:MOST_LEVELS].tolist() if name in schema.levels else None
        for name in features
        if learned[name].nunique(dropna=False) > 1
    }


def _encoded(table: pd.DataFrame, levels: dict[str, list | None]) -> pd.DataFrame:
    """Features for boosting, ``(rows, features)``, float64; a level that was not learned counts as missing."""
    return pd.DataFrame(
        {name: table[name] if known is None else _places(table[name], known) for name, known in levels.items()},
        index=table.index,
    )


def _places(column: pd.Series, known: list) -> np.ndarray:
    codes = pd.Categorical(column, categories=known).codes
    return np.where(codes < 0, np.nan, codes)
