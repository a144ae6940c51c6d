"""Filling in the tokens that rows lack, given those that they have; what conditions weigh is in ``particles``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.sampling.classes import draw_class
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.moves import move_columns, move_starts
from sdv_fairdistill.sampling.particles import (
    Batch,
    Particles,
    by_cells,
    change_labels,
    draw_wanted_starts,
    fix_first_labels,
)
from sdv_fairdistill.sampling.rows import Source, to_table
from sdv_fairdistill.sampling.walk import TINY, Starts, Walk, without

__all__ = ['fill_rows']

LEAST_PARTICLES = 16  # of a cell: they are a start for the sweeps, which do the rest
MOST_PARTICLES = 8_192  # walked at once: the states of one column then fit a processor's cache
SWEEPS = 2  # through the tokens that were filled in, each drawn anew given all the others


@torch.no_grad()
def fill_rows(source: Source, known: np.ndarray, never: Mapping[int, int], generators: Generators) -> np.ndarray:
    """Draws the tokens that rows lack, any others in each row, from what they are given those that it has.

    Particles as in :func:`draw_conditioned` begin; then each token that was drawn, the latent and the sensitive tokens
    are drawn anew given all the others, so that what came late in the row is heeded by what came early (resample-move,
    Gilks and Berzuini, 2001). A label that is known is one as in the data: such a row is drawn from the raw view, and
    its label is not changed.

    Args:
        source: What rows are drawn from.
        known: Tokens ``(rows, columns)``; -1 where they are lacking.
        never: By position the token of a column that is not filled in, such as that of missing values.
        generators: Draw everything.

    Returns:
        Tokens ``(rows, columns)``, int32, none of them lacking.
    """
    target, table = source.layout.target, np.empty(known.shape, dtype=np.int32)
    labelled = np.zeros(len(known), dtype=bool) if target is None else known[:, target] >= 0
    raw = replace(source, view=0, dial=0.0, repair=None, changed=0.0)
    for rows, origin in ((labelled, raw), (~labelled, source)):
        if rows.any():
            table[rows] = by_cells(known[rows], _Filling(origin, never, generators), LEAST_PARTICLES, MOST_PARTICLES)
    return table


class _Filling:
    """Fills in the rows of a batch of cells; the labels of all of them are known, or of none."""

    def __init__(self, source: Source, never: Mapping[int, int], generators: Generators) -> None:
        self.source, self.never, self.generators = source, never, generators

    def __call__(self, batch: Batch, cells: np.ndarray) -> np.ndarray:
        """Gives rows ``(rows, columns)`` of cells ``(cells, columns)``."""
        source, layout = self.source, self.source.layout
        wants = dict(enumerate(cells.T))
        starts, sensitive = draw_wanted_starts(source, batch.particles, wants, self.generators, self.never)
        changed = self.generators.numpy.random(len(starts)) < source.changed
        cell = np.repeat(np.arange(len(cells)), batch.particles)
        particles = Particles(starts.view, sensitive, changed, cell, self.generators)
        label = None if layout.target is None else wants[layout.target]
        particles.weigh(self._first_labels(starts, None if label is None else label[cell]))
        walk = Walk(source.student, starts, self.generators.torch, even=False)
        self._walk(walk, particles, wants, label)
        particles.resample(walk, batch.rows)
        self._move(walk, particles, cells[particles.cell])
        if source.repair is not None and label is not None:
            self._change(walk, particles)
        return to_table(layout, walk, particles.sensitive)

    def _first_labels(self, starts: Starts, label: np.ndarray | None) -> Tensor | float:
        """Sets the labels of rows that draw it first, or draws them without the one that is not drawn."""
        if label is None:
            return 0.0
        if label[0] >= 0:
            return fix_first_labels(self.source, starts, label, np.zeros(len(label), dtype=bool), self.generators)
        never = self.never.get(self.source.layout.target)
        if never is None:
            return 0.0
        student = self.source.student
        first = student.positions[starts.view] == 0
        nothing = torch.zeros(len(starts), student.decoder.columns, dtype=torch.long, device=first.device)
        allowed = without(student.heads(starts.latent, starts.sensitive, nothing, starts.view).exp(), never)
        starts.label = torch.where(first, draw_class(allowed, self.generators.torch), starts.label)
        return allowed.sum(1).clamp_min(TINY).log() * first

    def _walk(
        self, walk: Walk, particles: Particles, wants: Mapping[int, np.ndarray], label: np.ndarray | None
    ) -> None:
        layout = self.source.layout
        for number in range(len(layout.drawn) + 1):
            if label is not None:
                particles.weigh(walk.draw_label(number, particles.wanted(label), self.never.get(layout.target)))
            if number < len(layout.drawn):
                column = layout.drawn[number]
                particles.weigh(walk.draw_column(number, particles.wanted(wants[column]), self.never.get(column)))
            particles.resample_few(walk)

    def _move(self, walk: Walk, particles: Particles, known: np.ndarray) -> None:
        """Draws anew what was filled in, one thing after the other."""
        layout = self.source.layout
        lacks = [np.flatnonzero(known[:, column] < 0) for column in layout.drawn]
        of_label = np.flatnonzero(known[:, layout.target] < 0) if layout.target is not None else np.zeros(0, dtype=int)
        never, never_label = [self.never.get(column) for column in layout.drawn], self.never.get(layout.target)
        for _ in range(SWEEPS):
            move_starts(self.source, walk, particles, known, self.never, self.generators)
            move_columns(walk, lacks, of_label, never, never_label)

    def _change(self, walk: Walk, particles: Particles) -> None:
        """Changes the labels of a share of the rows, none to the one that is not drawn."""
        before, never = walk.label.clone(), self.never.get(self.source.layout.target)
        change_labels(self.source, walk, particles.changed, None, self.generators)
        if never is not None:
            walk.label = torch.where(walk.label == never, before, walk.label)
