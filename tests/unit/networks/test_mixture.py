"""The latent sampler is a mixture of Gaussians, and a repaired view's does not know the groups."""

import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from sdv_fairdistill.networks.mixture import LatentMixture

VIEWS, GROUPS, COMPONENTS, LATENT = 3, 4, 5, 3


def mixture_of(views=VIEWS):
    mixture = LatentMixture(COMPONENTS, LATENT, views, GROUPS)
    generator = torch.Generator().manual_seed(0)
    for parameter in mixture.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return mixture


@pytest.fixture
def mixture():
    return mixture_of()


def each_view_and_group():
    return torch.cartesian_prod(torch.arange(VIEWS), torch.arange(GROUPS)).T


def test_the_density_is_that_of_a_mixture_of_gaussians_averaged_over_views(mixture):
    points = 2 * torch.randn(GROUPS, LATENT, generator=torch.Generator().manual_seed(1))
    view, group = each_view_and_group()
    latent = points[group]

    factors = mixture.lower.tril(-1) + torch.diag_embed(mixture.log_scales.exp())
    logits = torch.stack(
        [mixture.raw_logits[g] if v == 0 else mixture.repaired_logits[v - 1] for v, g in zip(view, group, strict=True)]
    )
    components = MultivariateNormal(
        mixture.means.expand(len(view), -1, -1), scale_tril=factors.expand(len(view), -1, -1, -1)
    )
    expected = MixtureSameFamily(Categorical(logits=logits), components).log_prob(latent)

    averaged = expected.view(VIEWS, GROUPS).mean(0)
    torch.testing.assert_close(mixture.log_density(points, torch.arange(GROUPS)), averaged, rtol=1e-4, atol=1e-4)


def test_weights_are_shares(mixture):
    torch.testing.assert_close(mixture.log_weights(*each_view_and_group()).exp().sum(1), torch.ones(VIEWS * GROUPS))


@pytest.mark.parametrize('view', range(1, VIEWS))
def test_a_repaired_view_has_the_same_weights_for_everybody(mixture, view):
    weights = mixture.log_weights(torch.full((GROUPS,), view), torch.arange(GROUPS))

    assert (weights == weights[0]).all()


def test_the_raw_view_has_weights_for_every_group(mixture):
    weights = mixture.log_weights(torch.zeros(GROUPS, dtype=torch.long), torch.arange(GROUPS))

    assert len(torch.unique(weights, dim=0)) == GROUPS


def test_views_do_not_share_weights(mixture):
    weights = mixture.log_weights(torch.arange(VIEWS), torch.zeros(VIEWS, dtype=torch.long))

    assert len(torch.unique(weights, dim=0)) == VIEWS


def test_with_the_raw_view_alone():
    mixture, group = mixture_of(views=1), torch.arange(GROUPS)

    torch.testing.assert_close(mixture.log_weights(torch.zeros_like(group), group), mixture.raw_logits.log_softmax(1))


def test_placed_points_have_the_moments_of_their_component(mixture):
    normal = torch.randn(40_000, LATENT, generator=torch.Generator().manual_seed(2))
    factors = mixture.scale_tril()

    for component in range(COMPONENTS):
        points = mixture.place(torch.full((len(normal),), component), normal)
        covariance = factors[component] @ factors[component].T
        scale = covariance.diagonal().max().detach()
        torch.testing.assert_close(points.mean(0), mixture.means[component], rtol=0, atol=float(0.03 * scale.sqrt()))
        torch.testing.assert_close(points.T.cov(), covariance, rtol=0, atol=float(0.03 * scale))


def test_gradients_reach_every_parameter(mixture):
    mixture.log_density(torch.randn(GROUPS, LATENT), torch.arange(GROUPS)).sum().backward()

    assert all(parameter.grad.abs().sum() > 0 for parameter in mixture.parameters())


def test_an_untrained_mixture_is_a_standard_normal():
    latent = torch.randn(6, LATENT)
    zeros = torch.zeros(6, dtype=torch.long)

    density = LatentMixture(COMPONENTS, LATENT, VIEWS, GROUPS).log_density(latent, zeros)

    torch.testing.assert_close(density, torch.distributions.Normal(0, 1).log_prob(latent).sum(1))
