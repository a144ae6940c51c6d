"""The embedding of a row of tokens: one table for all columns, and smooth functions of the places of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from sdv_fairdistill.networks.places import FUNCTIONS, OWN_SPREAD, places, start_smooth

__all__ = ['RowEmbedding']


class RowEmbedding(nn.Module):
    """Embeds every token of a row with one table, and adds them up.

    Args:
        cardinalities: Number of tokens of each column.
        features: Size of an embedding.
        bins: How many tokens of each column, the first ones, are in order; none of any if empty.
    """

    def __init__(self, cardinalities: list[int], features: int, bins: Sequence[int] = ()) -> None:
        super().__init__()
        offsets = torch.tensor([0, *cardinalities]).cumsum(0)[: len(cardinalities)]
        self.register_buffer('offsets', offsets, persistent=False)
        self.table = nn.Embedding(sum(cardinalities), features)
        spread = max(len(cardinalities), 1) ** -0.5
        nn.init.normal_(self.table.weight, std=spread)
        self.smooth = None
        self.placed = [column for column, many in enumerate(bins) if many > 1]
        if self.placed:
            of_tokens = torch.cat([places(*given) for given in zip(cardinalities, bins, strict=True)])
            self.register_buffer('places', of_tokens, persistent=False)
            self.smooth = nn.Parameter(torch.empty(features, len(self.placed), FUNCTIONS))
            start_smooth(self.smooth, spread)
            with torch.no_grad():
                self.table.weight[of_tokens.any(1)] *= OWN_SPREAD

    def forward(self, tokens: Tensor) -> Tensor:
        """Gives the sum ``(batch, features)`` of the embeddings of tokens ``(batch, columns)``."""
        if not tokens.shape[1]:
            return self.table.weight.new_zeros(len(tokens), self.table.embedding_dim)
        tokens = tokens + self.offsets
        own = embedding_bag(tokens, self.table.weight, mode='sum')
        if self.smooth is None:
            return own
        return torch.addmm(own, self.places[tokens[:, self.placed]].flatten(1), self.smooth.flatten(1).T)

    def all_tokens(self) -> Tensor:
        """Gives the embeddings ``(tokens of all columns, features)`` of all tokens."""
        result = self.table.weight.clone()
        begins = [*self.offsets.tolist(), len(result)]
        for number, column in enumerate(self.placed):
            tokens = slice(begins[column], begins[column + 1])
            result[tokens] += self.places[tokens] @ self.smooth[:, number].T
        return result

    @torch.no_grad()
    def start_at(self, embeddings: Tensor) -> None:
        """Starts the first features at embeddings ``(tokens of all columns, …)`` of all tokens."""
        self.table.weight[:, : embeddings.shape[1]] = embeddings
        if self.smooth is not None:
            self.smooth[: embeddings.shape[1]] = 0.0
