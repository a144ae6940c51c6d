"""The student's two losses, after Sikder et al., arXiv 2408.10755."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ['cross_entropy_of', 'entropy_of', 'latent_quality', 'utility']

_TINY = 1e-38  # its logarithm is a number, and times a probability of 0 it is 0


def latent_quality(student_latent: Tensor, teacher_latent: Tensor, log_density: Tensor) -> Tensor:
    """Gives the quality loss: how far the student's latents are from the teacher's, a scalar.

    The encoder's squared error plus the cross-entropy of the latent sampler, which is KL(p_T(z) ‖ p_S(z)) up to the
    teacher's own entropy.

    Args:
        student_latent: The student encoder's latents ``(batch, latent)``.
        teacher_latent: The teacher's latents of the same rows ``(batch, latent)``.
        log_density: The student sampler's log-density of the teacher's latents ``(batch,)``.
    """
    return (student_latent - teacher_latent).square().sum(1).mean() - log_density.mean()


def utility(teacher: Sequence[Tensor], entropy: Tensor, student: Sequence[Tensor]) -> Tensor:
    """Gives the utility loss, a scalar: KL(teacher ‖ student) of the decoded, summed over columns, averaged over rows.

    Args:
        teacher: Probabilities ``(…, batch, classes)``; those of padding are 0.
        entropy: Their entropy, summed over columns and averaged over rows; see :func:`entropy_of`.
        student: Log-probabilities of the same shapes, finite everywhere.
    """
    return _cross_entropy(teacher, student) - entropy


def entropy_of(probabilities: Sequence[Tensor]) -> Tensor:
    """Gives the entropy of probabilities ``(…, batch, classes)``, summed over columns and averaged over rows."""
    return _cross_entropy(probabilities, [part.clamp_min(_TINY).log() for part in probabilities])


def cross_entropy_of(wanted: Tensor, given: Tensor) -> Tensor:
    """Gives the cross-entropy of some columns, summed over these and averaged over rows, a scalar.

    Args:
        wanted: Probabilities ``(…, batch, classes)``.
        given: Log-probabilities of the same shape.
    """
    return -(wanted.flatten() @ given.flatten()) / given.shape[-2]


def _cross_entropy(wanted: Sequence[Tensor], given: Sequence[Tensor]) -> Tensor:
    return torch.stack([cross_entropy_of(*pair) for pair in zip(wanted, given, strict=True)]).sum()
