"""Metrics of the label in the rows themselves: parity between groups, overall and within strata."""

from __future__ import annotations

from typing import Any

import numpy as np
from sdmetrics.goal import Goal

from sdv_fairdistill.metrics.conditional import ConditionalParity
from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.intervals import Interval
from sdv_fairdistill.metrics.parity import Parity
from sdv_fairdistill.metrics.single_table._base import FairnessMetric, beside_ratio, lines_of, part
from sdv_fairdistill.metrics.single_table._question import Question
from sdv_fairdistill.metrics.spread import Spread
from sdv_fairdistill.table.naming import names_of

__all__ = ['ConditionalLabelParity', 'LabelParityDifference', 'LabelParityRatio']

RATE = 'label rate'


class _LabelParity(FairnessMetric):
    """What both metrics of a label share. Neither is the other's child: SDMetrics lists no metric that has children."""

    @staticmethod
    def _figure(parity: Parity) -> tuple[float, Interval]:
        raise NotImplementedError

    @classmethod
    def _of_number(cls, question: Question, name: str) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        if question.numeric:
            return cls._of_number(question, name)
        asked, table, classes = question.settings, question.tables[name], question.classes()
        parities = {
            spelled: question.task(value).label_parity(table, asked.least_rows, question.generator, asked.resamples)
            for value, spelled in zip(classes, names_of(classes), strict=True)
        }
        found = {
            value: part(*cls._figure(parity), parity.notes, rates={RATE: lines_of(parity)})
            for value, parity in parities.items()
        }
        if not found:
            return part(np.nan, notes=[f"no row has a value of '{question.roles.target}'"], rates={}, classes={})
        if question.roles.favorable is not None:
            return cls._beside(*found.values(), *parities.values())
        return cls._worst(found)

    @staticmethod
    def _beside(found: dict[str, Any], parity: Parity) -> dict[str, Any]:
        """Adds what is read beside the score of the favorable label."""
        return found

    @classmethod
    def _worst(cls, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The part of the worst value; those without a score are named."""
        scores = {value: one['score'] for value, one in found.items() if not np.isnan(one['score'])}
        notes = [f'{value}: {note}' for value, one in found.items() for note in one['notes']]
        if not scores:
            return part(np.nan, notes=notes, rates={}, classes=found)
        worst = (min if cls.goal is Goal.MAXIMIZE else max)(scores, key=scores.get)
        one = found[worst]
        return part(one['score'], one['interval'], notes, rates=one['rates'], worst_class=worst, classes=found)


class LabelParityDifference(_LabelParity):
    """How far the groups' shares of a label are apart: ``max_g P(y = c | g) − min_g P(y = c | g)``.

    0 to 1; 0 is parity. The groups are all combinations of the sensitive columns' values. ``c`` is the favorable
    value; without one, the worst of all values counts. For a label that is a number, without a favorable value, it is
    the largest Wasserstein distance between two groups' ranks (see :class:`~sdv_fairdistill.metrics.Spread`).

    Reference:
        Dwork et al., *Fairness through awareness*, ITCS 2012 (statistical parity); rates by
        :class:`fairlearn.metrics.MetricFrame`.

    Example:
        >>> import pandas as pd
        >>> columns = {'sex': {'sdtype': 'categorical'}, 'hired': {'sdtype': 'categorical'}}
        >>> real = pd.DataFrame({'sex': ['f', 'm'] * 20, 'hired': ['no', 'yes'] * 20})
        >>> fair = real.assign(hired=['no', 'no', 'yes', 'yes'] * 10)
        >>> roles = {'sensitive_columns': ['sex'], 'target_column': 'hired', 'favorable_value': 'yes'}
        >>> found = LabelParityDifference.compute_breakdown(real, fair, {'columns': columns}, **roles)
        >>> found['score'], found['real']['score']
        (0.0, 1.0)
        >>> found['rates']['label rate']['f']['rows']
        20
    """

    name = 'LabelParityDifference'
    goal = Goal.MINIMIZE
    min_value = 0.0
    max_value = 1.0

    @staticmethod
    def _figure(parity: Parity) -> tuple[float, Interval]:
        return parity.difference, parity.difference_interval

    @classmethod
    def _of_number(cls, question: Question, name: str) -> dict[str, Any]:
        read, real = (question.schema.read(question.tables[table]) for table in (name, 'real'))
        target, asked = question.roles.target, question.settings
        read = read[read[target].notna()]
        spread = Spread.of(
            read[target],
            question.grouping.of(read),
            question.grouping.names,
            real[target].dropna(),
            asked.least_rows,
            question.generator,
            asked.resamples,
        )
        notes = spread.notes if not np.isnan(spread.difference) else (*spread.notes, 'no two groups can be compared')
        groups = {'label': lines_of(spread.groups)}
        return part(spread.difference, spread.difference_interval, notes, distance=spread.distance, rates=groups)


class LabelParityRatio(_LabelParity):
    """The smallest of the groups' shares of a label over the largest: ``min_g P(y = c | g) / max_g P(y = c | g)``.

    0 to 1; 1 is parity, and the four-fifths rule asks for .8. Groups and ``c`` are those of
    :class:`LabelParityDifference`. It is undefined for a label that is a number, and where no group has ``c``.

    For a favorable value, the breakdown has the ratio of ``P(y ≠ c | g)`` (``'unfavorable_ratio'``) and the
    ``'difference'`` beside it, and a note where most rows have it, since the ratio is then near 1 whatever happens to
    the others.

    Reference:
        Feldman et al., *Certifying and removing disparate impact*, KDD 2015.

    Example:
        >>> import pandas as pd
        >>> real = pd.DataFrame({'sex': ['f', 'm'] * 20, 'hired': ['no', 'yes', 'yes', 'yes'] * 10})
        >>> roles = {'sensitive_columns': ['sex'], 'target_column': 'hired', 'favorable_value': 'yes'}
        >>> LabelParityRatio.compute(real, real, **roles)
        0.5
    """

    name = 'LabelParityRatio'
    goal = Goal.MAXIMIZE
    min_value = 0.0
    max_value = 1.0

    @staticmethod
    def _figure(parity: Parity) -> tuple[float, Interval]:
        return parity.ratio, parity.ratio_interval

    @staticmethod
    def _beside(found: dict[str, Any], parity: Parity) -> dict[str, Any]:
        return beside_ratio(found, parity)

    @classmethod
    def _of_number(cls, question: Question, name: str) -> dict[str, Any]:
        reason = (
            f"the label '{question.roles.target}' is a number, which has no rate: use LabelParityDifference, or name a"
            ' favorable_value'
        )
        return part(np.nan, notes=[reason], rates={})


class ConditionalLabelParity(FairnessMetric):
    """How far the groups' shares of the favorable label are apart within strata of admissible columns.

    0 to 1, 0 is parity; formula and paper are those of :class:`~sdv_fairdistill.metrics.ConditionalParity`. Numbers
    and dates among the admissible columns are cut into five quantile bins of the real rows.

    Example:
        >>> import pandas as pd
        >>> real = pd.DataFrame({'sex': list('ffmf') * 10 + list('mmfm') * 10})
        >>> real['job'] = ['clerk'] * 40 + ['boss'] * 40
        >>> real['paid'] = real['job'].map({'clerk': 'little', 'boss': 'much'})
        >>> roles = {'sensitive_columns': 'sex', 'target_column': 'paid', 'favorable_value': 'much'}
        >>> LabelParityDifference.compute(real, real, **roles)
        0.5
        >>> ConditionalLabelParity.compute(real, real, admissible_columns=['job'], **roles)
        0.0
    """

    name = 'ConditionalLabelParity'
    goal = Goal.MINIMIZE
    min_value = 0.0
    max_value = 1.0
    _needed = ('sensitive_columns', 'target_column', 'favorable_value', 'admissible_columns')

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        task, asked, schema = question.task(), question.settings, question.schema
        strata = Grouping.fit(
            schema.read(question.tables['real']), question.admissible, schema.quantities, dates=schema.dates
        )
        read = task.known(question.tables[name])
        found = ConditionalParity.of(
            task.labels(read),
            question.grouping.of(read),
            strata.of(read),
            asked.least_rows,
            question.generator,
            asked.resamples,
        )
        return part(
            found.difference,
            found.difference_interval,
            found.notes,
            coverage=found.coverage,
            strata={
                stratum: {**line, 'rates': lines_of(found.parities[stratum])}
                for stratum, line in lines_of(found.strata).items()
            },
        )
