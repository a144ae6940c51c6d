"""The autoregressive decoder p(x | z, s, label, view)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from sdv_fairdistill.helpers.gradients import ahead, cut
from sdv_fairdistill.networks.dropout import Dropout
from sdv_fairdistill.networks.links import Link, Links
from sdv_fairdistill.networks.places import PlacedEmbedding
from sdv_fairdistill.networks.softmax import ColumnSoftmax

__all__ = ['Decoder']


class Decoder(nn.Module):
    r"""Draws a row column by column, each from its predecessors and a context.

    The state of column :math:`c` is :math:`h_c = \phi(f(u) + \sum_{j<c} E_j[x_j])` with the context
    :math:`u`, as in NADE (Larochelle and Murray, 2011; Uria et al., 2016). One pass gives the
    log-probabilities of all columns; drawing costs one small product a column. Logits begin at what the
    links say.

    The columns are gone through one by one in training too: the states of one column fit a processor's cache, while one
    tensor of all of them spends most of a step on moving memory.

    Args:
        cardinalities: Number of tokens of each column, in the order in which they are drawn.
        context: Size of the context vector.
        features: Size of the running sum.
        hidden: Size of each column's own hidden layer.
        dropout: Share of a state's features hidden in training.
        classes: Number of classes of labels that join on the way; 0 if none do.
        links: What single columns say about later ones.
        bins: How many tokens of each column, the first ones, are in order; none of any if empty.
        block: Columns that share a product at most; 0 for any number.
    """

    def __init__(
        self,
        cardinalities: list[int],
        context: int,
        features: int,
        hidden: int,
        dropout: float = 0.0,
        classes: int = 0,
        links: Sequence[Link] = (),
        bins: Sequence[int] = (),
        block: int = 0,
    ) -> None:
        super().__init__()
        self.columns = len(cardinalities)
        self.context = nn.Sequential(nn.Linear(context, features), nn.SiLU(), nn.Linear(features, features))
        bins, spread = bins or [0] * self.columns, max(self.columns - 1, 1) ** -0.5
        self.embeddings = nn.ModuleList(
            PlacedEmbedding(size, features, in_order, spread)
            for size, in_order in zip(cardinalities[:-1], bins[:-1], strict=True)
        )
        self.softmax = ColumnSoftmax(cardinalities, features, hidden, bins, block)
        self.links = Links(links)
        self.dropout = Dropout(dropout)
        self.label = nn.Embedding(classes, features) if classes else None

    def forward(
        self,
        tokens: Tensor,
        context: Tensor,
        label: Tensor | None = None,
        joins: Mapping[int, Tensor] | None = None,
    ) -> list[Tensor]:
        """Gives the log-probabilities of every column, given the true tokens of its predecessors.

        Args:
            tokens: ``(batch, columns)``.
            context: ``(batch, context)``.
            label: Classes ``(batch,)`` that join the running sum on the way; None if the context holds them all.
            joins: By number of a column, the rows whose label joins before it, booleans ``(batch,)``.

        Returns:
            The blocks of :class:`ColumnSoftmax`; none without columns.
        """
        if not self.columns:
            return []
        running = list(self.running(tokens, context, label, joins or {}))
        return [self._block(number, running, tokens) for number in range(len(self.softmax.blocks))]

    def loss(
        self,
        tokens: Tensor,
        context: Tensor,
        label: Tensor,
        joins: Mapping[int, Tensor],
        loss_of: Callable[[int, Tensor], Tensor],
    ) -> Tensor:
        """Gives a loss of the log-probabilities of all columns, a scalar; see :meth:`forward`.

        Each block's gradients are computed while other losses are.

        Args:
            tokens: ``(batch, columns)``.
            context: ``(batch, context)``.
            label: Classes ``(batch,)`` that join the running sum on the way.
            joins: By number of a column, the rows whose label joins before it, booleans ``(batch,)``.
            loss_of: Gives the loss of a block of columns, a scalar, from its number and its log-probabilities
                ``(columns, batch, width)``.
        """
        if not self.columns:
            return context.new_zeros(())
        running = list(self.running(tokens, context, label, joins))
        own, losses = [cut(state) for state in running], []
        for number, block in enumerate(self.softmax.blocks):
            loss = loss_of(number, self._block(number, own, tokens))
            losses.append(ahead(loss, running[block], own[block], self.softmax.parameters_of(number)))
        return torch.stack(losses).sum()

    def running(
        self, tokens: Tensor, context: Tensor, label: Tensor | None, joins: Mapping[int, Tensor]
    ) -> Iterator[Tensor]:
        """Gives the running sum ``(batch, features)`` before each column; see :meth:`forward`."""
        running = self.begin(context)
        for column, drawn in enumerate(tokens.T.contiguous()):
            if column in joins:
                running = self.join(running, label, joins[column])
            yield running
            running = self.advance(column, running, drawn)

    def _block(self, number: int, running: Sequence[Tensor], tokens: Tensor) -> Tensor:
        """Gives the log-probabilities of a block of columns from the running sums before all."""
        columns = range(self.columns)[self.softmax.blocks[number]]
        hidden = [self.softmax.hidden_of(column, self.dropout(torch.relu(running[column]))) for column in columns]
        return self.softmax(number, hidden, [self.links.of(column, tokens) for column in columns])

    def negative_log_likelihood(self, blocks: Sequence[Tensor], tokens: Tensor) -> Tensor:
        """Gives the negative log-likelihood ``(batch,)`` of tokens under what :meth:`forward` gave for them."""
        parts = (self.softmax.negative_log_likelihood(number, block, tokens) for number, block in enumerate(blocks))
        return sum(parts, start=torch.zeros(len(tokens), device=tokens.device))

    def begin(self, context: Tensor) -> Tensor:
        """Gives the running sum ``(batch, features)`` before the first column."""
        return self.context(context)

    def probabilities(self, index: int, running: Tensor, tokens: Tensor) -> Tensor:
        """Gives the probabilities of one column from what comes before it.

        Args:
            index: Number of the column.
            running: The running sum before it ``(batch, features)``.
            tokens: ``(batch, columns)``; only those before it matter.

        Returns:
            ``(batch, cardinality)``.
        """
        return self.softmax.column(index, torch.relu(running), self.links.of(index, tokens))

    def join(self, running: Tensor, label: Tensor, rows: Tensor) -> Tensor:
        """Adds the labels ``(batch,)`` of some rows, given as booleans ``(batch,)``, to the running sum."""
        return running if self.label is None else running + self.label(label) * rows[:, None]

    def advance(self, index: int, running: Tensor, tokens: Tensor) -> Tensor:
        """Adds the drawn tokens ``(batch,)`` of one column to the running sum; the last column adds nothing."""
        return running if index == self.columns - 1 else running + self.embeddings[index](tokens)
