"""Drawing parts of rows anew given all the rest of them, which leaves their distribution as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.networks.fair_vae import FairVAE
from sdv_fairdistill.sampling.classes import draw_class
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.particles import Particles, draw_wanted_starts
from sdv_fairdistill.sampling.rows import Source
from sdv_fairdistill.sampling.walk import TINY, Walk

__all__ = ['log_given_start', 'move_columns', 'move_starts']

PROPOSALS = 8  # starts that compete with the one that a row has
MOST_STATES = 8_192  # rows, times tokens, that are looked at at once: they fit a processor's cache
IMPOSSIBLE = -1e30


def log_given_start(
    network: FairVAE, tokens: Tensor, latent: Tensor, sensitive: Tensor, label: Tensor, view: Tensor
) -> Tensor:
    """Gives the log-probability ``(rows,)`` of labels and columns of rows given how they start.

    Args:
        network: Gives it.
        tokens: Drawn columns ``(rows, columns)``.
        latent: Latents ``(rows, latent)``.
        sensitive: Sensitive features ``(rows, width)``.
        label: Classes ``(rows,)``.
        view: Views ``(rows,)``.
    """
    blocks = network.decode(tokens, latent, sensitive, label, view)
    total = -network.decoder.negative_log_likelihood(blocks, tokens)
    if network.sizes.classes:
        total = total + network.heads(latent, sensitive, tokens, view).gather(1, label[:, None])[:, 0]
    return total


def move_starts(
    source: Source,
    walk: Walk,
    particles: Particles,
    known: np.ndarray,
    never: Mapping[int, int],
    generators: Generators,
) -> None:
    """Draws view, latent and the sensitive tokens that rows lack anew, given their columns and labels.

    Some starts are proposed as rows begin, and one of them or the present one is taken by how likely it makes the row
    (iterated sampling importance resampling; Andrieu, Lee and Vihola, 2018).

    Args:
        source: What rows are drawn from.
        walk: The rows, all columns drawn; changed.
        particles: Their sensitive tokens; changed.
        known: Tokens ``(rows, columns)``; -1 where they are lacking.
        never: By position the token of a column that is not drawn.
        generators: Draw everything.
    """
    for begin in range(0, len(known), MOST_STATES // PROPOSALS):
        rows = np.arange(begin, min(begin + MOST_STATES // PROPOSALS, len(known)))
        _move_some_starts(source, walk, particles, rows, known[rows], never, generators)


def _move_some_starts(
    source: Source,
    walk: Walk,
    particles: Particles,
    rows: np.ndarray,
    known: np.ndarray,
    never: Mapping[int, int],
    generators: Generators,
) -> None:
    counts, at = np.full(len(rows), PROPOSALS), torch.from_numpy(rows).to(walk.view.device)
    wants = {column: known[:, column] for column in source.layout.sensitive}
    starts, sensitive = draw_wanted_starts(source, counts, wants, generators, never)
    again = at.repeat_interleave(PROPOSALS)
    label = walk.label[again]
    theirs = log_given_start(
        source.student, walk.tokens[again], starts.latent, starts.sensitive, label, starts.view
    ).view(-1, PROPOSALS)
    own = log_given_start(
        source.student, walk.tokens[at], walk.latent[at], walk.sensitive[at], walk.label[at], walk.view[at]
    )
    chosen = draw_class(torch.cat([own[:, None], theirs], dim=1).softmax(1), generators.torch)
    moved = torch.nonzero(chosen > 0)[:, 0]
    taken, place = moved * PROPOSALS + chosen[moved] - 1, at[moved]
    for name in ('sensitive', 'view', 'latent', 'group'):
        getattr(walk, name)[place] = getattr(starts, name)[taken]
    walk.position = walk.network.positions[walk.view]
    particles.sensitive[place.cpu().numpy()] = sensitive[taken.cpu().numpy()]


def move_columns(
    walk: Walk,
    lacks: Sequence[np.ndarray],
    of_label: np.ndarray,
    never: Sequence[int | None],
    never_label: int | None,
) -> None:
    """Draws labels and columns anew, one after the other, each given all the rest of its row (Gibbs sampling).

    Args:
        walk: The rows, all columns drawn; changed.
        lacks: For each column the numbers of the rows that lack it.
        of_label: The numbers of the rows that lack the label.
        never: For each column the token that is not drawn, or None.
        never_label: The class that is not drawn, or None.
    """
    if len(of_label):
        for rows in _parts(of_label, walk.network.sizes.classes, walk):
            walk.label[rows] = _drawn(_label_given_rest(walk, rows), never_label, walk)
    for column, lacking in enumerate(lacks):
        for rows in _parts(lacking, walk.network.sizes.cardinalities[column], walk):
            walk.tokens[rows, column] = _drawn(_column_given_rest(walk, rows, column), never[column], walk)


def _parts(rows: np.ndarray, states: int, walk: Walk) -> list[Tensor]:
    size = max(1, MOST_STATES // states)
    return list(torch.from_numpy(rows).to(walk.view.device).split(size)) if len(rows) else []


def _drawn(log_probabilities: Tensor, never: int | None, walk: Walk) -> Tensor:
    if never is not None:
        log_probabilities[:, never] = IMPOSSIBLE
    return draw_class(log_probabilities.softmax(1), walk.generator)


def _label_given_rest(walk: Walk, rows: Tensor) -> Tensor:
    """Gives log-probabilities ``(rows, classes)`` of labels given all the rest, up to a number a row."""
    classes = walk.network.sizes.classes
    again = rows.repeat_interleave(classes)
    label = torch.arange(classes, device=rows.device).repeat(len(rows))
    parts = (part[again] for part in (walk.tokens, walk.latent, walk.sensitive))
    return log_given_start(walk.network, *parts, label, walk.view[again]).view(-1, classes)


def _column_given_rest(walk: Walk, rows: Tensor, column: int) -> Tensor:
    """Gives log-probabilities ``(rows, tokens)`` of a column given all the rest, up to a number a row."""
    network, decoder = walk.network, walk.network.decoder
    tokens, label, view = walk.tokens[rows], walk.label[rows], walk.view[rows]
    latent, sensitive, position = walk.latent[rows], walk.sensitive[rows], network.positions[walk.view[rows]]
    running = decoder.begin(network.context(latent, sensitive, label, view))
    for earlier in range(column + 1):
        if earlier in network.late:
            running = decoder.join(running, label, position == earlier)
        if earlier < column:
            running = decoder.advance(earlier, running, tokens[:, earlier])
    result = decoder.probabilities(column, running, tokens).clamp_min(TINY).log()
    states = result.shape[1]
    again = torch.arange(len(rows), device=rows.device).repeat_interleave(states)
    tokens, label, position = tokens[again], label[again], position[again]
    tokens[:, column] = torch.arange(states, device=rows.device).repeat(len(rows))
    running = decoder.advance(column, running[again], tokens[:, column])
    likely = result.new_zeros(len(again))
    for later in range(column + 1, decoder.columns):
        if later in network.late:
            running = decoder.join(running, label, position == later)
        given = decoder.probabilities(later, running, tokens).gather(1, tokens[:, later, None])[:, 0]
        likely = likely + given.clamp_min(TINY).log()
        running = decoder.advance(later, running, tokens[:, later])
    reads = position > column
    if network.sizes.classes and reads.any():
        of_label = network.heads(latent[again], sensitive[again], tokens, view[again]).gather(1, label[:, None])[:, 0]
        likely = likely + of_label * reads
    return result + likely.view(-1, states)
