"""How dependent latents are on the sensitive features: distance covariance and correlation."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ['distance_correlation', 'distance_covariance', 'pairwise_distances', 'standardised']

_TINY = 1e-10


def pairwise_distances(points: Tensor) -> Tensor:
    """Gives Euclidean distances ``(rows, rows)`` of points ``(rows, features)``; its gradient is finite everywhere."""
    return torch.cdist(points, points, compute_mode='donot_use_mm_for_euclid_dist')


def standardised(points: Tensor) -> Tensor:
    """Scales every feature to a standard deviation of one.

    A latent dimension that the KL term has shrunk would otherwise hide what it knows of the group from a distance,
    though not from a classifier.
    """
    return points / points.std(0).clamp_min(1e-4)


def distance_covariance(first: Tensor, second: Tensor) -> Tensor:
    """Gives the unbiased squared distance covariance of two distance matrices (Székely and Rizzo, 2014).

    The inner product of the two U-centred matrices, from the sums of their rows: neither is ever centred.

    Args:
        first: Distances ``(rows, rows)``, rows > 3.
        second: Distances of the same rows.
    """
    rows = len(first)
    own, other = first.sum(1), second.sum(1)
    product = first.flatten() @ second.flatten() - 2 / (rows - 2) * (own @ other)
    return (product + own.sum() * other.sum() / ((rows - 1) * (rows - 2))) / (rows * (rows - 3))


def distance_correlation(first: Tensor, second: Tensor) -> Tensor:
    """Gives the bias-corrected squared distance correlation of two distance matrices; about 0 if independent.

    Args:
        first: Distances ``(rows, rows)``, rows > 3.
        second: Distances of the same rows.
    """
    variances = distance_covariance(first, first) * distance_covariance(second, second)
    return distance_covariance(first, second) / variances.clamp_min(_TINY).sqrt()
