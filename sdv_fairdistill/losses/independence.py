"""How dependent latents are on the sensitive features: distance covariance and correlation."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ['distance_correlation', 'distance_covariance', 'pairwise_distances', 'standardised']

_TINY = 1e-10


def pairwise_distances(points: Tensor) -> Tensor:
    """Gives Euclidean distances ``(rows, rows)`` of points ``(rows, features)``; its gradient is finite everywhere."""
    squares = points.square().sum(1)
    squared = squares[:, None] + squares[None] - 2 * points @ points.T
    return torch.where(squared > _TINY, squared.clamp_min(_TINY).sqrt(), torch.zeros_like(squared))


def standardised(points: Tensor) -> Tensor:
    """Scales every feature to a standard deviation of one.

    A latent dimension that the KL term has shrunk would otherwise hide what it knows of the group from a distance,
    though not from a classifier.
    """
    return points / points.std(0).clamp_min(1e-4)


def distance_covariance(first: Tensor, second: Tensor) -> Tensor:
    """Gives the unbiased squared distance covariance of two distance matrices (Székely and Rizzo, 2014).

    Args:
        first: Distances ``(rows, rows)``, rows > 3.
        second: Distances of the same rows.
    """
    return _inner(_centred(first), _centred(second))


def distance_correlation(first: Tensor, second: Tensor) -> Tensor:
    """Gives the bias-corrected squared distance correlation of two distance matrices; about 0 if independent.

    Args:
        first: Distances ``(rows, rows)``, rows > 3.
        second: Distances of the same rows.
    """
    a, b = _centred(first), _centred(second)
    return _inner(a, b) / (_inner(a, a) * _inner(b, b)).clamp_min(_TINY).sqrt()


def _centred(distances: Tensor) -> Tensor:
    """U-centres a distance matrix; its diagonal becomes zero."""
    rows = len(distances)
    means = distances.sum(0) / (rows - 2)
    centred = distances - means[:, None] - means[None] + distances.sum() / ((rows - 1) * (rows - 2))
    return centred - torch.diag_embed(torch.diagonal(centred))


def _inner(first: Tensor, second: Tensor) -> Tensor:
    rows = len(first)
    return (first * second).sum() / (rows * (rows - 3))
