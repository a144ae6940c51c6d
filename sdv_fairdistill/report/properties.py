"""The four properties of the report: what each scores, its details and its picture; how they are measured stays out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sdv_fairdistill.plots import associations_figure, model_rates_figure, rates_figure, scores_figure
from sdv_fairdistill.report.case import REAL, SYNTHETIC
from sdv_fairdistill.report.common import label_notes, model_notes
from sdv_fairdistill.report.judge import MODELS, Judge
from sdv_fairdistill.report.likeness import PAIRS, TOLD_APART, likeness_notes
from sdv_fairdistill.report.rates import rate_table
from sdv_fairdistill.report.words import spelled

__all__ = ['PROPERTIES', 'DownstreamParity', 'Finding', 'Independence', 'LabelParity', 'Property', 'Utility']

KINDS = (REAL, SYNTHETIC)
RATES = {
    'predicted favorable': 'selection',
    'true positive rate': 'true_positive',
    'false positive rate': 'false_positive',
    'predictive value': 'predictive',
}
ALL_TOGETHER = 'all together'


@dataclass(frozen=True)
class Finding:
    """What a property came to.

    Attributes:
        score: From 0 to 1, or NaN.
        details: What the score was made from.
        notes: What is undefined or left out, and why, in words.
    """

    score: float
    details: pd.DataFrame
    notes: tuple[str, ...] = ()


class Property(ABC):
    """One property of synthetic rows.

    Attributes:
        name: What it is called in the report.
        meaning: How its score is made, in one or two sentences that need no training.
        steps: How many times ``measure`` says that it got on.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    steps: ClassVar[int]

    @abstractmethod
    def measure(self, judge: Judge, step: Callable[[], object]) -> Finding:
        """Measures the real rows and the copy named ``'synthetic'``, calling ``step`` now and then."""

    @abstractmethod
    def figure(self, finding: Finding) -> go.Figure:
        """Draws the details."""

    def title(self, finding: Finding) -> str:
        """Title of the picture."""
        return f'{self.name} (score {spelled(finding.score)})'


class LabelParity(Property):
    """Whether the groups have the desired label alike in the synthetic rows themselves.

    Score: the smallest share of the desired label in a group over the largest, 0 to 1.
    """

    name = 'Label Parity'
    meaning = (
        'In the synthetic rows: the smallest share of rows with the favorable label in any group, divided by the'
        ' largest. 1 means that all groups have it equally often.'
    )
    steps = len(KINDS)

    def measure(self, judge: Judge, step: Callable[[], object]) -> Finding:
        """Measures the label's rates by group."""
        tables, notes = [], []
        for kind in KINDS:
            parity = judge.label(kind)
            tables.append(rate_table(parity, Data=kind))
            notes += [f'{kind} rows: {note}' for note in parity.notes]
            step()
        notes += label_notes(judge)
        return Finding(judge.label(SYNTHETIC).ratio, pd.concat(tables, ignore_index=True), tuple(notes))

    def figure(self, finding: Finding) -> go.Figure:
        """Draws the share of the desired label by group, real beside synthetic."""
        return rates_figure(finding.details, self.title(finding), 'share of the favorable label')


class DownstreamParity(Property):
    """Whether models that learned from the synthetic rows treat real groups alike.

    Score: the smallest rate of desired predictions in a group over the largest, on held-out real rows; the smallest
    such ratio of all models counts, since nobody knows which model will be trained.
    """

    name = 'Downstream Parity'
    meaning = (
        'Models are trained on the synthetic rows and tested on real held-out rows: the smallest share of rows in any'
        ' group that a model predicts the favorable label for, divided by the largest. The worst of the models counts.'
    )
    steps = len(KINDS) * len(MODELS)

    def measure(self, judge: Judge, step: Callable[[], object]) -> Finding:
        """Measures selection and error rates by group of every model."""
        tables, notes = [], {}
        for model in MODELS:
            for kind in KINDS:
                found = judge.model(kind, model)
                tables += [
                    rate_table(getattr(found, place), Model=model, Data=kind, Rate_of=rate).rename(
                        columns={'Rate_of': 'Rate of'}
                    )
                    for rate, place in RATES.items()
                ]
                for note in found.notes:
                    notes.setdefault(note, []).append(f'{model}, {kind} rows')
                step()
        ratios = [judge.model(SYNTHETIC, model).selection.ratio for model in MODELS]
        everywhere = len(KINDS) * len(MODELS)
        places = {note: '; '.join(where) if len(where) < everywhere else 'all models' for note, where in notes.items()}
        spoken = (*(f'{where}: {note}' for note, where in places.items()), *model_notes(judge))
        return Finding(float(np.min(ratios)), pd.concat(tables, ignore_index=True), spoken)  # NaN if any is NaN

    def figure(self, finding: Finding) -> go.Figure:
        """Draws selection and error rates by group, a panel a rate, a line a model, real beside synthetic."""
        return model_rates_figure(finding.details, self.title(finding))


class Utility(Property):
    """Whether the synthetic rows can take the place of the real ones.

    Score: the mean of SDMetrics' quality score and of the share of skill that each model keeps, where skill is
    AUC − .5 and the share is that of the model trained on synthetic rows over that trained on real ones, at most 1.
    """

    name = 'Utility'
    meaning = (
        "The mean of two numbers: SDMetrics' quality score, and the share of skill that models keep when they learn"
        ' from synthetic instead of real rows. Skill is AUC above 0.5, which is guessing; at most 1 is counted. Shown'
        ' beside them: how alike the associations of all pairs of columns are (1: the same), and how well a model tells'
        ' synthetic rows from held-out real ones (two-sample AUC; 0.5: not at all).'
    )
    steps = len(KINDS)

    def measure(self, judge: Judge, step: Callable[[], object]) -> Finding:
        """Measures quality, likeness, AUC and accuracy."""
        figures = {}
        for kind in KINDS:
            models = {model: judge.model(kind, model) for model in MODELS}
            figures[kind] = {
                'SDMetrics quality': judge.quality(kind),
                PAIRS: judge.pairs(kind).similarity,
                TOLD_APART: judge.two_sample(kind).auc,
                **{f'AUC, {model}': found.auc for model, found in models.items()},
                **{f'accuracy, {model}': found.accuracy for model, found in models.items()},
            }
            step()
        details = pd.DataFrame(figures).rename_axis('Measure').reset_index()
        details['Score'] = np.nan
        details.loc[0, 'Score'] = figures[SYNTHETIC]['SDMetrics quality']
        skills = [f'AUC, {model}' for model in MODELS]
        kept = [skill_kept(figures[REAL][name], figures[SYNTHETIC][name]) for name in skills]
        details.loc[details['Measure'].isin(skills), 'Score'] = kept
        score = float(np.mean([details.loc[0, 'Score'], np.mean(kept)]))
        notes = [
            'the share of skill kept is undefined: a model has no AUC, or none above 0.5 when trained on real rows'
        ]
        return Finding(score, details, (*(notes if np.isnan(kept).any() else ()), *likeness_notes(judge)))

    def figure(self, finding: Finding) -> go.Figure:
        """Draws quality, likeness, AUC and accuracy, real beside synthetic."""
        return scores_figure(finding.details, self.title(finding))


class Independence(Property):
    """Whether the other columns of the synthetic rows say nothing of a row's group.

    Score: 2 − 2·AUC, from 0 to 1, of a model that tells a row's group from all its columns but the label and the
    sensitive ones, for the group that is told best: 1 if it can only guess, 0 if the columns give the group away.
    """

    name = 'Independence'
    meaning = (
        'How little the other columns of the synthetic rows give away about the group: 2 − 2 × AUC of a model that'
        ' guesses the group from them, without the label (of several groups, the one told best). 1 means that they say'
        ' nothing, 0 that they give it away.'
        ' A faithful copy of data in which occupation or family role go with the group is low here, as the real data'
        ' is.'
    )
    steps = len(KINDS)

    def measure(self, judge: Judge, step: Callable[[], object]) -> Finding:
        """Measures what the columns tell of the group, together and one by one."""
        columns, aucs, notes = {}, {}, {}
        for kind in KINDS:
            found = judge.predictability(kind)
            columns[kind], aucs[kind] = judge.associations(kind), found.auc
            for note in found.notes:
                notes.setdefault(note, []).append(kind)
            step()
        single = pd.DataFrame(columns).sort_values(REAL, ascending=False).rename_axis('Column').reset_index()
        single.insert(1, 'Metric', "Cramér's V")
        joint = {'Column': ALL_TOGETHER, 'Metric': 'AUC', **aucs}
        details = pd.concat([pd.DataFrame([joint]), single], ignore_index=True)
        details['Score'] = np.where(
            details['Metric'] == 'AUC', 2 - 2 * details[SYNTHETIC].clip(lower=0.5), 1 - details[SYNTHETIC]
        )
        spoken = tuple(f'{" and ".join(kinds)} rows: {note}' for note, kinds in notes.items())
        return Finding(float(details.loc[0, 'Score']), details, spoken)

    def figure(self, finding: Finding) -> go.Figure:
        """Draws how closely each column goes with the group, real beside synthetic."""
        return associations_figure(finding.details[finding.details['Metric'] != 'AUC'], self.title(finding))


PROPERTIES: tuple[Property, ...] = (LabelParity(), DownstreamParity(), Utility(), Independence())


def skill_kept(real: float, synthetic: float) -> float:
    """Gives the share of a model's skill, AUC − .5, that is left, 0 to 1; NaN if there was none.

    Example:
        >>> skill_kept(0.9, 0.8), skill_kept(0.8, 0.9), skill_kept(0.5, 0.6)
        (0.75..., 1.0, nan)
    """
    if not real > 0.5:
        return np.nan
    return float(np.clip((synthetic - 0.5) / (real - 0.5), 0, 1))
