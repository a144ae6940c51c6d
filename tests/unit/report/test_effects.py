"""The property of a causal graph: scored by hand, drawn, and undefined where nothing is comparable."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.metrics import Decomposition, Paths
from sdv_fairdistill.report.effects import COLUMNS, CausalEffects


def found(direct, notes=()):
    lines = [
        {'Group': 'f', 'Against': 'm', 'Effect': effect, 'Value': value, 'Low': value - 0.1, 'High': value + 0.1,
         'Reason': ''}
        for effect, value in {'total variation': direct + 0.1, 'direct': direct, 'indirect': 0.1, 'spurious': 0}.items()
    ]  # fmt: skip
    return Decomposition(pd.DataFrame(lines), Paths(), 10, notes)


class StandIn:
    """A judge whose effects are given; an error in place of one is raised."""

    def __init__(self, label, model):
        self.label, self.model = label, model

    def label_effects(self, kind):
        return found(self.label if kind == 'synthetic' else 0.5)

    def model_effects(self, kind):
        if self.model is None:
            raise FairDistillError('the model says the same of everybody.')
        return found(self.model if kind == 'synthetic' else 0.5, ('a note',))


def test_the_score_is_one_less_the_largest_direct_effect_of_the_synthetic_rows():
    steps = []
    finding = CausalEffects().measure(StandIn(0.02, -0.3), step=lambda: steps.append(1))

    assert finding.score == pytest.approx(0.7)
    assert list(finding.details) == COLUMNS
    assert len(steps) == CausalEffects.steps == 4
    assert finding.notes == ('boosting, real rows; boosting, synthetic rows: a note',)


def test_an_effect_that_is_undefined_leaves_no_score():
    assert np.isnan(CausalEffects().measure(StandIn(np.nan, 0.1), step=lambda: None).score)
    finding = CausalEffects().measure(StandIn(0.1, None), step=lambda: None)
    assert np.isnan(finding.score)
    assert 'the same of everybody' in finding.notes[0]


def test_the_picture_has_a_point_for_each_defined_effect():
    finding = CausalEffects().measure(StandIn(np.nan, 0.1), step=lambda: None)
    figure = CausalEffects().figure(finding)

    assert {trace.name: len(trace.x) for trace in figure.data} == {'real': 8, 'synthetic': 6}
