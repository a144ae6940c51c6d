"""The latent sampler starts where the teacher's latents lie, each view and group with weights of its own."""

import pytest
import torch

from sdv_fairdistill.networks.mixture import LatentMixture
from sdv_fairdistill.training.mixture import fit_mixture

ROWS = 4_000


@pytest.fixture(scope='module')
def latents():
    """Two clusters: group 0 is mostly in the left one, and group 1 in the right."""
    generator = torch.Generator().manual_seed(0)
    group = torch.arange(ROWS) % 2
    share = torch.where(group == 0, 0.1, 0.8)
    right = torch.rand(ROWS, generator=generator) < share
    latent = torch.randn(ROWS, 2, generator=generator) * torch.tensor([0.3, 1.0])
    return latent + torch.where(right, 2.0, -2.0)[:, None] * torch.tensor([1.0, 0]), group


@pytest.fixture(scope='module')
def mixture(latents):
    mixture = LatentMixture(2, latent=2, views=2, groups=3)
    fit_mixture(mixture, *latents, seed=0)
    return mixture


def test_it_finds_the_clusters(mixture):
    means = mixture.means.detach()[mixture.means[:, 0].argsort()]

    torch.testing.assert_close(means, torch.tensor([[-2.0, 0], [2.0, 0]]), rtol=0, atol=0.1)
    factors = mixture.scale_tril().detach()
    torch.testing.assert_close(factors @ factors.mT, torch.tensor([[[0.09, 0], [0, 1.0]]] * 2), rtol=0, atol=0.08)


def test_weights_belong_to_a_view_and_in_the_raw_view_to_a_group(mixture):
    right = int(mixture.means[:, 0].argmax())
    view, group = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])

    shares = mixture.log_weights(view, group).exp()[:, right]

    assert shares.tolist() == pytest.approx([0.1, 0.8, 0.45, 0.45], abs=0.04)


def test_a_group_without_latents_gets_the_weights_of_all(mixture):
    right = int(mixture.means[:, 0].argmax())

    share = mixture.log_weights(torch.tensor([0]), torch.tensor([2])).exp()[0, right]

    assert share.item() == pytest.approx((0.1 + 0.8) / 2, abs=0.03)


@torch.no_grad()
def test_it_describes_the_latents_better_than_a_standard_normal(mixture, latents):
    untrained = LatentMixture(2, 2, 2, 3)

    assert mixture.log_density(*latents).mean() > untrained.log_density(*latents).mean() + 1


def test_a_seed_repeats(mixture, latents):
    again = LatentMixture(2, latent=2, views=2, groups=3)
    fit_mixture(again, *latents, seed=0)

    assert all(torch.equal(a, b) for a, b in zip(mixture.parameters(), again.parameters(), strict=True))


def test_identical_latents_keep_a_variance(latents):
    mixture = LatentMixture(1, latent=2, views=2, groups=3)
    fit_mixture(mixture, torch.ones(ROWS, 2), *latents[1:], seed=0)

    assert mixture.scale_tril().diagonal(dim1=1, dim2=2).min() > 0.01
    assert torch.isfinite(mixture.log_density(*latents)).all()
