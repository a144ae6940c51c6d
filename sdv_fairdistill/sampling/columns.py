"""Drawing tokens column by column from a decoder."""

from __future__ import annotations

import torch
from torch import Tensor

from sdv_fairdistill.networks.decoder import Decoder
from sdv_fairdistill.sampling.even import even_uniforms

__all__ = ['class_at', 'draw_class', 'draw_columns']


def draw_class(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """Draws a class ``(batch,)`` from each row of probabilities ``(batch, classes)`` by its inverse distribution."""
    uniform = torch.rand(len(probabilities), 1, generator=generator, device=probabilities.device)
    return class_at(probabilities, uniform)


def class_at(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Gives the class ``(batch,)`` at which a distribution ``(batch, classes)`` passes a number ``(batch, 1)`` in [0, 1)."""
    cumulative = probabilities.cumsum(1)
    place = torch.searchsorted(cumulative, uniform * cumulative[:, -1:], right=True).squeeze(1)
    return place.clamp_max(probabilities.shape[1] - 1)


def draw_columns(
    decoder: Decoder, context: Tensor, generator: torch.Generator, blocks: Tensor | None = None
) -> Tensor:
    """Draws all columns.

    Args:
        decoder: The decoder.
        context: ``(batch, context)``.
        generator: Draws the tokens.
        blocks: Blocks of rows ``(batch,)`` inside which the tokens of a column are spread evenly; None to draw each row by
            itself.

    Returns:
        Tokens ``(batch, columns)``.
    """
    running = decoder.begin(context)
    tokens = torch.empty(len(context), decoder.columns, dtype=torch.long, device=context.device)
    for index in range(decoder.columns):
        probabilities = decoder.probabilities(index, running)
        if blocks is None:
            tokens[:, index] = draw_class(probabilities, generator)
        else:
            tokens[:, index] = class_at(probabilities, even_uniforms(probabilities, blocks, generator))
        running = decoder.advance(index, running, tokens[:, index])
    return tokens
