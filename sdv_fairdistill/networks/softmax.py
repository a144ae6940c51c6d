"""One small softmax network a column, all columns in a few batched products."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ['ColumnSoftmax']


class ColumnSoftmax(nn.Module):
    r"""Log-probabilities of every column from a state of its own.

    Column :math:`c` computes :math:`\mathrm{softmax}(V_c\,\phi(W_c h_c + a_c) + b_c)`. Neighbours of similar
    cardinality share one batched product, so that a hundred columns cost a few calls, and one column with many levels
    does not widen the others.

    Args:
        cardinalities: Number of tokens of each column.
        features: Size of a column's state.
        hidden: Size of a column's hidden layer.
    """

    def __init__(self, cardinalities: list[int], features: int, hidden: int) -> None:
        super().__init__()
        self.cardinalities = list(cardinalities)
        self.blocks = _similar(cardinalities)
        columns = len(cardinalities)
        self.hidden_weight = nn.Parameter(torch.randn(columns, features, hidden) / math.sqrt(features))
        self.hidden_bias = nn.Parameter(torch.zeros(columns, 1, hidden))
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for number, block in enumerate(self.blocks):
            widths = torch.tensor(cardinalities[block])
            size, width = len(widths), int(widths.max())
            self.weights.append(nn.Parameter(torch.randn(size, hidden, width) / (2 * math.sqrt(hidden))))
            self.biases.append(nn.Parameter(torch.zeros(size, 1, width)))
            padding = torch.zeros(size, 1, width)
            padding[torch.arange(width) >= widths[:, None, None]] = -torch.inf
            self.register_buffer(f'padding_{number}', padding, persistent=False)

    def forward(self, states: Tensor) -> list[Tensor]:
        """Gives the log-probabilities, one tensor a block of columns.

        Args:
            states: ``(columns, batch, features)``.

        Returns:
            For each of ``self.blocks`` a tensor ``(columns of the block, batch, width)``, padded with ``-inf``.
        """
        hidden = torch.relu(torch.baddbmm(self.hidden_bias, states, self.hidden_weight))
        result = []
        for number, block in enumerate(self.blocks):
            bias = self.biases[number] + getattr(self, f'padding_{number}')
            result.append(torch.baddbmm(bias, hidden[block], self.weights[number]).log_softmax(-1))
        return result

    def column(self, index: int, state: Tensor) -> Tensor:
        """Gives the probabilities ``(batch, cardinality)`` of one column from its state ``(batch, features)``."""
        number = next(n for n, block in enumerate(self.blocks) if index < block.stop)
        place = index - self.blocks[number].start
        width = self.cardinalities[index]
        hidden = torch.relu(torch.addmm(self.hidden_bias[index], state, self.hidden_weight[index]))
        logits = torch.addmm(self.biases[number][place, :, :width], hidden, self.weights[number][place, :, :width])
        return logits.softmax(-1)


def _similar(cardinalities: list[int], ratio: float = 2.0) -> list[slice]:
    """Cuts the columns into runs in which no cardinality is more than ``ratio`` times another."""
    starts, least, most = [], 0, 0
    for column, cardinality in enumerate(cardinalities):
        least, most = min(least, cardinality), max(most, cardinality)
        if not starts or most > ratio * least:
            starts.append(column)
            least = most = cardinality
    return [slice(begin, end) for begin, end in pairwise([*starts, len(cardinalities)])]
