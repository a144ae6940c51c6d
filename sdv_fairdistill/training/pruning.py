"""The student's start: its teacher, pruned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from sdv_fairdistill.networks.decoder import Decoder
from sdv_fairdistill.networks.encoder import Encoder
from sdv_fairdistill.networks.fair_vae import FairVAE
from sdv_fairdistill.networks.heads import LabelHead
from sdv_fairdistill.training.tables import DrawnRows

__all__ = ['prune']

RIDGE = 1e-3  # of the mean variance of the inputs
_TINY = 1e-9


class _Rows(NamedTuple):
    """Rows as a :class:`FairVAE` decodes them; see :class:`DrawnRows`."""

    tokens: Tensor
    latent: Tensor
    sensitive: Tensor
    label: Tensor
    view: Tensor


@torch.no_grad()
def prune(teacher: FairVAE, student: FairVAE, drawn: Sequence[DrawnRows]) -> None:
    """Starts a student as a part of its teacher.

    Of each layer those features are kept from which the others follow best, chosen one by one (greedy column subset
    selection; Farahat, Ghodsi and Kamel, 2011), and the weights that read them are what least squares give for the
    teacher's next layer on some rows (channel pruning; He, Zhang and Sun, 2017). Before its first step such a student
    is .095 from Adult's teacher in what is decoded (KL divergence, nats a row), and .032 after 96 steps; from random
    weights 256 steps left .056.

    Where a layer of the student is wider than the teacher's, the features that it has more stay as they are.

    Args:
        teacher: The trained teacher.
        student: A network with the same inputs and outputs, and the same columns in a block.
        drawn: Batches of rows that the teacher has drawn.
    """
    rows = _Rows(*(torch.cat([getattr(batch, part) for batch in drawn]) for part in _Rows._fields))
    _prune_encoder(teacher.encoder, student.encoder, rows)
    for head, own in zip(teacher.heads.heads, student.heads.heads, strict=True):
        _prune_head(head, own, rows)
    if teacher.decoder.columns:
        _prune_decoder(teacher, student, rows)


def _prune_encoder(encoder: Encoder, own: Encoder, rows: _Rows) -> None:
    given = rows.tokens, rows.sensitive
    first, second, last = silu(encoder.begin(*given)), encoder.network[2], encoder.network[4]
    middle = second(first)
    means = last.weight[: len(last.weight) // 2]
    inner = _chosen([(silu(middle), means)], own.network[2].out_features)
    outer = _chosen([(first, second.weight[inner])], own.network[2].in_features)
    own.embedding.start_at(encoder.embedding.all_tokens()[:, outer])
    if own.sensitive is not None:
        _copy(encoder.sensitive, own.sensitive, outer)
    own_first = silu(own.begin(*given))
    _reconstruct(own.network[2], own_first, middle[:, inner])
    _reconstruct(own.network[4], silu(own.network[2](own_first)), last(silu(middle)))


def _prune_head(head: LabelHead, own: LabelHead, rows: _Rows) -> None:
    given = rows.latent, rows.sensitive, rows.tokens
    between, own_between = head.out[1:-1:2], own.out[1:-1:2]
    states = [head.begin(*given)]
    for layer in between:
        states.append(layer(silu(states[-1])))
    weights = head.out[-1].weights()
    kept, inner = _chosen([(silu(states[-1]), weights - weights.mean(0))], len(own.bias)), []
    for layer, state in zip(reversed(between), reversed(states[:-1]), strict=True):
        inner.insert(0, kept)
        kept = _chosen([(silu(state), layer.weight[kept])], len(own.bias))
    own.bias[: len(kept)] = head.bias[kept]
    for part in ('latent', 'sensitive'):
        if getattr(own, part) is not None:
            _copy(getattr(head, part), getattr(own, part), kept)
    if own.columns is not None:
        own.columns.start_at(head.columns.all_tokens()[:, kept])
    own_hidden = silu(own.begin(*given))
    for layer, state, features in zip(own_between, states[1:], inner, strict=True):
        _reconstruct(layer, own_hidden, state[:, features])
        own_hidden = silu(layer(own_hidden))
    weight, bias = _least_squares(own_hidden, _centred(head.out[-1](silu(states[-1]))))
    own.out[-1].start_at(weight.T, bias)


def _prune_decoder(teacher: FairVAE, student: FairVAE, rows: _Rows) -> None:
    whole, own = teacher.decoder, student.decoder
    readers = zip(
        map(torch.relu, teacher.running(*rows)), (layer.weight for layer in whole.softmax.hidden), strict=True
    )
    kept = _chosen(readers, own.context[2].out_features)  # the sums come again below: all at once take much memory
    _prune_context(whole, own, teacher.context(*rows[1:]), kept)
    for embedding, small in zip(whole.embeddings, own.embeddings, strict=True):
        small.start_at(embedding.all_tokens()[:, kept])
    if own.label is not None:
        own.label.weight[:, : len(kept)] = whole.label.weight[:, kept]
    for column, states in enumerate(zip(teacher.running(*rows), student.running(*rows), strict=True)):
        _prune_column(whole, own, column, *map(torch.relu, states))


def _prune_context(whole: Decoder, own: Decoder, context: Tensor, kept: Tensor) -> None:
    """Prunes the layers that make the running sum before the first column, of which some features are kept."""
    hidden, last = whole.context[:2](context), whole.context[2]
    inner = _chosen([(hidden, last.weight[kept])], own.context[0].out_features)
    _copy(whole.context[0], own.context[0], inner)
    _reconstruct(own.context[2], own.context[:2](context), last(hidden)[:, kept])


def _prune_column(whole: Decoder, own: Decoder, column: int, state: Tensor, own_state: Tensor) -> None:
    """Prunes the layers of one column, given its state ``(rows, features)`` in teacher and student."""
    hidden = whole.softmax.hidden[column](state)
    weight, bias = whole.softmax.output_of(column)
    layer = own.softmax.hidden[column]
    kept = _chosen([(torch.relu(hidden), _centred(weight).T)], layer.out_features)
    _reconstruct(layer, own_state, hidden[:, kept])
    logits = _centred(torch.relu(hidden) @ weight + bias)
    own.softmax.start_output_at(column, *_least_squares(own.softmax.hidden_of(column, own_state), logits))


def _chosen(readers: Iterable[tuple[Tensor, Tensor]], count: int) -> Tensor:
    """Chooses features of a layer from which the others follow best in a straight line.

    Args:
        readers: What the layer gives ``(rows, features)``, and the weights ``(outputs, features)`` of a layer that
            reads it, for each that does: a feature counts as much as the weights make of it.
        count: How many to choose, at most.

    Returns:
        Their numbers, in order.
    """
    left = None
    for features, weights in readers:
        scaled = (features - features.mean(0)) * weights.norm(dim=0)
        together = (scaled.T @ scaled).double() / len(scaled)
        left = together if left is None else left + together
    open_ = torch.ones(len(left), dtype=torch.bool, device=left.device)
    least = _TINY * left.diagonal().max()
    for _ in range(min(count, len(left))):
        variance = left.diagonal()
        explained = left.square().sum(0) / variance.clamp_min(least + _TINY)
        best = explained.masked_fill(~open_, -1).argmax()
        open_[best] = False
        if variance[best] > least:
            left = left - torch.outer(left[:, best], left[best]) / variance[best]
    return (~open_).nonzero()[:, 0]


def _least_squares(inputs: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
    """Gives weights ``(inputs, outputs)`` and biases ``(outputs,)`` with which inputs give outputs, both of rows."""
    mean, wanted = inputs.mean(0), outputs.mean(0)
    centred = inputs - mean
    squares = (centred.T @ centred).double()
    squares.diagonal().add_(RIDGE * squares.diagonal().mean() + _TINY)
    weight = torch.linalg.solve(squares, (centred.T @ (outputs - wanted)).double()).to(inputs.dtype)
    return weight, wanted - mean @ weight


def _reconstruct(layer: nn.Linear, inputs: Tensor, outputs: Tensor) -> None:
    """Sets the first outputs of a layer to those wanted of its inputs, as far as least squares can."""
    weight, bias = _least_squares(inputs, outputs)
    layer.weight[: len(bias)], layer.bias[: len(bias)] = weight.T, bias


def _copy(layer: nn.Linear, own: nn.Linear, kept: Tensor) -> None:
    """Gives a layer the outputs of another that are kept."""
    own.weight[: len(kept)] = layer.weight[kept]
    if own.bias is not None:
        own.bias[: len(kept)] = layer.bias[kept]


def _centred(logits: Tensor) -> Tensor:
    """Moves logits ``(…, classes)`` so that they sum to 0, which changes no probability."""
    return logits - logits.mean(-1, keepdim=True)
