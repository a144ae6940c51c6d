"""The terms of the evidence bound against torch's own distributions."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from sdv_fairdistill.losses.elbo import cross_entropy, gaussian_kl


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def test_the_divergence_is_torchs(generator):
    mean, log_variance = torch.randn(7, 3, generator=generator), 2 * torch.randn(7, 3, generator=generator)

    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1)

    torch.testing.assert_close(gaussian_kl(mean, log_variance), expected)


def test_the_divergence_by_hand():
    assert gaussian_kl(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.zeros(2, 2)).tolist() == [0, 12.5]


def test_the_cross_entropy_of_certain_labels_is_torchs(generator):
    logits, labels = torch.randn(7, 3, generator=generator), torch.arange(7) % 3

    found = cross_entropy(logits.log_softmax(1), functional.one_hot(labels, 3).float())

    torch.testing.assert_close(found, functional.cross_entropy(logits, labels, reduction='none'))


def test_the_cross_entropy_of_soft_labels_is_torchs(generator):
    logits, soft = torch.randn(7, 3, generator=generator), torch.randn(7, 3, generator=generator).softmax(1)

    found = cross_entropy(logits.log_softmax(1), soft)

    torch.testing.assert_close(found, functional.cross_entropy(logits, soft, reduction='none'))
