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
    points = points.detach() - points.detach().mean(0)
    squares, ones = points.square().sum(1, keepdim=True), points.new_ones(len(points), 1)
    product = torch.cat([-2 * points, squares, ones], 1) @ torch.cat([points, ones, squares], 1).T.contiguous()
    return product.clamp_min_(0).fill_diagonal_(0).sqrt_()


def distance_covariance(first: Tensor, second: Tensor) -> Tensor:
    """Gives the unbiased squared distance covariance of two distance matrices (Székely and Rizzo, 2014).

    The inner product of the two U-centred matrices, from the sums of their rows: neither is ever centred.

    Args:
        first: Distances ``(rows, rows)``, rows > 3.
        second: Distances of the same rows.
    """
    rows = len(first)
    own, other = first.sum(1), second.sum(1)
    # One product of two long vectors, as `@` would make it, takes oneDNN ten times as long: see `fast_products`.
    product = (first * second).sum() - 2 / (rows - 2) * (own @ other)
    return (product + own.sum() * other.sum() / ((rows - 1) * (rows - 2))) / (rows * (rows - 3))


class _DistanceCorrelation(torch.autograd.Function):
    """Value and gradient in one go: most of the time goes into reading matrices ``(rows, rows)``, so few are made."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, others: Tensor) -> Tensor:
        own, other = pairwise_distances(points), pairwise_distances(others)
        variance = distance_covariance(own, own)
        scale = (variance * distance_covariance(other, other)).clamp_min(_TINY).sqrt()
        result = distance_covariance(own, other) / scale
        if ctx.needs_input_grad[0]:
            slope = _slope(points.detach(), own, other.div_(scale), result / variance.clamp_min(_TINY))
            ctx.save_for_backward(slope)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.saved_tensors[0], None


def _slope(points: Tensor, own: Tensor, other: Tensor, share: Tensor) -> Tensor:
    r"""Gives the gradient ``(rows, features)`` of the correlation in the points.

    In the distances :math:`a_{ij}` it is the U-centred :math:`m_{ij} + u_i + u_j` of :math:`m = b / s - a r / v`, up to
    a factor; and a distance moves with its points by :math:`(x_i - x_j) / a_{ij}`.
    """
    rows = len(points)
    sums = other.sum(1) - share * own.sum(1)
    shift = (sums.sum() / (2 * (rows - 1)) - sums) / (rows - 2)
    inverse = own.clamp_min_(torch.finfo(own.dtype).eps ** 0.5).reciprocal_()
    pulls = torch.cat([points, points.new_ones(rows, 1)], 1).T.contiguous()
    moved = pulls @ other.mul_(inverse) + (pulls * shift) @ inverse + (pulls @ inverse) * shift
    moved -= share * pulls.sum(1, keepdim=True)  # of the part of m that is in proportion to a
    return (moved[-1] * points.T - moved[:-1]).T * (2 / (rows * (rows - 3)))
