"""Drawing rows under conditions: many latents a row, weighted by how likely they make the conditioned tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.helpers.choice import even_choice
from sdv_fairdistill.sampling.classes import draw_class
from sdv_fairdistill.sampling.even import even_split
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import Source, draw_starts, to_table
from sdv_fairdistill.sampling.walk import Starts, Walk
from sdv_fairdistill.table.groups import Groups

__all__ = ['draw_conditioned']

PARTICLES = 16  # latents drawn for every row that is asked for
LEAST_PARTICLES = 1_024  # so that a single row, too, is chosen among many
MOST_ROWS = 4_096  # rows drawn at once
TINY = 1e-12
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
    changed = even_split(source.changed, len(starts), generators.numpy)
    particles = Particles(starts.view, sensitive, changed, generators)
    if label is not None:
        particles.weigh(_fix_first_labels(source, starts, label, changed, generators))
    walk = Walk(student, starts, generators.torch, even=not weighs)
    last = max([*columns, *([*walk.late, 0] if label is not None else [])], default=-1)
    if label is not None and changed.any():
        last = student.decoder.columns  # what a label is changed to is known once all columns are
    for column in range(student.decoder.columns + 1):
        if weighs and column > last:
            particles.resample(walk, count)
            weighs = False
        particles.weigh(walk.draw_label(column, label))
        if column < student.decoder.columns:
            particles.weigh(walk.draw_column(column, columns.get(column)))
        if weighs and particles.are_few():
            particles.resample(walk, len(walk))
    if source.repair is not None:
        particles.weigh(_change_labels(source, walk, particles.changed, label, generators))
    if weighs:
        particles.resample(walk, count)
    return to_table(layout, walk, particles.sensitive)


class Particles:
    """Weights of rows that are being drawn, and what is known of them besides.

    Args:
        like: A number a row, on the device of the rows.
        sensitive: Tokens of the sensitive columns ``(rows, sensitive columns)``.
        changed: Whether a row's label is changed at the end ``(rows,)``.
        generators: Draw which rows go on.
    """

    def __init__(self, like: Tensor, sensitive: np.ndarray, changed: np.ndarray, generators: Generators) -> None:
        self.log_weights = torch.zeros(len(like), device=like.device)
        self.sensitive, self.changed, self.generators = sensitive, changed, generators

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
        self.sensitive, self.changed = self.sensitive[chosen], self.changed[chosen]
        self.log_weights = torch.zeros(count, device=self.log_weights.device)


def _fix_first_labels(
    source: Source, starts: Starts, label: int, changed: np.ndarray, generators: Generators
) -> Tensor:
    """Sets the label of rows that draw it first, or one that may be changed to it; gives log-weights ``(rows,)``.

    They are 0 for the rows that draw the label later.
    """
    student, group = source.student, starts.group.cpu().numpy()
    first = student.positions[starts.view] == 0
    nothing = torch.zeros(len(starts), student.decoder.columns, dtype=torch.long, device=first.device)
    log_probabilities = student.heads(starts.latent, starts.sensitive, nothing, starts.view)
    becomes = np.tile(np.arange(log_probabilities.shape[1]) == label, (len(starts), 1)).astype(np.float32)
    if changed.any():
        becomes[changed] = source.repair.how.outlook(label)[group[changed]]
    weights = log_probabilities.exp() * torch.from_numpy(becomes).to(first.device)
    total = weights.sum(1).clamp_min(TINY)
    starts.label = torch.where(first, draw_class(weights / total[:, None], generators.torch), starts.label)
    return total.log() * first


def _change_labels(
    source: Source, walk: Walk, changed: np.ndarray, wanted: int | None, generators: Generators
) -> Tensor | float:
    """Changes labels of rows whose columns are drawn; gives log-weights ``(rows,)`` if one label is wanted of all."""
    rows = np.flatnonzero(changed)
    if not len(rows):
        return 0.0
    device = walk.view.device
    at = torch.from_numpy(rows).to(device)
    label, group = walk.label[at].cpu().numpy(), walk.group[at].cpu().numpy()
    scores = source.repair.scores(walk.tokens[at], walk.sensitive[at])
    how = source.repair.how
    if wanted is None:
        drawn = how.change(label, *scores, group, generators, even=False)
        walk.label = walk.label.index_put((at,), torch.from_numpy(drawn).to(device))
        return 0.0
    likelihood = how.likelihood(label, *scores, group, wanted) / np.maximum(how.outlook(wanted)[group, label], TINY)
    walk.label = torch.full_like(walk.label, wanted)
    log_weights = torch.zeros(len(walk), device=device)
    log_weights[at] = torch.from_numpy(np.log(np.maximum(likelihood, TINY))).float().to(device)
    return log_weights


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
