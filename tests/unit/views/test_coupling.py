"""The repaired label given the observed one: hand-computed, and its properties for any pair of distributions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sdv_fairdistill.views.coupling import couple


def distributions(classes):
    weights = arrays(np.float64, classes, elements=st.floats(0, 1)).filter(lambda weights: weights.sum() > 1e-3)
    return weights.map(lambda weights: weights / weights.sum())


pairs = st.integers(2, 6).flatmap(lambda classes: st.tuples(distributions(classes), distributions(classes)))


def couple_every_label(score, repaired):
    """A row for each label that could have been observed."""
    classes = len(score)
    return couple(np.tile(score, (classes, 1)), np.tile(repaired, (classes, 1)), np.arange(classes))


def test_two_classes_by_hand():
    # .7 → .4 for class 1: a one is kept with .4 / .7, a zero always.
    assert couple_every_label(np.array([0.3, 0.7]), np.array([0.6, 0.4])) == pytest.approx(
        np.array([[1, 0], [3 / 7, 4 / 7]])
    )


def test_three_classes_by_hand():
    # Class 0 loses .3 of .6; it goes to classes 1 and 2 in proportion to what they gain, .1 and .2.
    coupled = couple_every_label(np.array([0.6, 0.3, 0.1]), np.array([0.3, 0.4, 0.3]))

    assert coupled == pytest.approx(np.array([[1 / 2, 1 / 6, 1 / 3], [0, 1, 0], [0, 0, 1]]))


def test_a_label_that_the_score_excludes_is_kept_unless_the_repair_excludes_it_too():
    score, repaired = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[0.5, 0.5], [0.0, 1.0]])

    assert couple(score, repaired, np.array([0, 0])).tolist() == [[1, 0], [1, 0]]


@given(pairs)
def test_every_row_is_a_distribution(pair):
    coupled = couple_every_label(*pair)

    assert (coupled >= 0).all()
    assert coupled.sum(1) == pytest.approx(1)


@given(pairs)
def test_if_the_score_is_right_the_new_label_follows_the_repair(pair):
    score, repaired = pair

    assert score @ couple_every_label(score, repaired) == pytest.approx(repaired, abs=1e-8)


@given(pairs)
def test_no_coupling_keeps_more_labels(pair):
    score, repaired = pair

    kept = score @ np.diagonal(couple_every_label(score, repaired))

    assert kept == pytest.approx(np.minimum(score, repaired).sum(), abs=1e-8)


@given(st.integers(2, 6).flatmap(distributions))
def test_without_a_repair_labels_stay(score):
    assert couple_every_label(score, score) == pytest.approx(np.eye(len(score)))
