"""Going back through a loss ahead of the others gives the same gradients, on any number of cores."""

import threading

import pytest
import torch
from torch import nn

from sdv_fairdistill.helpers.gradients import ahead, cut


@pytest.fixture
def layers():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.ModuleList(nn.Linear(5, 5) for _ in range(3))


ROWS = torch.randn(7, 5, generator=torch.Generator().manual_seed(1))


def gradients(layers, weight, goes_ahead):
    """The gradients of a loss of two parts, which share what they are computed from."""
    layers.zero_grad()
    state = layers[0](ROWS).tanh()
    parts = []
    for layer in layers[1:]:
        own = cut(state) if goes_ahead else state
        part = layer(own).square().mean()
        parts.append(ahead(part, [state], [own], list(layer.parameters())) if goes_ahead else part)
    loss = weight * torch.stack(parts).sum()
    loss.backward()
    return [loss.detach(), *(parameter.grad for parameter in layers.parameters())]


def test_the_gradients_are_those_of_the_loss(layers, many):
    for one, other in zip(gradients(layers, 1, True), gradients(layers, 1, False), strict=True):
        assert torch.equal(one, other)


def test_the_loss_may_have_a_weight(layers, many):
    for one, other in zip(gradients(layers, 0.3, True), gradients(layers, 0.3, False), strict=True):
        torch.testing.assert_close(one, other)


class Watched(torch.autograd.Function):
    """Passes a tensor on, and calls something on the way back."""

    @staticmethod
    def forward(ctx, given, called):
        ctx.called = called
        return given.clone()

    @staticmethod
    def backward(ctx, gradient):
        ctx.called()
        return gradient, None


def test_it_goes_back_before_it_is_asked_to_where_a_core_is_free(layers, many):
    went = threading.Event()
    state = layers[0](ROWS)
    own = cut(state)
    ahead(Watched.apply(own, went.set).sum(), [state], [own], [])

    assert (own is state) == (many == 1)
    assert went.wait(5 if many > 1 else 0.1) == (many > 1)


def test_an_error_on_the_way_back_is_raised(layers, many):
    state = layers[0](ROWS)
    own = cut(state)
    loss = ahead(Watched.apply(own, lambda: 1 / 0).sum(), [state], [own], [])

    with pytest.raises(ZeroDivisionError):
        loss.backward()


def test_nothing_is_cut_where_no_gradients_are_recorded(layers, many):
    with torch.no_grad():
        state = layers[0](ROWS)
        assert cut(state) is state
        assert ahead(state.sum(), [state], [state], []) == state.sum()
