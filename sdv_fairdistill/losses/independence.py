"""How dependent latents are on the sensitive features: distance covariance and correlation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ['distance_correlation', 'distance_covariance', 'pairwise_distances', 'standardised']

_TINY = 1e-10


def distance_correlation(points: Tensor, others: Tensor) -> Tensor:
    """Gives the bias-corrected squared distance correlation of two samples; about 0 if independent, a scalar.

    Only the first sample gets a gradient. After Székely, Rizzo and Bakirov (2007), with the correction of Székely and
    Rizzo (2014).

    Args:
        points: ``(rows, features)``, rows > 3.
        others: ``(rows, other features)``, the same rows.
    """
    return _DistanceCorrelation.apply(points, others)


def standardised(points: Tensor) -> Tensor:
    """Scales every feature to a standard deviation of one.

    A latent dimension that the KL term has shrunk would otherwise hide what it knows of the group from a distance,
    though not from a classifier.
    """
    return points / points.std(0).clamp_min(1e-4)


def pairwise_distances(points: Tensor) -> Tensor:
    """Gives Euclidean distances ``(rows, rows)`` of points ``(rows, features)``, without a gradient."""
    total = points.new_zeros(len(points), len(points))
    for feature in points.detach().T.contiguous():
        difference = feature[:, None] - feature
        total.addcmul_(difference, difference)
    return total.sqrt_()


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


class _DistanceCorrelation(torch.autograd.Function):
    """Value and gradient in one go: derived step by step, the products of matrices alone take twice as long."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, others: Tensor) -> Tensor:
        own, other = pairwise_distances(points), pairwise_distances(others)
        variance = distance_covariance(own, own)
        scale = (variance * distance_covariance(other, other)).clamp_min(_TINY).sqrt()
        result = distance_covariance(own, other) / scale
        if ctx.needs_input_grad[0]:
            # A covariance's slope in one matrix is the other one, U-centred. A distance of 0 has none: it is left out.
            slope = _centred(other.div_(scale).sub_(own * (result / variance.clamp_min(_TINY))))
            slope.div_(own.masked_fill_(own == 0, torch.inf)).mul_(2 / (len(own) * (len(own) - 3)))
            ctx.save_for_backward(slope.sum(1, keepdim=True) * points - (points.T.contiguous() @ slope).T)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.saved_tensors[0], None


def _centred(matrix: Tensor) -> Tensor:
    """U-centres a symmetric matrix ``(rows, rows)`` in place, its diagonal aside."""
    rows, sums = len(matrix), matrix.sum(1)
    shift = sums / (rows - 2) - sums.sum() / (2 * (rows - 1) * (rows - 2))
    return matrix.sub_(shift).sub_(shift[:, None])
