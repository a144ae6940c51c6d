"""Drawing rows under conditions: many latents a row, weighted by how likely they make the conditioned tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.helpers.choice import even_choice
from sdv_fairdistill.networks.fair_vae import Student
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import Source, draw_starts, to_table
from sdv_fairdistill.sampling.walk import Starts, Walk
from sdv_fairdistill.table.groups import Groups

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
    layout, student = source.layout, source.student
    columns = {number: fixed[column] for number, column in enumerate(layout.drawn) if column in fixed}
    label = None if layout.target is None else fixed.get(layout.target)
    combinations, shares = _allowed(source.groups, layout.sensitive, fixed)
    weighs = bool(columns) or label is not None
    starts, sensitive = draw_starts(
        source, combinations, shares, max(count * PARTICLES, LEAST_PARTICLES) if weighs else count, generators
    )
    particles = Particles(starts.view, sensitive, generators)
    if label is not None:
        particles.weigh(_fix_first_labels(student, starts, label))
    walk = Walk(student, starts, generators.torch, even=not weighs)
    last = max([*columns, *([*walk.late, 0] if label is not None else [])], default=-1)
    for column in range(student.decoder.columns + 1):
        if weighs and column > last:
            particles.resample(walk, count)
            weighs = False
        particles.weigh(walk.draw_label(column, label))
        if column < student.decoder.columns:
            particles.weigh(walk.draw_column(column, columns.get(column)))
        if weighs and particles.are_few():
            particles.resample(walk, len(walk))
    if weighs:
        particles.resample(walk, count)
    return to_table(layout, walk, particles.sensitive)


class Particles:
    """Weights of rows that are being drawn, and the tokens of their sensitive columns.

    Args:
        like: A number a row, on the device of the rows.
        sensitive: Tokens of the sensitive columns ``(rows, sensitive columns)``.
        generators: Draw which rows go on.
    """

    def __init__(self, like: Tensor, sensitive: np.ndarray, generators: Generators) -> None:
        self.log_weights = torch.zeros(len(like), device=like.device)
        self.sensitive, self.generators = sensitive, generators

    def weigh(self, log_probabilities: Tensor | float) -> None:
        """Multiplies the weights by the probabilities of what was fixed."""
        self.log_weights = self.log_weights + log_probabilities

    def are_few(self) -> bool:
        """Tells whether the weight sits on few particles (the effective sample size)."""
        shares = self.log_weights.softmax(0)
        return float(1 / shares.square().sum()) < FEW * len(shares)

    def resample(self, walk: Walk, count: int) -> None:
        """Goes on with so many particles, drawn by their weights."""
        shares = self.log_weights.double().softmax(0).cpu().numpy()
        chosen = self.generators.numpy.permutation(even_choice(shares, count, self.generators.numpy))
        walk.choose(torch.from_numpy(chosen).to(self.log_weights.device))
        self.sensitive = self.sensitive[chosen]
        self.log_weights = torch.zeros(count, device=self.log_weights.device)


def _fix_first_labels(student: Student, starts: Starts, label: int) -> Tensor:
    """Sets the label of rows that draw it first; gives its log-probability ``(rows,)``, 0 for the other rows."""
    first = student.positions[starts.view] == 0
    nothing = torch.zeros(len(starts), student.decoder.columns, dtype=torch.long, device=first.device)
    log_probabilities = student.heads(starts.latent, starts.sensitive, nothing, starts.view)
    starts.label = torch.where(first, torch.full_like(starts.label, label), starts.label)
    return log_probabilities[:, label] * first


def _allowed(groups: Groups, sensitive: tuple[int, ...], fixed: Mapping[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Gives combinations that meet the conditions, and their shares. If there are none: all, with these values set."""
    combinations = groups.combinations.copy()
    places = [place for place, column in enumerate(sensitive) if column in fixed]
    wanted = np.array([fixed[sensitive[place]] for place in places], dtype=combinations.dtype)
    meets = (combinations[:, places] == wanted).all(1)
    if meets.any():
        return combinations, groups.shares * meets
    combinations[:, places] = wanted
    return combinations, groups.shares
