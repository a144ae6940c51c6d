"""The label heads: that of a repaired view cannot read the sensitive columns."""

import pytest
import torch
from torch.autograd.functional import jacobian

from sdv_fairdistill.networks.heads import LabelHeads

VIEWS = 3


@pytest.fixture
def inputs():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(5, 4, generator=generator), torch.randn(5, 2, generator=generator)


@pytest.fixture
def heads():
    return LabelHeads(latent=4, sensitive=2, classes=3, views=VIEWS, hidden=8)


def slope_to(heads, latent, sensitive, view, what):
    """Largest slope of any row's log-probabilities, in absolute value."""
    views = torch.full((5,), view)
    functions = {
        'sensitive': (lambda given: heads(latent, given, views), sensitive),
        'latent': (lambda given: heads(given, sensitive, views), latent),
    }
    return jacobian(*functions[what]).abs().max()


@pytest.mark.parametrize('view', range(1, VIEWS))
def test_a_repaired_label_has_a_zero_jacobian_to_the_sensitive_columns(heads, inputs, view):
    assert slope_to(heads, *inputs, view, 'sensitive') == 0


def test_the_raw_label_may_depend_on_the_sensitive_columns(heads, inputs):
    assert slope_to(heads, *inputs, 0, 'sensitive') > 1e-3


@pytest.mark.parametrize('view', range(VIEWS))
def test_every_label_depends_on_the_latent(heads, inputs, view):
    assert slope_to(heads, *inputs, view, 'latent') > 1e-3


def test_repaired_rows_beside_raw_ones_stay_blind(heads, inputs):
    # One batch holds rows of all views.
    latent, sensitive = inputs
    view = torch.tensor([0, 1, 2, 0, 1])

    slopes = jacobian(lambda given: heads(latent, given, view), sensitive).abs().amax((1, 2, 3))

    assert (slopes[view > 0] == 0).all()
    assert (slopes[view == 0] > 1e-3).all()


def test_every_view_has_a_head_of_its_own(heads, inputs):
    answers = [heads(*inputs, torch.full((5,), view)) for view in range(VIEWS)]

    for first in range(VIEWS):
        torch.testing.assert_close(answers[first].exp().sum(1), torch.ones(5))
        for second in range(first):
            assert (answers[first] - answers[second]).abs().max() > 1e-3
