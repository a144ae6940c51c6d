"""The network that scores labels: what a head may read is decided by what it has as input."""

import pytest
import torch

from sdv_fairdistill.networks.repairer import Repairer


@pytest.fixture
def repairer():
    torch.manual_seed(0)
    return Repairer([3, 2], sensitive=2, outputs=4, reads_sensitive=(True, False), features=8, hidden=6)


@pytest.fixture
def rows():
    return torch.tensor([[0, 1], [2, 0], [1, 1]]), torch.randn(3, 2, requires_grad=True)


def test_a_blind_head_has_no_slope_in_the_sensitive_features(repairer, rows):
    tokens, sensitive = rows
    aware, blind = repairer(tokens, sensitive)

    (slope,) = torch.autograd.grad(aware.sum(), sensitive, retain_graph=True)
    assert slope.abs().min() > 0
    assert torch.autograd.grad(blind.sum(), sensitive, allow_unused=True) == (None,)


def test_both_read_the_columns(repairer, rows):
    tokens, sensitive = rows
    changed = tokens.clone()
    changed[:, 0] = (changed[:, 0] + 1) % 3

    for before, after in zip(repairer(tokens, sensitive), repairer(changed, sensitive), strict=True):
        assert before.shape == (3, 4)
        assert (before - after).abs().min() > 0


def test_the_wanted_heads_alone(repairer, rows):
    everything = repairer(*rows)

    assert torch.equal(repairer(*rows, wanted=(1,))[0], everything[1])
    assert torch.equal(repairer(*rows, wanted=(1, 0))[1], everything[0])


def test_without_sensitive_columns_every_head_is_blind(rows):
    repairer = Repairer([3, 2], sensitive=0, outputs=1, reads_sensitive=(True,), features=8, hidden=6)

    assert repairer(rows[0], torch.zeros(3, 0))[0].shape == (3, 1)
