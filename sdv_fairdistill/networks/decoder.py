"""The autoregressive decoder p(x | z, s, label, view)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sdv_fairdistill.networks.embedding import RowEmbedding
from sdv_fairdistill.networks.softmax import ColumnSoftmax

__all__ = ['Decoder']


class Decoder(nn.Module):
    r"""Draws a row column by column, each from its predecessors and a context.

    The state of column :math:`c` is :math:`h_c = \phi(f(u) + \sum_{j<c} E_j[x_j])` with the context
    :math:`u`, as in NADE (Larochelle and Murray, 2011; Uria et al., 2016). One pass gives the
    log-probabilities of all columns; drawing costs one small product a column.

    Args:
        cardinalities: Number of tokens of each column, in the order in which they are drawn.
        context: Size of the context vector.
        features: Size of the running sum.
        hidden: Size of each column's own hidden layer.
        dropout: Share of a state's features hidden in training.
        classes: Number of classes of labels that join on the way; 0 if none do.
    """

    def __init__(
        self,
        cardinalities: list[int],
        context: int,
        features: int,
        hidden: int,
        dropout: float = 0.0,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.columns = len(cardinalities)
        self.context = nn.Sequential(nn.Linear(context, features), nn.SiLU(), nn.Linear(features, features))
        self.embedding = RowEmbedding(cardinalities[:-1], features)
        self.softmax = ColumnSoftmax(cardinalities, features, hidden)
        self.dropout = nn.Dropout(dropout)
        self.label = nn.Embedding(classes, features) if classes else None

    def forward(
        self, tokens: Tensor, context: Tensor, label: Tensor | None = None, position: Tensor | None = None
    ) -> list[Tensor]:
        """Gives the log-probabilities of every column, given the true tokens of its predecessors.

        Args:
            tokens: ``(batch, columns)``.
            context: ``(batch, context)``.
            label: Classes ``(batch,)`` that join the running sum on the way; None if the context holds them all.
            position: The column before which each row's label joins ``(batch,)``; 0 and the number of columns for
                never.

        Returns:
            The blocks of :class:`ColumnSoftmax`; none without columns.
        """
        if not self.columns:
            return []
        terms = torch.cat([self.begin(context)[None], self.embedding(tokens[:, :-1])])
        if label is not None and position is not None:
            late = ((position > 0) & (position < self.columns)).nonzero().squeeze(1)
            terms = terms.index_put((position[late], late), self.label(label[late]), accumulate=True)
        return self.softmax(self.dropout(torch.relu(_RunningSum.apply(terms))))

    def negative_log_likelihood(self, blocks: Sequence[Tensor], tokens: Tensor) -> Tensor:
        """Gives the negative log-likelihood ``(batch,)`` of tokens under what :meth:`forward` gave for them."""
        total = torch.zeros(len(tokens), device=tokens.device)
        for columns, log_probabilities in zip(self.softmax.blocks, blocks, strict=True):
            total = total - log_probabilities.gather(2, tokens[:, columns].T[..., None]).sum((0, 2))
        return total

    def begin(self, context: Tensor) -> Tensor:
        """Gives the running sum ``(batch, features)`` before the first column."""
        return self.context(context)

    def probabilities(self, index: int, running: Tensor) -> Tensor:
        """Gives the probabilities ``(batch, cardinality)`` of one column from the running sum before it."""
        return self.softmax.column(index, torch.relu(running))

    def join(self, running: Tensor, label: Tensor, rows: Tensor) -> Tensor:
        """Adds the labels ``(batch,)`` of some rows, given as booleans ``(batch,)``, to the running sum."""
        return running if self.label is None else running + self.label(label) * rows[:, None]

    def advance(self, index: int, running: Tensor, tokens: Tensor) -> Tensor:
        """Adds the drawn tokens ``(batch,)`` of one column to the running sum; the last column adds nothing."""
        return running if index == self.columns - 1 else running + self.embedding.column(index, tokens)


class _RunningSum(torch.autograd.Function):
    """The cumulative sum over the first dimension, in place; several times faster than ``cumsum`` there."""

    @staticmethod
    def forward(context: Any, terms: Tensor) -> Tensor:
        result = terms.clone()
        for index in range(1, len(result)):
            result[index] += result[index - 1]
        return result

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        result = gradient.clone()
        for index in range(len(result) - 2, -1, -1):
            result[index] += result[index + 1]
        return result
