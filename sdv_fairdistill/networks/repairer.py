"""The network that scores labels of drawn rows: as they are, and as notions of fairness want them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from sdv_fairdistill.networks.embedding import RowEmbedding

__all__ = ['Repairer']


class Repairer(nn.Module):
    """Scores rows by several heads over one embedding of their columns.

    A head reads the sensitive features or has no such input: then its Jacobian to them is zero whatever its weights.

    Args:
        cardinalities: Number of tokens of each drawn column.
        sensitive: Size of the sensitive features.
        outputs: Numbers a head gives: logits of classes, or an expected rank.
        reads_sensitive: For each head whether it reads the sensitive features.
        features: Size of the embedding.
        hidden: Size of a head's hidden layer.
        bins: How many tokens of each drawn column, the first ones, are in order; none of any if empty.
    """

    def __init__(
        self,
        cardinalities: list[int],
        sensitive: int,
        outputs: int,
        reads_sensitive: Sequence[bool],
        features: int,
        hidden: int,
        bins: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.columns = RowEmbedding(cardinalities, features, bins)
        self.shifts = nn.ModuleList(
            nn.Linear(sensitive if reads else 0, features) if reads and sensitive else nn.Identity()
            for reads in reads_sensitive
        )
        self.heads = nn.ModuleList(
            nn.Sequential(nn.SiLU(), nn.Linear(features, hidden), nn.SiLU(), nn.Linear(hidden, outputs))
            for _ in reads_sensitive
        )

    def forward(self, tokens: Tensor, sensitive: Tensor, wanted: Sequence[int] | None = None) -> list[Tensor]:
        """Gives what some heads say, ``(batch, outputs)`` each.

        Args:
            tokens: Drawn columns ``(batch, columns)``.
            sensitive: Sensitive features ``(batch, sensitive)``.
            wanted: Numbers of the heads; None for all.
        """
        columns = self.columns(tokens)
        return [self._head(number, columns, sensitive) for number in wanted or range(len(self.heads))]

    def _head(self, number: int, columns: Tensor, sensitive: Tensor) -> Tensor:
        shift = self.shifts[number]
        return self.heads[number](columns + shift(sensitive) if isinstance(shift, nn.Linear) else columns)
