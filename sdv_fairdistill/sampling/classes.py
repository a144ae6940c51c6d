"""Drawing a class for each row from its probabilities."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ['class_at', 'draw_class']


def draw_class(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """Draws a class ``(batch,)`` from each row of probabilities ``(batch, classes)`` by its inverse distribution."""
    uniform = torch.rand(len(probabilities), 1, generator=generator, device=probabilities.device)
    return class_at(probabilities, uniform)


def class_at(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Gives the class ``(batch,)`` where distributions ``(batch, classes)`` pass numbers ``(batch, 1)`` in [0, 1)."""
    cumulative = probabilities.cumsum(1)
    place = torch.searchsorted(cumulative, uniform * cumulative[:, -1:], right=True).squeeze(1)
    return place.clamp_max(probabilities.shape[1] - 1)
