"""The encoder q(z | x, s)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from sdv_fairdistill.networks.dropout import Dropout
from sdv_fairdistill.networks.embedding import RowEmbedding

__all__ = ['Encoder']

_LOG_VARIANCE = (-8.0, 4.0)  # bounds that keep the exponential finite; trained posteriors stay far inside


class Encoder(nn.Module):
    """Encodes a row into the mean and log-variance of its latent. It never sees the label.

    Args:
        cardinalities: Number of tokens of each drawn column.
        sensitive: Size of the sensitive features.
        latent: Size of the latent.
        features: Size of the hidden layers.
        dropout: Share of hidden features hidden in training.
        bins: How many tokens of each column, the first ones, are in order; none of any if empty.
    """

    def __init__(
        self,
        cardinalities: list[int],
        sensitive: int,
        latent: int,
        features: int,
        dropout: float = 0.0,
        bins: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.embedding = RowEmbedding(cardinalities, features, bins)
        self.sensitive = nn.Linear(sensitive, features) if sensitive else None
        self.network = nn.Sequential(
            nn.SiLU(), Dropout(dropout), nn.Linear(features, features), nn.SiLU(), nn.Linear(features, 2 * latent)
        )

    def forward(self, tokens: Tensor, sensitive: Tensor) -> tuple[Tensor, Tensor]:
        """Gives mean and log-variance ``(batch, latent)`` of the latents of rows.

        Args:
            tokens: Drawn columns ``(batch, columns)``.
            sensitive: Sensitive features ``(batch, sensitive)``.
        """
        mean, log_variance = self.network(self.begin(tokens, sensitive)).chunk(2, dim=1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)

    def begin(self, tokens: Tensor, sensitive: Tensor) -> Tensor:
        """Gives what the layers begin with, ``(batch, features)``; see :meth:`forward`."""
        hidden = self.embedding(tokens)
        return hidden if self.sensitive is None else hidden + self.sensitive(sensitive)
