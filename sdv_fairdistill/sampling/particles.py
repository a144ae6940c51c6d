"""Drawing rows under conditions: many latents a row, weighted by how likely they make the conditioned tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.groups import Groups
from sdv_fairdistill.sampling.columns import draw_class
from sdv_fairdistill.sampling.even import even_choice
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import Source, Starts, draw_starts, to_table

__all__ = ['draw_conditioned']

PARTICLES = 16  # latents drawn for every row that is asked for
LEAST_PARTICLES = 1_024  # so that a single row, too, is chosen among many
MOST_ROWS = 4_096  # rows drawn at once
FEW = 0.5  # resample when fewer than this share of the particles carry the weight


@torch.no_grad()
def draw_conditioned(source: Source, count: int, fixed: Mapping[int, int], generators: Generators) -> np.ndarray:
    """Draws rows in which some columns have given tokens, by sequential importance resampling (Gordon et al., 1993).

    Conditions on sensitive columns are set. The others weigh the particles: the label when it is drawn, a column when
    its turn comes. Conditions deep in a rare corner cost particles, not thousands of rejected rows.

    Args:
        source: What rows are drawn from.
        count: Number of rows.
        fixed: Token of each conditioned column, by position.
        generators: Draw everything.

    Returns:
        Token table ``(count, columns)``, int32.
    """
    parts = []
    for begin in range(0, count, MOST_ROWS):
        parts.append(_draw(source, min(MOST_ROWS, count - begin), fixed, generators))
    return np.concatenate(parts)


def _draw(source: Source, count: int, fixed: Mapping[int, int], generators: Generators) -> np.ndarray:
    layout, decoder = source.layout, source.student.decoder
    steps = {index: fixed[column] for index, column in enumerate(layout.drawn) if column in fixed}
    weighs = bool(steps) or layout.target in fixed
    combinations, shares = _allowed(source.groups, layout.sensitive, fixed)
    size = max(count * PARTICLES, LEAST_PARTICLES) if weighs else count
    starts = draw_starts(source, combinations, shares, size, generators)
    weights = torch.zeros(size, device=starts.view.device)
    if layout.target in fixed:
        starts.label = torch.full_like(starts.label, fixed[layout.target])
        label = source.student.heads(starts.latent, starts.sensitive, starts.view)
        weights += label[:, fixed[layout.target]]
    last = max(steps, default=-1)
    running, tokens = decoder.begin(starts.context(source.student)), []
    for index in range(decoder.columns):
        if weighs and (index > last or _is_few(weights)):
            starts, running, tokens, weights = _resample(starts, running, tokens, weights, index > last, count, generators)
            weighs = index <= last
        probabilities = decoder.probabilities(index, running)
        if index in steps:
            weights += probabilities[:, steps[index]].clamp_min(1e-30).log()
            tokens.append(torch.full_like(starts.label, steps[index]))
        else:
            tokens.append(draw_class(probabilities, generators.torch))
        running = decoder.advance(index, running, tokens[-1])
    if weighs:
        starts, _, tokens, _ = _resample(starts, running, tokens, weights, True, count, generators)
    columns = torch.stack(tokens, dim=1) if tokens else torch.zeros(len(starts), 0)
    return to_table(layout, starts, columns)


def _allowed(
    groups: Groups, sensitive: tuple[int, ...], fixed: Mapping[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Gives combinations that meet the conditions and their shares; where none was observed, all with the conditions set."""
    combinations, places = groups.combinations.copy(), [place for place, column in enumerate(sensitive) if column in fixed]
    wanted = np.array([fixed[sensitive[place]] for place in places], dtype=combinations.dtype)
    meets = (combinations[:, places] == wanted).all(1)
    if meets.any():
        return combinations, groups.shares * meets
    combinations[:, places] = wanted
    return combinations, groups.shares


def _is_few(weights: Tensor) -> bool:
    """Tells whether the weight sits on few particles (the effective sample size)."""
    shares = weights.softmax(0)
    return float(1 / shares.square().sum()) < FEW * len(weights)


def _resample(
    starts: Starts,
    running: Tensor,
    tokens: list[Tensor],
    weights: Tensor,
    final: bool,
    count: int,
    generators: Generators,
) -> tuple[Starts, Tensor, list[Tensor], Tensor]:
    """Draws particles by their weights, as many as there were, or at the end as many as there are rows."""
    size = count if final else len(weights)
    chosen = even_choice(weights.double().softmax(0).cpu().numpy(), size, generators.numpy)
    rows = torch.from_numpy(generators.numpy.permutation(chosen)).to(weights.device)
    return starts[rows], running[rows], [column[rows] for column in tokens], torch.zeros(size, device=weights.device)
