"""Drawing rows under conditions: many latents a row, weighted by how likely they make the conditioned tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.networks.fair_vae import RAW
from sdv_fairdistill.sampling.even import even_split
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import Source, draw_rows, draw_starts, to_table
from sdv_fairdistill.sampling.walk import Starts, Walk, draw_towards
from sdv_fairdistill.table.groups import Groups

__all__ = [
    'Batch',
    'Particles',
    'by_cells',
    'change_labels',
    'draw_conditioned',
    'draw_wanted_starts',
    'fix_first_labels',
]

PARTICLES = 16  # latents drawn for every row that is asked for
FOUND, MOST_TRIES = 4, 256  # of them whose label is the wanted one, where labels are drawn last; latents at most
LOOKED_AT = 4_096  # rows drawn to see how rare labels are
LEAST_PARTICLES = 64  # of a cell, so that a single row, too, is chosen among many
USUAL_PARTICLES = 1_024  # of a cell where there are few of them
MOST_PARTICLES = 65_536  # walked at once
TINY = 1e-12
FEW = 0.5  # resample when fewer than this share of a cell's particles carry its weight
_EDGE = 1e-6  # keeps an offset off 0 and 1, where rounding would move a particle to the next cell


@torch.no_grad()
def draw_conditioned(
    source: Source, count: int, fixed: Mapping[int, int | np.ndarray], generators: Generators
) -> np.ndarray:
    """Draws rows in which some columns have given tokens, by sequential importance resampling (Gordon et al., 1993).

    Conditions on sensitive columns are set. The others weigh the particles: the label when it is drawn, a column when
    its turn comes. Conditions deep in a rare corner cost particles, not thousands of rejected rows. Rows that differ in
    what is wanted are walked together: each is resampled among particles of its own.

    Args:
        source: What rows are drawn from.
        count: Number of rows.
        fixed: Token of each conditioned column, by position: one for all rows, or one a row ``(count,)``.
        generators: Draw everything.

    Returns:
        Token table ``(count, columns)``, int32.
    """
    wanted = np.column_stack([np.broadcast_to(tokens, count) for tokens in fixed.values()])
    waits = source.layout.target in fixed and bool(source.student.positions[RAW] > 0)

    def draw(batch: Batch, cells: np.ndarray) -> np.ndarray:
        return _draw(source, batch, dict(zip(fixed, cells.T, strict=True)), generators)

    tries = _tries(source, generators)[wanted[:, list(fixed).index(source.layout.target)]] if waits else PARTICLES
    return by_cells(wanted, draw, tries=tries)


def _tries(source: Source, generators: Generators) -> np.ndarray:
    """Gives how many particles a row needs to have each class ``(classes,)`` where labels are drawn last."""
    labels = draw_rows(source, LOOKED_AT, generators)[:, source.layout.target]
    shares = np.bincount(labels, minlength=source.layout.classes) / LOOKED_AT
    return np.clip(np.ceil(FOUND / np.maximum(shares, TINY)), PARTICLES, MOST_TRIES).astype(int)


def by_cells(
    wanted: np.ndarray,
    draw: Callable[[Batch, np.ndarray], np.ndarray],
    least: int | None = None,
    most: int = MOST_PARTICLES,
    tries: np.ndarray | int = PARTICLES,
) -> np.ndarray:
    """Draws rows of which those that want the same are drawn together.

    Args:
        wanted: What each row wants ``(rows, numbers)``, integers.
        draw: Gives the rows of a batch in the order of its cells, given the batch and what its cells want ``(cells,
            numbers)``.
        least: Particles of a cell, at least; None for more where there are few cells.
        most: Particles that are walked at once.
        tries: Particles for every row that is asked for, the same of rows that want the same: ``(rows,)``, or a number.

    Returns:
        What was drawn, in the order of what was wanted.
    """
    cells, first, cell_of = np.unique(wanted, axis=0, return_index=True, return_inverse=True)
    tries = np.broadcast_to(tries, len(wanted))[first]
    cell_of = cell_of.ravel()  # numpy 2.0 gave it the shape of a column
    parts = [draw(batch, cells[batch.cells]) for batch in _batches(np.bincount(cell_of), tries, least, most)]
    table = np.empty((len(wanted), *parts[0].shape[1:]), dtype=parts[0].dtype)
    table[np.argsort(cell_of, kind='stable')] = np.concatenate(parts)
    return table


@dataclass(frozen=True)
class Batch:
    """Cells, which are rows that want the same, that are walked together.

    Attributes:
        cells: Number of each ``(cells,)``; a large one comes in parts.
        rows: Rows to draw of each ``(cells,)``.
        particles: Particles of each ``(cells,)``.
    """

    cells: np.ndarray
    rows: np.ndarray
    particles: np.ndarray

    def without_choice(self) -> Batch:
        """Gives the same with a particle a row."""
        return Batch(self.cells, self.rows, self.rows)


def _batches(rows: np.ndarray, tries: np.ndarray, least: int | None, walked: int) -> Iterator[Batch]:
    """Parts cells of so many rows, and tries a row, ``(cells,)`` into batches, in order; see :func:`by_cells`."""
    if least is None:
        least = min(max(walked // len(rows), LEAST_PARTICLES), USUAL_PARTICLES)
    most = np.maximum(walked // tries, 1)
    parts = -(-rows // most)
    cells = np.repeat(np.arange(len(rows)), parts)
    left = np.concatenate([np.arange(number) for number in parts]) * most[cells]
    counts = np.minimum(rows[cells] - left, most[cells])
    particles = np.maximum(counts * tries[cells], least)
    batch, total = np.zeros(len(cells), dtype=int), 0
    for place, size in enumerate(particles):
        total += size
        if place:
            batch[place] = batch[place - 1] + (total > walked)
            total = size if total > walked else total
    for number in range(batch[-1] + 1):
        chosen = batch == number
        yield Batch(cells[chosen], counts[chosen], particles[chosen])


def _draw(source: Source, batch: Batch, wants: Mapping[int, np.ndarray], generators: Generators) -> np.ndarray:
    """Draws the rows of a batch, in the order of its cells; ``wants`` has tokens ``(cells,)`` by position."""
    layout, student = source.layout, source.student
    columns = {number: wants[column] for number, column in enumerate(layout.drawn) if column in wants}
    label = None if layout.target is None else wants.get(layout.target)
    weighs = bool(columns) or label is not None
    batch = batch if weighs else batch.without_choice()
    starts, sensitive = draw_wanted_starts(source, batch.particles, wants, generators)
    changed = even_split(source.changed, len(starts), generators.numpy)
    cell = np.repeat(np.arange(len(batch.cells)), batch.particles)
    particles = Particles(starts.view, sensitive, changed, cell, generators)
    if label is not None:
        particles.weigh(fix_first_labels(source, starts, label[cell], changed, generators))
    walk = Walk(student, starts, generators.torch, even=not weighs)
    last = max([*columns, *([*walk.late, 0] if label is not None else [])], default=-1)
    if label is not None and changed.any():
        last = student.decoder.columns  # what a label is changed to is known once all columns are
    for column in range(student.decoder.columns + 1):
        if weighs and column > last:
            particles.resample(walk, batch.rows)
            weighs = False
        if label is not None and column in walk.late:
            towards = _becomes(source, particles.wanted(label).cpu().numpy(), particles.changed, walk.group)
            particles.weigh(walk.draw_label(column, becomes=towards))
        else:
            walk.draw_label(column)
        if column < student.decoder.columns:
            particles.weigh(walk.draw_column(column, particles.wanted(columns.get(column))))
        if weighs:
            particles.resample_few(walk)
    wanted = particles.wanted(label)
    if source.repair is not None:
        particles.weigh(change_labels(source, walk, particles.changed, wanted, generators))
    if source.counterfactual is not None:
        particles.weigh(_change_causes(source, walk, particles, wanted))
    if weighs:
        particles.resample(walk, batch.rows)
    return to_table(layout, walk, particles.sensitive)


class Particles:
    """Weights of rows that are being drawn, and what is known of them besides.

    Args:
        like: A number a row, on the device of the rows.
        sensitive: Tokens of the sensitive columns ``(rows, sensitive columns)``.
        changed: Whether a row's label is changed at the end ``(rows,)``.
        cell: Cell of each row ``(rows,)``, ascending.
        generators: Draw which rows go on.
    """

    def __init__(
        self, like: Tensor, sensitive: np.ndarray, changed: np.ndarray, cell: np.ndarray, generators: Generators
    ) -> None:
        self.log_weights = torch.zeros(len(like), device=like.device)
        self.sensitive, self.changed, self.cell, self.generators = sensitive, changed, cell, generators

    def wanted(self, tokens: np.ndarray | None) -> Tensor | None:
        """Gives what is wanted of each row ``(rows,)``, of what is wanted of each cell; None of None."""
        if tokens is None:
            return None
        return torch.from_numpy(tokens[self.cell].astype(np.int64)).to(self.log_weights.device)

    def weigh(self, log_probabilities: Tensor | float) -> None:
        """Multiplies the weights by the probabilities of what was fixed."""
        self.log_weights = self.log_weights + log_probabilities

    def resample(self, walk: Walk, sizes: np.ndarray) -> None:
        """Goes on with so many particles of each cell ``(cells,)``, drawn by their weights."""
        self._choose(walk, self._shares() * sizes[self.cell])
        self.log_weights = torch.zeros(len(self.cell), device=self.log_weights.device)

    def resample_few(self, walk: Walk) -> None:
        """Draws anew, by their weights, in cells whose weight sits on few particles (the effective sample size)."""
        shares, sizes = self._shares(), np.bincount(self.cell)
        few = 1 / np.bincount(self.cell, shares**2) < FEW * sizes
        if not few.any():
            return
        anew = few[self.cell]
        chosen = self._choose(walk, np.where(anew, shares * sizes[self.cell], 1.0))
        kept = torch.from_numpy(chosen).to(self.log_weights.device)
        again = torch.from_numpy(few[self.cell]).to(self.log_weights.device)
        self.log_weights = self.log_weights[kept].masked_fill(again, 0.0)

    def _shares(self) -> np.ndarray:
        """Gives each particle's share of the weight of its cell."""
        weights = self.log_weights.double().cpu().numpy()
        sizes = np.bincount(self.cell)
        largest = np.maximum.reduceat(weights, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
        weights = np.exp(weights - largest[self.cell])
        return weights / np.bincount(self.cell, weights)[self.cell]

    def _choose(self, walk: Walk, expected: np.ndarray) -> np.ndarray:
        """Goes on with particles, each as often as expected, rounded up or down; in random order inside its cell."""
        random = self.generators.numpy
        steps = np.floor(np.cumsum(expected) + np.clip(random.random(), _EDGE, 1 - _EDGE))
        chosen = np.repeat(np.arange(len(expected)), np.diff(steps, prepend=0).astype(int))
        chosen = chosen[np.lexsort((random.random(len(chosen)), self.cell[chosen]))]
        walk.choose(torch.from_numpy(chosen).to(self.log_weights.device))
        self.sensitive, self.changed, self.cell = self.sensitive[chosen], self.changed[chosen], self.cell[chosen]
        return chosen


def draw_wanted_starts(
    source: Source,
    counts: np.ndarray,
    wants: Mapping[int, np.ndarray],
    generators: Generators,
    never: Mapping[int, int] | None = None,
) -> tuple[Starts, np.ndarray]:
    """Draws starts, cell by cell, and the tokens of their sensitive columns.

    Args:
        source: What rows are drawn from.
        counts: Number of starts of each cell ``(cells,)``.
        wants: Tokens ``(cells,)`` by position; -1 for any.
        generators: Draw everything.
        never: Tokens of sensitive columns, by position, that are not drawn where any may be.
    """
    sensitive = source.layout.sensitive
    places = [place for place, column in enumerate(sensitive) if column in wants]
    known = np.column_stack([np.zeros((len(counts), 0), dtype=int), *(wants[sensitive[at]] for at in places)])
    patterns, pattern_of = np.unique(known, axis=0, return_inverse=True)
    pattern_of = pattern_of.reshape(-1)
    lacking = [(never or {}).get(column, -1) for column in sensitive]
    parts, tokens, order = [], [], np.repeat(pattern_of, counts).argsort(kind='stable')
    for number, pattern in enumerate(patterns):
        wanted = np.full(len(sensitive), -1)
        wanted[places] = pattern
        combinations, shares = _allowed(source.groups, wanted, lacking)
        size = int(counts[pattern_of == number].sum())
        starts, drawn = draw_starts(source, combinations, shares, size, generators)
        parts.append(starts)
        tokens.append(drawn)
    if len(parts) == 1:  # in the order of the cells already
        return parts[0], tokens[0]
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    starts = Starts.join(parts)
    return starts[torch.from_numpy(back).to(starts.view.device)], np.concatenate(tokens)[back]


def fix_first_labels(
    source: Source, starts: Starts, label: np.ndarray, changed: np.ndarray, generators: Generators
) -> Tensor:
    """Sets the label of rows that draw it first, or one that may be changed to it; gives log-weights ``(rows,)``.

    They are 0 for the rows that draw the label later.
    """
    student = source.student
    first = student.positions[starts.view] == 0
    nothing = torch.zeros(len(starts), student.decoder.columns, dtype=torch.long, device=first.device)
    probabilities = student.heads(starts.latent, starts.sensitive, nothing, starts.view).exp()
    becomes = _becomes(source, label, changed, starts.group)
    drawn, log_weights = draw_towards(probabilities, becomes, generators.torch)
    starts.label = torch.where(first, drawn, starts.label)
    return log_weights * first


def _becomes(source: Source, label: np.ndarray, changed: np.ndarray, group: Tensor) -> Tensor:
    """Gives how likely each class becomes the wanted one ``(rows, classes)``; if none is changed, only that does."""
    becomes, groups = np.eye(source.student.sizes.classes, dtype=np.float32)[label], group.cpu().numpy()
    for wanted in np.unique(label[changed]):
        rows = changed & (label == wanted)
        becomes[rows] = _outlook(source, int(wanted))[groups[rows]]
    return torch.from_numpy(becomes).to(group.device)


def change_labels(
    source: Source, walk: Walk, changed: np.ndarray, wanted: Tensor | None, generators: Generators
) -> Tensor | float:
    """Changes labels of rows whose columns are drawn; gives log-weights ``(rows,)`` if labels are wanted."""
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
    likelihood, becomes = np.empty(len(rows)), wanted[at].cpu().numpy()
    for each in np.unique(becomes):
        part = becomes == each
        given = (label[part], *(score[part] for score in scores), group[part])
        outlook = np.maximum(how.outlook(int(each))[group[part], label[part]], TINY)
        likelihood[part] = how.likelihood(*given, int(each)) / outlook
    walk.label = wanted
    log_weights = torch.zeros(len(walk), device=device)
    log_weights[at] = torch.from_numpy(np.log(np.maximum(likelihood, TINY))).float().to(device)
    return log_weights


def _outlook(source: Source, wanted: int) -> np.ndarray:
    """Gives about how likely a label that is changed becomes the wanted one ``(groups, classes)``."""
    return (source.repair.how if source.counterfactual is None else source.counterfactual).outlook(wanted)


def _change_causes(source: Source, walk: Walk, particles: Particles, wanted: Tensor | None) -> Tensor | float:
    """Makes rows counterfactual whose columns are drawn; gives log-weights ``(rows,)`` if labels are wanted."""
    rows = np.flatnonzero(particles.changed)
    if not len(rows):
        return 0.0
    counterfactual, layout, generators = source.counterfactual, source.layout, particles.generators
    table, group = to_table(layout, walk, particles.sensitive).astype(np.int64)[rows], walk.group.cpu().numpy()[rows]
    at, device = torch.from_numpy(rows).to(walk.view.device), walk.view.device
    log_weights: Tensor | float = 0.0
    if wanted is None:
        result = counterfactual.change(table, group, generators, False, source.with_columns)
    else:
        becomes, label = wanted[at].cpu().numpy(), table[:, layout.target]
        changed, seen = counterfactual.columns(table, counterfactual.references(len(rows), generators), generators)
        likely = counterfactual.label_probabilities(table, changed, seen)[np.arange(len(rows)), becomes]
        for each in np.unique(becomes):
            part = becomes == each
            likely[part] /= np.maximum(counterfactual.outlook(int(each))[group[part], label[part]], TINY)
        log_weights = torch.zeros(len(walk), device=device)
        log_weights[at] = torch.from_numpy(np.log(np.maximum(likely, TINY))).float().to(device)
        result = changed if source.with_columns else table
        walk.label = wanted
    if wanted is None:
        walk.label = walk.label.index_put((at,), torch.from_numpy(result[:, layout.target]).to(device))
    walk.tokens[at] = torch.from_numpy(result[:, layout.drawn]).to(device)
    return log_weights


def _allowed(groups: Groups, wanted: np.ndarray, never: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Gives combinations that meet the conditions, and their shares. If there are none: all, with these values set.

    Args:
        groups: The combinations there are.
        wanted: Token of each sensitive column; -1 for any but the one that is never drawn.
        never: That token, likewise; -1 for none.
    """
    combinations, set_to = groups.combinations.copy(), wanted >= 0
    refused = ((combinations == never) & ~set_to).any(1)
    shares = groups.shares * ~refused if not refused.all() else groups.shares
    meets = (combinations[:, set_to] == wanted[set_to]).all(1) & (shares > 0)
    if meets.any():
        return combinations, shares * meets
    combinations[:, set_to] = wanted[set_to]
    return combinations, shares
