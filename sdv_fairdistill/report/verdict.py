"""The first thing a reader sees: which models trained on the rows pass the four-fifths rule, and at what cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sdv_fairdistill.metrics import Downstream, Interval
from sdv_fairdistill.metrics.intervals import UNDEFINED as NO_INTERVAL
from sdv_fairdistill.plots.tradeoff import FOUR_FIFTHS
from sdv_fairdistill.report.advice import advice, notions_for
from sdv_fairdistill.report.case import REAL, SYNTHETIC
from sdv_fairdistill.report.common import is_common, warning
from sdv_fairdistill.report.judge import MODELS, Judge
from sdv_fairdistill.report.words import instead, ranged

__all__ = ['DIFFERENCE', 'FAIL', 'PARITY', 'PASS', 'UNDEFINED', 'UNFAVORABLE', 'Verdict', 'model_table', 'outcome_of']

PASS, FAIL, UNDEFINED = 'pass', 'fail', 'undefined'
PARITY, ODDS = 'parity ratio', 'equalized odds difference'
UNFAVORABLE, DIFFERENCE = 'unfavorable ratio', 'parity difference'
SAID = {PASS: 'Passes', FAIL: 'Does not pass', UNDEFINED: 'Undefined'}
WIDENED = 0.02  # a rise of the equalized odds difference that is worth a sentence


def model_table(judge: Judge) -> pd.DataFrame:
    """Gives the figures of every model, a line a model and measure.

    Returns:
        Columns ``Model``, ``Measure``, ``real``, ``synthetic``, ``change`` (synthetic minus real), and ``Low`` and
        ``High``: the 95 % interval of the synthetic figure over resampled held-out rows.
    """
    lines = []
    for model in MODELS:
        real, synthetic = (_measured(judge.model(kind, model)) for kind in (REAL, SYNTHETIC))
        for measure, (value, (low, high)) in synthetic.items():
            before = real[measure][0]
            line = {'Model': model, 'Measure': measure, REAL: before, SYNTHETIC: value, 'change': value - before}
            lines.append({**line, 'Low': low, 'High': high})
    return pd.DataFrame(lines)


def _measured(found: Downstream) -> dict[str, tuple[float, Interval]]:
    return {
        PARITY: (found.selection.ratio, found.selection.ratio_interval),
        UNFAVORABLE: (found.selection.unfavorable_ratio, found.selection.unfavorable_ratio_interval),
        DIFFERENCE: (found.selection.difference, found.selection.difference_interval),
        ODDS: (found.equalized_odds_difference, found.intervals.get('equalized_odds_difference', NO_INTERVAL)),
        'AUC': (found.auc, found.intervals.get('auc', NO_INTERVAL)),
        'accuracy': (found.accuracy, found.intervals.get('accuracy', NO_INTERVAL)),
    }


@dataclass(frozen=True)
class Verdict:
    """Whether models trained on the synthetic rows pass the four-fifths rule, in words.

    Attributes:
        outcome: ``'pass'`` if every model does, ``'fail'`` if one does not, ``'undefined'`` if one has no ratio and
            the others pass.
        headline: One sentence that says so.
        sentences: Which model passes and which notion would help the others, the range of the parity ratio, what it
            costs at most against real rows, and what else to know.
        models: The outcome of every model, by name.
        notions: The notions of this package that would be expected to make the failing models pass; none if none fails.
    """

    outcome: str
    headline: str
    sentences: tuple[str, ...]
    models: dict[str, str]
    notions: tuple[str, ...]

    @classmethod
    def of(cls, models: pd.DataFrame, left_out: Collection[str] = (), favorable_rate: float = np.nan) -> Verdict:
        r"""Reads the figures of :func:`model_table`.

        Args:
            models: The figures.
            left_out: Groups with too few held-out rows for a rate: no ratio is about them.
            favorable_rate: Share of real rows with the desired label, 0 to 1: where that is above a half, the verdict
                speaks of unfavorable rates too, and the figures must have them.

        Example:
            >>> measures = ['parity ratio', 'equalized odds difference', 'AUC', 'accuracy']
            >>> models = pd.DataFrame({
            ...     'Model': 'boosting', 'Measure': measures, 'real': [0.3, 0.1, 0.9, 0.87],
            ...     'synthetic': [0.95, 0.1, 0.88, 0.85], 'Low': 0.9, 'High': 0.99})
            >>> verdict = Verdict.of(models)
            >>> print(verdict.headline, *verdict.sentences, sep='\n')
            A model trained on these synthetic rows passes the four-fifths rule.
            Parity ratio 0.950; trained on real rows 0.300.
            The cost against real rows: AUC 0.880 instead of 0.900, accuracy 0.850 instead of 0.870.
        """
        figures = {name: part.set_index('Measure') for name, part in models.groupby('Model', sort=False)}
        ratios = {name: part.loc[PARITY, SYNTHETIC] for name, part in figures.items()}
        outcomes = {name: outcome_of(ratio) for name, ratio in ratios.items()}
        outcome = next((one for one in (FAIL, UNDEFINED) if one in outcomes.values()), PASS)
        failing = [name for name, one in outcomes.items() if one == FAIL]
        costs = ', '.join(_cost(measure, figures) for measure in ('AUC', 'accuracy'))
        unknown = f'Nothing can be said of groups with too few held-out rows: {"; ".join(left_out)}.'
        sentences = (
            *_one_by_one(outcomes),
            *advice(failing),
            f'Parity ratio {_of_all(PARITY, figures)}.',
            *(_unfavorable(figures, favorable_rate) if is_common(favorable_rate) else ()),
            f'The cost against real rows: {costs}.',
            *([unknown] if left_out else []),
            *_warnings(figures),
        )
        return cls(outcome, _headline(outcome, ratios), sentences, outcomes, notions_for(failing))


def outcome_of(ratio: float) -> str:
    """Gives whether a parity ratio passes the four-fifths rule; NaN is undefined."""
    return UNDEFINED if np.isnan(ratio) else PASS if ratio >= FOUR_FIFTHS else FAIL


def _one_by_one(outcomes: dict[str, str]) -> list[str]:
    """Says of each of several models whether it passes."""
    if len(outcomes) < 2:
        return []
    names = {one: [name for name, its in outcomes.items() if its == one] for one in SAID}
    return [' '.join(f'{SAID[one]}: {"; ".join(those)}.' for one, those in names.items() if those)]


def _of_all(measure: str, figures: dict[str, pd.DataFrame]) -> str:
    """The range of a measure over the models, beside that of real rows."""
    after, before = ([part.loc[measure, kind] for part in figures.values()] for kind in (SYNTHETIC, REAL))
    return f'{ranged(after)}; trained on real rows {ranged(before)}'


def _unfavorable(figures: dict[str, pd.DataFrame], favorable_rate: float) -> list[str]:
    """What a ratio of favorable rates hides where these are high."""
    below = [name for name, part in figures.items() if part.loc[UNFAVORABLE, SYNTHETIC] < FOUR_FIFTHS]
    whose = 'every model' if len(below) == len(figures) else '; '.join(below)
    why, ratios, gaps = warning(favorable_rate), _of_all(UNFAVORABLE, figures), _of_all(DIFFERENCE, figures)
    return [
        f'{why[0].upper()}{why[1:]}{f"; below four fifths by unfavorable predictions: {whose}" if below else ""}.',
        f'Unfavorable ratio (smallest rate of unfavorable predictions over the largest) {ratios}. Parity difference'
        f' (largest rate less the smallest) {gaps}.',
    ]


def _headline(outcome: str, ratios: dict[str, float]) -> str:
    if outcome == PASS:
        return 'A model trained on these synthetic rows passes the four-fifths rule.'
    if outcome == UNDEFINED:
        return 'Whether a model trained on these synthetic rows passes the four-fifths rule cannot be said.'
    failing = [name for name, ratio in ratios.items() if ratio < FOUR_FIFTHS]
    if not any(ratio >= FOUR_FIFTHS for ratio in ratios.values()):
        return 'A model trained on these synthetic rows does not pass the four-fifths rule.'
    return (
        'Not every model trained on these synthetic rows passes the four-fifths rule:'
        f' {len(failing)} of {len(ratios)} do not ({"; ".join(failing)}).'
    )


def _cost(measure: str, figures: dict[str, pd.DataFrame]) -> str:
    """The largest fall of a measure; it is undefined if it is so for any model."""
    changes = {name: part.loc[measure, SYNTHETIC] - part.loc[measure, REAL] for name, part in figures.items()}
    undefined = [name for name, change in changes.items() if np.isnan(change)]
    worst = undefined[0] if undefined else min(changes, key=changes.get)
    where = f' ({worst})' if len(figures) > 1 else ''
    return f'{measure} {"at worst " if where else ""}{_beside_real(figures[worst].loc[measure])}{where}'


def _warnings(figures: dict[str, pd.DataFrame]) -> list[str]:
    """What a reader of the ratios must also know."""
    found = []
    ratios = {name: part.loc[PARITY] for name, part in figures.items()}
    close = [name for name, ratio in ratios.items() if ratio['Low'] < FOUR_FIFTHS <= ratio['High']]
    if close:
        found.append(f'Close to the line, so that other held-out rows could decide otherwise: {"; ".join(close)}.')
    undefined = [name for name, ratio in ratios.items() if np.isnan(ratio[SYNTHETIC])]
    if undefined:
        found.append(f'The parity ratio is undefined, for reasons given below: {"; ".join(undefined)}.')
    odds = {name: part.loc[ODDS] for name, part in figures.items()}
    wider = [f'{name} {_beside_real(line)}' for name, line in odds.items() if line[SYNTHETIC] > line[REAL] + WIDENED]
    if wider:
        found.append(
            'Error rates are further apart between groups than with real rows: equalized odds difference'
            f' {"; ".join(wider)}. Equal shares of favorable predictions and equal error rates exclude each other where'
            ' the labels differ between groups.'
        )
    return found


def _beside_real(line: pd.Series) -> str:
    return instead(line[SYNTHETIC], line[REAL])
