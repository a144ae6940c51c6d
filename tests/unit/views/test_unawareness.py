"""Unawareness: the score is averaged over the sensitive values, each as often as it occurs."""

import numpy as np
import pytest

from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views import Evidence
from sdv_fairdistill.views import score as module
from sdv_fairdistill.views.unawareness import Unawareness

LAYOUT = Layout((2, 3, 2), (False,) * 3, sensitive=(0,), target=2)
KNOWN = np.array([[0.1, 0.2, 0.4], [0.5, 0.6, 0.9]])  # P(label = 1 | s, x)


class Oracle:
    """A model that knows the probabilities instead of learning them."""

    classes_ = np.array([0, 1])

    def fit(self, inputs, labels):
        return self

    def predict_proba(self, inputs):
        positive = KNOWN[inputs[:, 0], inputs[:, 1]]
        return np.column_stack([1 - positive, positive])


@pytest.fixture
def tokens():
    # A quarter of the rows has s = 1.
    return np.array([[s, x, (s + x) % 2] for s in (0, 0, 0, 1) for x in (0, 1, 2)] * 2)


def score_of(tokens, monkeypatch, with_blind=True):
    monkeypatch.setattr(module, 'boosting', lambda *given: Oracle())
    return module.label_score(tokens, LAYOUT, Groups.fit(tokens, LAYOUT)[0], with_blind, seed=0)


def test_by_hand(tokens, monkeypatch):
    score = score_of(tokens, monkeypatch)

    assert score.own[:, 1] == pytest.approx(KNOWN[tokens[:, 0], tokens[:, 1]])
    # r(x) = 3/4 r(x, 0) + 1/4 r(x, 1)
    assert score.blind[:, 1] == pytest.approx(np.array([0.2, 0.3, 0.525])[tokens[:, 1]])
    assert score.blind.sum(1) == pytest.approx(1)


def test_only_if_it_is_asked_for(tokens, monkeypatch):
    score = score_of(tokens, monkeypatch, with_blind=False)

    assert (score.blind == score.own).all()


def test_the_blind_score_takes_the_sensitive_column_out_of_a_model_that_learned_it():
    generator = np.random.default_rng(0)
    sensitive, other = generator.integers(0, 2, 3000), generator.integers(0, 3, 3000)
    label = generator.random(3000) < 0.1 + 0.5 * sensitive + 0.15 * other
    tokens = np.column_stack([sensitive, other, label]).astype(int)

    score = module.label_score(tokens, LAYOUT, Groups.fit(tokens, LAYOUT)[0], True, 0)

    def gap(positive):
        return positive[sensitive == 1].mean() - positive[sensitive == 0].mean()

    assert gap(score.own[:, 1]) > 0.45
    assert abs(gap(score.blind[:, 1])) < 0.02
    expected = 0.1 + 0.25 + 0.15 * other
    assert np.abs(score.blind[:, 1] - expected).mean() < 0.04


def test_the_repair_is_the_blind_score():
    blind, labels = np.array([[0.25, 0.75]]), np.array([3])
    evidence = Evidence(labels, np.array([[1.0, 0.0]]), blind, np.zeros(1, int), np.zeros(1, int), 0)

    assert Unawareness().repair_score(evidence) is blind
    assert Unawareness().repair_ordered(evidence) is labels
