"""The latent sampler's start: a Gaussian mixture fitted to the teacher's latents by EM."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch import Tensor

from sdv_fairdistill.networks.mixture import LatentMixture

__all__ = ['fit_mixture']

EM_ROUNDS = 40  # the training that follows does the rest
LEAST_VARIANCE = 1e-3  # keeps a component from closing in on single rows
SMOOTHING = 1.0  # pseudo-rows a component, so that a small group's weights do not become zero


@torch.no_grad()
def fit_mixture(mixture: LatentMixture, latent: Tensor, group: Tensor, seed: int) -> None:
    """Sets a mixture to what EM finds in the teacher's latents.

    Args:
        mixture: What is set; its number of components is used.
        latent: The teacher's latents ``(rows, latent)``.
        group: Their groups ``(rows,)``.
        seed: Seed of EM's start.
    """
    points = latent.cpu().double().numpy()
    model = GaussianMixture(
        len(mixture.means), reg_covar=LEAST_VARIANCE, max_iter=EM_ROUNDS, init_params='k-means++', random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', ConvergenceWarning)
        model.fit(points)
    factors = np.linalg.cholesky(model.covariances_)
    mixture.means.copy_(torch.as_tensor(model.means_))
    mixture.log_scales.copy_(torch.as_tensor(np.log(np.diagonal(factors, axis1=1, axis2=2))))
    mixture.lower.copy_(torch.as_tensor(np.tril(factors, -1)))
    shares = torch.as_tensor(model.predict_proba(points), dtype=torch.float32)
    group = group.cpu()
    for number in range(len(mixture.raw_logits)):
        mixture.raw_logits[number] = _log_weights(shares[group == number], shares)
    mixture.repaired_logits.copy_(_log_weights(shares, shares))


def _log_weights(members: Tensor, pooled: Tensor) -> Tensor:
    """Log of the mean share of each component, smoothed by the pooled ones."""
    return (members.sum(0) + SMOOTHING * len(pooled.T) * pooled.mean(0) + 1e-6).log()
