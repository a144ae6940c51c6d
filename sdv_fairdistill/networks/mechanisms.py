"""The network of causal mechanisms: p(column | its causes), for several columns side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sdv_fairdistill.networks.embedding import RowEmbedding

__all__ = ['MechanismSizes', 'Mechanisms']


@dataclass(frozen=True)
class MechanismSizes:
    """Sizes of a :class:`Mechanisms`.

    Attributes:
        cardinalities: Number of tokens of every column of the table.
        ordered: Whether each column's tokens are in ascending order.
        parents: For each column with a mechanism, by position, the positions of its causes.
        features: Size of an embedding.
        hidden: Size of a mechanism's hidden layer.
    """

    cardinalities: tuple[int, ...]
    ordered: tuple[bool, ...]
    parents: dict[int, tuple[int, ...]]
    features: int
    hidden: int


class Mechanism(nn.Module):
    """The distribution of one column given its causes, and nothing else.

    Causes enter by their tokens; those in order also by how far along they are, so that neighbours say alike things.

    Args:
        sizes: Sizes of the network.
        column: Position of the column.
    """

    def __init__(self, sizes: MechanismSizes, column: int) -> None:
        super().__init__()
        causes = sizes.parents[column]
        in_order = [cause for cause in causes if sizes.ordered[cause]]
        scale = [max(sizes.cardinalities[cause] - 1, 1) for cause in in_order]
        self.register_buffer('causes', torch.tensor(causes, dtype=torch.long), persistent=False)
        self.register_buffer('ordered', torch.tensor(in_order, dtype=torch.long), persistent=False)
        self.register_buffer('scale', torch.tensor(scale, dtype=torch.float32), persistent=False)
        self.tokens = RowEmbedding([sizes.cardinalities[c] for c in causes], sizes.features)
        self.places = nn.Linear(2 * len(scale), sizes.features) if scale else None
        self.first = nn.Linear(sizes.features, sizes.hidden)
        self.out = nn.Linear(sizes.hidden, sizes.cardinalities[column])

    def forward(self, rows: Tensor) -> Tensor:
        """Gives log-probabilities ``(batch, tokens)``; of rows ``(batch, columns)`` only the causes are looked at."""
        hidden = self.tokens(rows[:, self.causes])
        if self.places is not None:
            along = rows[:, self.ordered].float() / self.scale - 0.5
            hidden = hidden + self.places(torch.cat([along, along.square()], 1))
        hidden = nn.functional.silu(self.first(nn.functional.silu(hidden)))
        return self.out(hidden).log_softmax(1)


class Mechanisms(nn.Module):
    """A :class:`Mechanism` for each of several columns.

    Args:
        sizes: Sizes of the network.
    """

    def __init__(self, sizes: MechanismSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.of_column = nn.ModuleDict({str(column): Mechanism(sizes, column) for column in sizes.parents})

    def forward(self, column: int, rows: Tensor) -> Tensor:
        """Gives the log-probabilities ``(batch, tokens)`` of a column, given rows ``(batch, columns)``."""
        return self.of_column[str(column)](rows)

    @torch.no_grad()
    def start_at(self, counts: Sequence[Tensor]) -> None:
        """Starts every column at the shares of its tokens, of which counts ``(cardinality,)`` are given for all."""
        for column in self.sizes.parents:
            shares = counts[column] + 0.5
            self.of_column[str(column)].out.bias.copy_((shares / shares.sum()).log())
            self.of_column[str(column)].out.weight.mul_(0.1)
