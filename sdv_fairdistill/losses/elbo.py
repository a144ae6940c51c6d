"""The terms of the teacher's evidence bound."""

from __future__ import annotations

from torch import Tensor

__all__ = ['cross_entropy', 'gaussian_kl']


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Gives KL(N(mean, exp(log_variance)) ‖ N(0, I)) of every row, ``(batch,)``."""
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1)


def cross_entropy(log_probabilities: Tensor, soft_labels: Tensor) -> Tensor:
    """Gives the cross-entropy ``(batch,)`` of predictions against soft labels, ``(batch, classes)`` both."""
    return -(soft_labels * log_probabilities).sum(1)
