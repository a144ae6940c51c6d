"""Metrics of a model trained on the table and tested on real held-out rows: its fairness, and its use."""

from __future__ import annotations

from typing import Any

import numpy as np
from sdmetrics.goal import Goal
from sklearn.metrics import r2_score

from sdv_fairdistill.metrics.downstream import Downstream
from sdv_fairdistill.metrics.intervals import UNDEFINED, Interval, percentiles, resampled
from sdv_fairdistill.metrics.learners import Features, learner_of, one_thread
from sdv_fairdistill.metrics.single_table._base import FairnessMetric, beside_ratio, lines_of, part
from sdv_fairdistill.metrics.single_table._question import Question

__all__ = [
    'DownstreamAUC',
    'DownstreamAccuracy',
    'DownstreamF1',
    'DownstreamMetric',
    'DownstreamParityDifference',
    'DownstreamParityRatio',
    'DownstreamR2',
    'EqualOpportunityDifference',
    'EqualizedOddsDifference',
    'PredictiveParityDifference',
]

NO_HOLDOUT = 'there are no held-out rows: the model was tested on the real rows that the synthesizer learned from'
NO_REAL = 'a model trained on the real rows needs held-out rows to be tested on: give holdout'

RATES = {
    'selection rate': 'selection',
    'true positive rate': 'true_positive',
    'false positive rate': 'false_positive',
    'predictive value': 'predictive',
}


class DownstreamMetric(FairnessMetric):
    """A figure of a model that learned from the synthetic rows, on real rows that it never saw.

    The rows to test on are ``holdout``; without them the real rows, as SDMetrics' efficacy metrics have it, and the
    breakdown says so. With them, ``'real'`` in the breakdown is the same model trained on the real rows.

    Every metric trains its own models: :class:`~sdv_fairdistill.metrics.Downstream` has all figures of one model.
    """

    min_value = 0.0
    max_value = 1.0
    _needed = ('sensitive_columns', 'target_column', 'favorable_value')

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        raise NotImplementedError

    @classmethod
    def _breakdown(cls, question: Question) -> dict[str, Any]:
        found = cls._part(question, 'synthetic')
        if question.test == 'holdout':
            return {**found, 'real': cls._part(question, 'real')}
        return {**found, 'notes': [NO_HOLDOUT, *found['notes']], 'real': part(np.nan, notes=[NO_REAL])}

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        result = question.downstream(name)
        rates = {what: lines_of(getattr(result, attribute)) for what, attribute in RATES.items()}
        more = {'rates': rates, 'features': list(result.features), 'learner': result.learner}
        return cls._beside(part(*cls._figure(result), result.notes, **more), result)

    @staticmethod
    def _beside(found: dict[str, Any], result: Downstream) -> dict[str, Any]:
        """Adds what is read beside the score."""
        return found


class DownstreamParityDifference(DownstreamMetric):
    """Difference of the groups' selection rates, ``max_g P(ŷ = 1 | g) − min_g P(ŷ = 1 | g)``: 0 to 1, 0 is parity.

    Reference:
        Dwork et al., *Fairness through awareness*, ITCS 2012;
        :func:`fairlearn.metrics.demographic_parity_difference`.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> rows, metadata = german.table, german.metadata.to_dict()
        >>> DownstreamParityDifference.compute(
        ...     rows[:400], rows[400:700], metadata, holdout=rows[700:], **german.roles
        ... ) < 0.3
        True
    """

    name = 'DownstreamParityDifference'
    goal = Goal.MINIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.selection.difference, result.selection.difference_interval


class DownstreamParityRatio(DownstreamMetric):
    """Ratio of the groups' selection rates, ``min_g P(ŷ = 1 | g) / max_g P(ŷ = 1 | g)``: 0 to 1, 1 is parity.

    The breakdown has the ratio of ``P(ŷ = 0 | g)`` (``'unfavorable_ratio'``) and the ``'difference'`` beside it, and a
    note where most rows are selected, since the ratio is then near 1 whatever happens to the others.

    Reference:
        Feldman et al., *Certifying and removing disparate impact*, KDD 2015;
        :func:`fairlearn.metrics.demographic_parity_ratio`.
    """

    name = 'DownstreamParityRatio'
    goal = Goal.MAXIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.selection.ratio, result.selection.ratio_interval

    @staticmethod
    def _beside(found: dict[str, Any], result: Downstream) -> dict[str, Any]:
        return beside_ratio(found, result.selection)


class EqualizedOddsDifference(DownstreamMetric):
    """The larger of the groups' differences in ``P(ŷ = 1 | y, g)`` for y = 1 and y = 0: 0 to 1, 0 is parity.

    Undefined if one of the two is.

    Reference:
        Hardt, Price and Srebro, *Equality of opportunity in supervised learning*, NeurIPS 2016;
        :func:`fairlearn.metrics.equalized_odds_difference`.
    """

    name = 'EqualizedOddsDifference'
    goal = Goal.MINIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.equalized_odds_difference, result.intervals.get('equalized_odds_difference', UNDEFINED)


class EqualOpportunityDifference(DownstreamMetric):
    """Difference of the groups' true positive rates, ``P(ŷ = 1 | y = 1, g)``: 0 to 1, 0 is parity.

    Reference:
        Hardt, Price and Srebro, *Equality of opportunity in supervised learning*, NeurIPS 2016.
    """

    name = 'EqualOpportunityDifference'
    goal = Goal.MINIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.true_positive.difference, result.true_positive.difference_interval


class PredictiveParityDifference(DownstreamMetric):
    """Difference of the groups' precisions, ``P(y = 1 | ŷ = 1, g)``: 0 to 1, 0 is parity.

    Reference:
        Chouldechova, *Fair prediction with disparate impact*, Big Data 5, 2017.
    """

    name = 'PredictiveParityDifference'
    goal = Goal.MINIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.predictive.difference, result.predictive.difference_interval


class DownstreamAUC(DownstreamMetric):
    """Area under the ROC curve of the label, by :func:`sklearn.metrics.roc_auc_score`: 0 to 1, .5 by chance."""

    name = 'DownstreamAUC'
    goal = Goal.MAXIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.auc, result.intervals.get('auc', UNDEFINED)


class DownstreamAccuracy(DownstreamMetric):
    """Share of rows predicted right, by :func:`sklearn.metrics.accuracy_score`: 0 to 1."""

    name = 'DownstreamAccuracy'
    goal = Goal.MAXIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.accuracy, result.intervals.get('accuracy', UNDEFINED)


class DownstreamF1(DownstreamMetric):
    """Harmonic mean of precision and recall of the favorable label, by :func:`sklearn.metrics.f1_score`: 0 to 1."""

    name = 'DownstreamF1'
    goal = Goal.MAXIMIZE

    @staticmethod
    def _figure(result: Downstream) -> tuple[float, Interval]:
        return result.f1, result.intervals.get('f1', UNDEFINED)


class DownstreamR2(DownstreamMetric):
    """Share of a numeric label's variance that is explained, by :func:`sklearn.metrics.r2_score`: up to 1.

    0 is as good as always guessing the mean of the held-out rows. The sensitive columns need not be named.

    Example:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({'age': [*range(100)] * 2, 'pay': [float(2 * age) for age in range(100)] * 2})
        >>> DownstreamR2.compute(rows, rows, target_column='pay', learner='logistic', holdout=rows).__round__(2)
        1.0
    """

    name = 'DownstreamR2'
    goal = Goal.MAXIMIZE
    min_value = float('-inf')
    max_value = 1.0
    _needed = ('target_column',)

    @classmethod
    @one_thread
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        target, schema, asked = question.roles.target, question.schema, question.settings
        if target not in schema.quantities:
            return part(np.nan, notes=[f"the label '{target}' is no number: use DownstreamAUC, Accuracy or F1"])
        learned, tested = (schema.read(question.tables[table]) for table in (name, question.test))
        learned, tested = learned[learned[target].notna()], tested[tested[target].notna()]
        columns = [column for column in schema.columns if column != target and column not in question.leave_out]
        features = Features(learned, schema, columns) if len(learned) else None
        model = learner_of(asked.learner, features, asked.seed, numeric=True) if features else None
        if not features or not features.levels:
            return part(np.nan, notes=[f'no model was trained: {len(learned)} rows and no column that differs'])
        if tested[target].nunique() < 2:
            return part(np.nan, notes=[f'R² is undefined: {len(tested)} held-out rows with a single label at most'])
        guess = model.fit(features.of(learned), learned[target]).predict(features.of(tested))
        interval = _r2_interval(tested[target].to_numpy(), guess, question)
        return part(r2_score(tested[target], guess), interval, features=columns, learner=asked.learner)


def _r2_interval(actual: np.ndarray, guess: np.ndarray, question: Question) -> Interval:
    if question.generator is None:
        return UNDEFINED

    def r2(drawn: np.ndarray) -> np.ndarray:
        """``1 − Σ (y − ŷ)² / Σ (y − ȳ)²``, each row as often as it was drawn."""
        mean = drawn @ actual / drawn.sum(axis=1)
        spread = (drawn * (actual - mean[:, None]) ** 2).sum(axis=1)
        ratio = np.divide(drawn @ (actual - guess) ** 2, spread, out=np.full(len(spread), np.nan), where=spread > 0)
        return 1 - ratio

    return percentiles(resampled(r2, len(actual), question.generator, question.settings.resamples))
