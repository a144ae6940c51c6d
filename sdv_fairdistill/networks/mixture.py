"""The latent sampler p(z | view, group): a mixture of Gaussians with shared components."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ['LatentMixture']


class LatentMixture(nn.Module):
    """A mixture of Gaussians whose components are shared and whose weights belong to a view.

    The raw view has weights of its own for every group, so that it keeps the data's disparity. A repaired view has one
    set of weights for everybody: its latents cannot know the group.

    Args:
        components: Number of Gaussians.
        latent: Size of the latent.
        views: Number of views, the raw one included.
        groups: Number of groups.
    """

    def __init__(self, components: int, latent: int, views: int, groups: int) -> None:
        super().__init__()
        self.latent = latent
        self.means = nn.Parameter(torch.zeros(components, latent))
        self.log_scales = nn.Parameter(torch.zeros(components, latent))
        self.lower = nn.Parameter(torch.zeros(components, latent, latent))
        self.raw_logits = nn.Parameter(torch.zeros(groups, components))
        self.repaired_logits = nn.Parameter(torch.zeros(views - 1, components))

    def log_weights(self, view: Tensor, group: Tensor) -> Tensor:
        """Gives the log-weights ``(batch, components)`` of rows with the given views and groups, ``(batch,)`` each."""
        raw = self.raw_logits.log_softmax(1)[group]
        if not len(self.repaired_logits):
            return raw
        repaired = self.repaired_logits.log_softmax(1)[(view - 1).clamp_min(0)]
        return torch.where((view == 0)[:, None], raw, repaired)

    def scale_tril(self) -> Tensor:
        """Gives the lower Cholesky factors ``(components, latent, latent)`` of the covariances."""
        return self.lower.tril(-1) + torch.diag_embed(self.log_scales.exp())

    def log_density(self, latent: Tensor, group: Tensor) -> Tensor:
        """Gives the log-density ``(batch,)`` of latents ``(batch, latent)`` of given groups, averaged over the views.

        The encoder does not see a view, so that every latent belongs to each.
        """
        centred = latent[None] - self.means[:, None]
        white = torch.linalg.solve_triangular(self.scale_tril(), centred.transpose(1, 2), upper=False)
        log_normal = (
            -0.5 * (white.square().sum(1) + self.latent * math.log(2 * math.pi)) - self.log_scales.sum(1)[:, None]
        ).T
        weights = [self.raw_logits.log_softmax(1)[group], *self.repaired_logits.log_softmax(1)]
        return torch.stack([torch.logsumexp(log_normal + own, dim=1) for own in weights]).mean(0)

    def place(self, component: Tensor, normal: Tensor) -> Tensor:
        """Gives latents ``(batch, latent)`` of the given components ``(batch,)`` from standard normal numbers."""
        return self.means[component] + torch.einsum('bij,bj->bi', self.scale_tril()[component], normal)
