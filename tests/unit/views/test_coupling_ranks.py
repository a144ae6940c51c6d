"""Ranks that are kept: by hand, the distribution that is reached, and missing values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.views.coupling import couple_ranks


def reached(own, other, missing=-1):
    """The distribution of what tokens that follow one distribution become."""
    tokens = np.arange(len(own))
    tiled = [np.tile(one, (len(own), 1)) for one in (own, other)]
    return own @ couple_ranks(*tiled, tokens, missing)


@given(st.integers(2, 7), st.integers(0, 10_000))
def test_tokens_reach_the_other_distribution_in_their_order(size, seed):
    random = np.random.default_rng(seed)
    own, other = random.dirichlet(np.ones(size)), random.dirichlet(np.ones(size))
    np.testing.assert_allclose(reached(own, other), other, atol=1e-6)

    moved = couple_ranks(np.tile(own, (size, 1)), np.tile(other, (size, 1)), np.arange(size))
    lowest, highest = (moved > 1e-9).argmax(1), size - 1 - (moved > 1e-9)[:, ::-1].argmax(1)
    assert (lowest[1:] >= highest[:-1]).all()


@given(st.integers(3, 6), st.integers(0, 10_000))
def test_as_many_are_missing_as_shall_be_and_no_more_change_than_must(size, seed):
    random = np.random.default_rng(seed)
    own, other = random.dirichlet(np.ones(size)), random.dirichlet(np.ones(size))
    np.testing.assert_allclose(reached(own, other, size - 1), other, atol=1e-6)

    moved = couple_ranks(np.tile(own, (size, 1)), np.tile(other, (size, 1)), np.arange(size), size - 1)
    stays = own[-1] * moved[-1, -1]
    assert stays == pytest.approx(min(own[-1], other[-1]), abs=1e-6)


def test_the_same_distribution_moves_nothing():
    own = np.array([[0.2, 0.3, 0.5]] * 3)

    np.testing.assert_allclose(couple_ranks(own, own, np.arange(3)), np.eye(3), atol=1e-9)
    np.testing.assert_allclose(couple_ranks(own, own, np.arange(3), 2), np.eye(3), atol=1e-9)


def test_a_token_that_was_not_expected_still_becomes_one():
    own, other = np.array([[1.0, 0.0]]), np.array([[0.4, 0.6]])

    assert couple_ranks(own, other, np.array([1])).sum() == pytest.approx(1)
