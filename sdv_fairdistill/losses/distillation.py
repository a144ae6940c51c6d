"""The student's two losses, after Sikder et al., arXiv 2408.10755."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ['latent_quality', 'utility']


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


def utility(teacher: Sequence[Tensor], student: Sequence[Tensor]) -> Tensor:
    """Gives the utility loss, a scalar: KL(teacher ‖ student) of the decoded, summed over columns, averaged over rows.

    Args:
        teacher: Log-probabilities ``(…, batch, classes)``, padded with ``-inf``.
        student: Log-probabilities of the same shapes.
    """
    total = torch.zeros((), device=student[0].device)
    for wanted, given in zip(teacher, student, strict=True):
        gap = torch.where(wanted.isfinite(), wanted - given, torch.zeros_like(given))
        total = total + (wanted.exp() * gap).sum() / wanted.shape[-2]
    return total
