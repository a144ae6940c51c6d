"""The embedding of a row of tokens: one table for all columns."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

__all__ = ['RowEmbedding']


class RowEmbedding(nn.Module):
    """Embeds every token of a row with one table, and adds them up.

    Args:
        cardinalities: Number of tokens of each column.
        features: Size of an embedding.
    """

    def __init__(self, cardinalities: list[int], features: int) -> None:
        super().__init__()
        offsets = torch.tensor([0, *cardinalities]).cumsum(0)[: len(cardinalities)]
        self.register_buffer('offsets', offsets, persistent=False)
        self.table = nn.Embedding(sum(cardinalities), features)
        nn.init.normal_(self.table.weight, std=max(len(cardinalities), 1) ** -0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Gives the sum ``(batch, features)`` of the embeddings of tokens ``(batch, columns)``."""
        if not tokens.shape[1]:
            return self.table.weight.new_zeros(len(tokens), self.table.embedding_dim)
        return embedding_bag(tokens + self.offsets, self.table.weight, mode='sum')
