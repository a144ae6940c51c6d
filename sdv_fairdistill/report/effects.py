"""The property of the report that needs a causal graph: what differences between groups are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plots.effects import effects_figure
from sdv_fairdistill.report.case import REAL, SYNTHETIC
from sdv_fairdistill.report.judge import Judge
from sdv_fairdistill.report.properties import Finding, Property

__all__ = ['CausalEffects']

KINDS = (REAL, SYNTHETIC)
LABEL, MODEL = 'label', 'boosting'
COLUMNS = ['Of', 'Data', 'Group', 'Against', 'Effect', 'Value', 'Low', 'High', 'Reason']


class CausalEffects(Property):
    """How much of the difference between groups is direct, indirect and spurious effect.

    Score: 1 less the largest direct effect, in absolute value, on the labels of the synthetic rows and on what a model
    predicts that learned them, 0 to 1. Indirect and spurious effects are shown and not scored: whether they are right
    depends on what the columns mean.
    """

    name = 'Causal Effects'
    meaning = (
        'What differences between groups are made of, given the causal graph: direct effect of the sensitive columns,'
        ' indirect effect through the columns that they cause, and spurious effect of what they merely go together'
        ' with. The three add up. The score is 1 less the largest direct effect in the synthetic labels and in what a'
        ' model predicts that learned them. The graph is an assumption: a common cause that is no column breaks it.'
    )
    steps = 2 * len(KINDS)

    def measure(self, judge: Judge, step: Callable[[], object]) -> Finding:
        """Splits the differences of labels and of predictions, for real and for synthetic rows."""
        tables, notes = [], {}
        for of, measure in ((LABEL, judge.label_effects), (MODEL, judge.model_effects)):
            for kind in KINDS:
                try:
                    found = measure(kind)
                except FairDistillError as error:
                    notes.setdefault(str(error).rstrip('.'), []).append(f'{of}, {kind} rows')
                else:
                    tables.append(found.effects.assign(Of=of, Data=kind))
                    for note in found.notes:
                        notes.setdefault(note, []).append(f'{of}, {kind} rows')
                step()
        details = pd.concat(tables, ignore_index=True)[COLUMNS] if tables else pd.DataFrame(columns=COLUMNS)
        counted = details[(details['Data'] == SYNTHETIC) & (details['Effect'] == 'direct')]
        whole = counted['Of'].nunique() == len((LABEL, MODEL)) and counted['Value'].notna().all()
        score = float(np.clip(1 - counted['Value'].abs().max(), 0, 1)) if whole else np.nan
        return Finding(score, details, tuple(f'{"; ".join(where)}: {note}' for note, where in notes.items()))

    def figure(self, finding: Finding) -> go.Figure:
        """Draws the effects, real beside synthetic."""
        return effects_figure(finding.details, self.title(finding))
