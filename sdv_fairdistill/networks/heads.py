"""The label heads p(label | z, view)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ['LabelHeads']


class LabelHeads(nn.Module):
    """Predicts the label from the latent, once a view.

    The raw view's head also reads the sensitive features, since the label of the data may depend on them. The head of a
    repaired view has no input but the latent: whatever its weights are, its Jacobian to the sensitive input is zero.

    Args:
        latent: Size of the latent.
        sensitive: Size of the sensitive features.
        classes: Number of classes.
        views: Number of views, the raw one (number 0) included.
        hidden: Size of the hidden layers.
    """

    def __init__(self, latent: int, sensitive: int, classes: int, views: int, hidden: int) -> None:
        super().__init__()
        inputs = [latent + sensitive] + [latent] * (views - 1)
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(size, hidden), nn.SiLU(), nn.Linear(hidden, classes)) for size in inputs
        )

    def forward(self, latent: Tensor, sensitive: Tensor, view: Tensor) -> Tensor:
        """Gives the log-probabilities ``(batch, classes)`` of the label.

        Args:
            latent: ``(batch, latent)``.
            sensitive: ``(batch, sensitive)``.
            view: The view of each row, ``(batch,)`` integers.
        """
        logits = self.heads[0](torch.cat([latent, sensitive], dim=1))
        for number, head in enumerate(self.heads[1:], start=1):
            logits = torch.where((view == number)[:, None], head(latent), logits)
        return logits.log_softmax(1)
