"""Dropout hides the share that it is asked for, anywhere, and keeps means."""

import pytest
import torch

from sdv_fairdistill.networks.dropout import Dropout

SHAPE = 300, 1_001  # not a multiple of the eight features that are decided by one draw


def thinned(share, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Dropout(share)(torch.full(SHAPE, 2.0))


@pytest.mark.parametrize('share', [0.02, 0.125, 0.5, 0.9])
def test_the_share_is_hidden_and_the_mean_kept(share):
    result = thinned(share)

    assert (result == 0).double().mean().item() == pytest.approx(share, abs=0.004)
    assert result.mean().item() == pytest.approx(2, rel=0.02)
    assert len(result.unique()) == 2


def test_features_are_hidden_by_themselves():
    hidden = (thinned(0.25) == 0).double()

    assert hidden.mean(0).std().item() == pytest.approx((0.25 * 0.75 / SHAPE[0]) ** 0.5, rel=0.1)
    assert hidden.mean(1).std().item() == pytest.approx((0.25 * 0.75 / SHAPE[1]) ** 0.5, rel=0.15)
    for lag in range(1, 17):  # neighbours come from one draw
        both = (hidden.flatten()[lag:] * hidden.flatten()[:-lag]).mean().item()
        assert both == pytest.approx(0.25**2, abs=0.002)


def test_the_seed_decides():
    assert torch.equal(thinned(0.3), thinned(0.3))
    assert not torch.equal(thinned(0.3), thinned(0.3, seed=1))


def test_only_what_is_left_gets_a_gradient():
    features = torch.ones(40, 50, requires_grad=True)

    result = Dropout(0.5)(features)
    result.sum().backward()

    assert torch.equal(features.grad, result.detach())


@pytest.mark.parametrize('share', [0.0, 0.001])
def test_hardly_any_is_none(share):
    features = torch.ones(3)

    assert Dropout(share)(features) is features


def test_nothing_is_hidden_when_not_training():
    features = torch.ones(3)

    assert Dropout(0.9).eval()(features) is features


def test_something_is_always_left():
    assert (thinned(0.9999) > 0).any()
