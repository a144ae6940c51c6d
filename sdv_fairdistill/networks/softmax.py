"""One small softmax network a column, all columns in a few batched products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from sdv_fairdistill.networks.places import FUNCTIONS, places

__all__ = ['UNSEEN', 'ColumnSoftmax']

UNSEEN = 0.5  # times that a token which never occurs counts as seen: its logarithm must be a number
_PADDING = -1e4  # a logit whose probability is exactly 0, and whose log-probability is still a number


class ColumnSoftmax(nn.Module):
    r"""Log-probabilities of every column from a state of its own.

    Column :math:`c` computes :math:`\mathrm{softmax}(V_c\,\phi(W_c h_c + a_c) + b_c)`. The output layers of neighbours
    of similar cardinality share one batched product, so that a hundred columns cost a few calls, and one column with
    many levels does not widen the others.

    Args:
        cardinalities: Number of tokens of each column.
        features: Size of a column's state.
        hidden: Size of a column's hidden layer.
        bins: How many tokens of each column, the first ones, are in order; none of any if empty.
        most: Columns that share a product at most; 0 for any number.
    """

    def __init__(
        self, cardinalities: list[int], features: int, hidden: int, bins: Sequence[int] = (), most: int = 0
    ) -> None:
        super().__init__()
        self.cardinalities = list(cardinalities)
        self.blocks = _similar(cardinalities, most)
        self.hidden = nn.ModuleList(nn.Linear(features, hidden) for _ in cardinalities)
        for layer in self.hidden:
            nn.init.normal_(layer.weight, std=features**-0.5)
            nn.init.zeros_(layer.bias)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        self.smooth = nn.ParameterDict()
        for number, block in enumerate(self.blocks):
            widths = torch.tensor(cardinalities[block])
            size, width = len(widths), int(widths.max())
            self.weights.append(nn.Parameter(torch.randn(size, hidden, width) / (4 * math.sqrt(hidden))))
            self.biases.append(nn.Parameter(torch.zeros(size, 1, width)))
            if any(many > 1 for many in bins[block]):
                self.smooth[str(number)] = nn.Parameter(torch.zeros(size, hidden, FUNCTIONS))
                placed = [places(*given).T for given in zip(cardinalities[block], bins[block], strict=True)]
                self.register_buffer(f'places_{number}', self._stacked(placed, width), persistent=False)
            padding = torch.zeros(size, 1, width)
            padding[torch.arange(width) >= widths[:, None, None]] = _PADDING
            self.register_buffer(f'padding_{number}', padding, persistent=False)

    @torch.no_grad()
    def start_at(self, counts: Sequence[Tensor]) -> None:
        """Starts every column at the shares of its tokens, of which counts ``(cardinality,)`` are given."""
        for block, biases in zip(self.blocks, self.biases, strict=True):
            for bias, column in zip(biases, counts[block], strict=True):
                shares = (column + UNSEEN) / (column + UNSEEN).sum()
                bias[0, : len(column)] = shares.log()

    def hidden_of(self, index: int, state: Tensor) -> Tensor:
        """Gives the hidden layer ``(batch, hidden)`` of one column from its state ``(batch, features)``."""
        return torch.relu(self.hidden[index](state))

    def forward(self, number: int, hidden: Sequence[Tensor], shifts: Sequence[Tensor | None] = ()) -> Tensor:
        """Gives the log-probabilities of a block of columns.

        Args:
            number: Number of the block, among ``self.blocks``.
            hidden: The hidden layer ``(batch, hidden)`` of each of its columns.
            shifts: What is added to the logits ``(batch, cardinality)`` of each; None adds nothing, as leaving all out.

        Returns:
            ``(columns, batch, width)``; the probability of what pads them is 0.
        """
        bias = self.biases[number] + getattr(self, f'padding_{number}')
        if any(shift is not None for shift in shifts):
            bias = bias + self._stacked(shifts, bias.shape[2])
        return torch.baddbmm(bias, torch.stack(hidden), self._weights_of(number)).log_softmax(-1)

    def negative_log_likelihood(self, number: int, log_probabilities: Tensor, tokens: Tensor) -> Tensor:
        """Gives the negative log-likelihood of a block's tokens ``(batch,)``, summed over its columns.

        Args:
            number: Number of the block.
            log_probabilities: What :meth:`forward` gave for it.
            tokens: ``(batch, columns)``, of all columns.
        """
        own = tokens[:, self.blocks[number]].T
        return -log_probabilities.gather(2, own[..., None]).sum((0, 2))

    def parameters_of(self, number: int) -> list[nn.Parameter]:
        """Gives the parameters of the columns of a block."""
        layers = [self.hidden[column] for column in range(len(self.hidden))[self.blocks[number]]]
        result = [parameter for layer in layers for parameter in (layer.weight, layer.bias)]
        result += [self.weights[number], self.biases[number]]
        return result + ([self.smooth[str(number)]] if str(number) in self.smooth else [])

    def _weights_of(self, number: int) -> Tensor:
        """Gives the output weights ``(columns, hidden, width)`` of a block."""
        own = self.weights[number]
        if str(number) not in self.smooth:
            return own
        return torch.baddbmm(own, self.smooth[str(number)], getattr(self, f'places_{number}'))

    def column(self, index: int, state: Tensor, shift: Tensor | None = None) -> Tensor:
        """Gives the probabilities of one column.

        Args:
            index: Number of the column.
            state: Its state ``(batch, features)``.
            shift: What is added to its logits ``(batch, cardinality)``.

        Returns:
            ``(batch, cardinality)``.
        """
        weight, bias = self.output_of(index)
        bias = bias if shift is None else bias + shift
        return torch.addmm(bias, self.hidden_of(index, state), weight).softmax(-1)

    def output_of(self, index: int) -> tuple[Tensor, Tensor]:
        """Gives the output layer of one column: weights ``(hidden, cardinality)``, biases ``(1, cardinality)``."""
        number, part = self._part(index)
        weight, bias = self.weights[number][part], self.biases[number][part]
        if str(number) in self.smooth:
            weight = weight + self.smooth[str(number)][part[0]] @ getattr(self, f'places_{number}')[part]
        return weight, bias

    @torch.no_grad()
    def start_output_at(self, index: int, weight: Tensor, bias: Tensor) -> None:
        """Starts the output layer of one column at what :meth:`output_of` is to give."""
        number, part = self._part(index)
        self.weights[number][part], self.biases[number][part] = weight, bias
        if str(number) in self.smooth:
            self.smooth[str(number)][part[0]] = 0.0

    def _part(self, index: int) -> tuple[int, tuple[int, slice, slice]]:
        """Gives the number of a column's block, and which part of the block's output layers is its own."""
        number = next(n for n, block in enumerate(self.blocks) if index < block.stop)
        return number, (index - self.blocks[number].start, slice(None), slice(self.cardinalities[index]))

    def in_blocks(self, probabilities: Sequence[Tensor]) -> list[Tensor]:
        """Puts the probabilities ``(batch, cardinality)`` of every column into blocks, padded with 0."""
        return [self._stacked(probabilities[block], max(self.cardinalities[block])) for block in self.blocks]

    @staticmethod
    def _stacked(columns: Sequence[Tensor | None], width: int) -> Tensor:
        """Stacks columns ``(batch, cardinality)``, padded with 0: ``(columns, batch, width)``. None is all 0."""
        given = next(column for column in columns if column is not None)
        nothing = given.new_zeros(len(given), 0)
        columns = [nothing if column is None else column for column in columns]
        return torch.stack([pad(column, (0, width - column.shape[1])) for column in columns])


def _similar(cardinalities: list[int], longest: int = 0, ratio: float = 2.0) -> list[slice]:
    """Cuts the columns into runs in which no cardinality is more than ``ratio`` times another; 0 allows any length."""
    starts, least, most = [], 0, 0
    for column, cardinality in enumerate(cardinalities):
        least, most = min(least, cardinality), max(most, cardinality)
        if not starts or most > ratio * least or column - starts[-1] == longest > 0:
            starts.append(column)
            least = most = cardinality
    return [slice(begin, end) for begin, end in pairwise([*starts, len(cardinalities)])]
