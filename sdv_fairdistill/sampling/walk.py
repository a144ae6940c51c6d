"""Rows on their way: drawn column by column, the label where its view wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from sdv_fairdistill.networks.fair_vae import FairVAE
from sdv_fairdistill.sampling.classes import class_at, draw_class
from sdv_fairdistill.sampling.even import even_uniforms

__all__ = ['TINY', 'Starts', 'Walk', 'draw_towards', 'walk_along', 'walk_to_the_end', 'without']

TINY = 1e-30  # a probability whose logarithm is still a number


@dataclass
class Starts:
    """Rows before their columns are drawn.

    Attributes:
        sensitive: Sensitive features ``(rows, width)``.
        view: Views ``(rows,)``.
        group: Groups ``(rows,)``.
        latent: Latents ``(rows, latent)``.
        label: Classes ``(rows,)``; 0 without a target, and in views that draw the label later.
    """

    sensitive: Tensor
    view: Tensor
    group: Tensor
    latent: Tensor
    label: Tensor

    def __getitem__(self, rows: Tensor) -> Starts:
        return Starts(*(getattr(self, field.name)[rows] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.view)

    @classmethod
    def join(cls, parts: Sequence[Starts]) -> Starts:
        """Puts rows after one another."""
        return cls(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(cls)))


class Walk:
    """Rows that are being drawn.

    Args:
        network: Teacher or student.
        starts: The rows.
        generator: Draws labels and tokens.
        even: Whether tokens are spread evenly among the rows of one view, group and label, or each row drawn by itself.
        keep: Whether to keep in ``probabilities`` what each column was drawn from, ``(rows, cardinality)``.
    """

    def __init__(
        self, network: FairVAE, starts: Starts, generator: torch.Generator, even: bool, keep: bool = False
    ) -> None:
        self.network, self.generator, self.even, self.keep = network, generator, even, keep
        self.sensitive, self.view, self.latent = starts.sensitive, starts.view, starts.latent
        self.group, self.label = starts.group, starts.label
        self.position = network.positions[starts.view]
        self.late = set(self.position.unique().tolist()) - {0} if network.sizes.classes else set()
        self.running = network.decoder.begin(network.context(self.latent, self.sensitive, self.label, self.view))
        self.tokens = torch.zeros(len(starts), network.decoder.columns, dtype=torch.long, device=self.view.device)
        self.probabilities: list[Tensor] = []

    def __len__(self) -> int:
        return len(self.view)

    def choose(self, rows: Tensor) -> None:
        """Goes on with some of the rows, given by number; one may be there several times."""
        for name in ('sensitive', 'view', 'latent', 'group', 'label', 'position', 'running', 'tokens'):
            setattr(self, name, getattr(self, name)[rows])

    def draw_label(
        self, column: int, fixed: Tensor | None = None, never: int | None = None, becomes: Tensor | None = None
    ) -> Tensor | float:
        """Draws the label of the rows whose view wants it before a column; at the end, after the last one.

        Args:
            column: Number of the column that comes next.
            fixed: The class of each row to take instead of drawing one ``(rows,)``; where it is -1, one is drawn.
            never: A class that is not drawn.
            becomes: How likely each class becomes the one that is wanted in the end ``(rows, classes)``: what is drawn
                heeds that; no class is fixed then.

        Returns:
            The log-probability ``(rows,)`` of the fixed classes, and that the class not to be drawn is not; 0 if there
            are none. That of what is wanted in the end, if something is.
        """
        if column not in self.late:
            return 0.0
        now = self.position == column
        probabilities = self.network.heads(self.latent, self.sensitive, self.tokens, self.view).exp()
        if becomes is None:
            drawn, log_weights = self._drawn(probabilities, fixed, never)
        else:
            drawn, log_weights = draw_towards(probabilities, becomes, self.generator)
        self.label = torch.where(now, drawn, self.label)
        if column < self.network.decoder.columns:
            self.running = self.network.decoder.join(self.running, self.label, now)
        return log_weights * now if isinstance(log_weights, Tensor) else log_weights

    def draw_column(self, column: int, fixed: Tensor | None = None, never: int | None = None) -> Tensor | float:
        """Draws the tokens of a column; see :meth:`draw_label`."""
        decoder = self.network.decoder
        probabilities = decoder.probabilities(column, self.running, self.tokens)
        if self.keep:
            self.probabilities.append(probabilities)
        self.tokens[:, column], log_weights = self._drawn(probabilities, fixed, never)
        self.running = decoder.advance(column, self.running, self.tokens[:, column])
        return log_weights

    def _drawn(
        self, probabilities: Tensor, fixed: Tensor | None, never: int | None = None
    ) -> tuple[Tensor, Tensor | float]:
        """Gives classes or tokens ``(rows,)`` of probabilities ``(rows, classes)``, and their log-weights."""
        if fixed is None and never is None:
            return self._free(probabilities), 0.0
        if fixed is None:
            fixed = torch.full_like(self.view, -1)
        free = fixed < 0
        drawn, weights = fixed, probabilities.gather(1, fixed.clamp_min(0)[:, None])[:, 0]
        if free.any():
            allowed = probabilities if never is None else without(probabilities, never)
            drawn = torch.where(free, self._free(allowed), fixed)
            weights = torch.where(free, allowed.sum(1) if never is not None else torch.ones_like(weights), weights)
        return drawn, weights.clamp_min(TINY).log()

    def _free(self, probabilities: Tensor) -> Tensor:
        if not self.even:
            return draw_class(probabilities, self.generator)
        groups, labels = self.group.max() + 1, self.label.max() + 1
        blocks = (self.view * groups + self.group) * labels + self.label
        return class_at(probabilities, even_uniforms(probabilities, blocks, self.generator))


def draw_towards(probabilities: Tensor, becomes: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draws classes given what becomes of them, and tells how likely that is.

    Args:
        probabilities: Probabilities ``(rows, classes)`` of the classes.
        becomes: How likely each class becomes the one that is wanted in the end ``(rows, classes)``.
        generator: Draws the classes.

    Returns:
        Classes ``(rows,)``, and log-probabilities ``(rows,)`` of what is wanted.
    """
    weights = probabilities * becomes
    total = weights.sum(1).clamp_min(TINY)
    return draw_class(weights / total[:, None], generator), total.log()


def without(probabilities: Tensor, never: int) -> Tensor:
    """Gives probabilities ``(rows, classes)`` in which that of one class is 0; they no longer sum to 1."""
    return probabilities.index_fill(1, torch.tensor([never], device=probabilities.device), 0.0)


def walk_along(
    walk: Walk, log_weights: Tensor, known: Tensor, label: Tensor | None, never: Mapping[int, int] | None = None
) -> Tensor:
    """Walks rows of which tokens are known to the end; gives how likely it was to draw these, on top of log-weights.

    Args:
        walk: The rows; walked.
        log_weights: What they weigh so far ``(rows,)``.
        known: Tokens ``(rows, columns)`` of the drawn columns; -1 where one is lacking, and drawn.
        label: Classes likewise ``(rows,)``, of rows that draw it on the way; None if none is known.
        never: By number of a column the token that is not drawn.
    """
    for column in range(walk.network.decoder.columns + 1):
        log_weights = log_weights + walk.draw_label(column, label)
        if column < walk.network.decoder.columns:
            log_weights = log_weights + walk.draw_column(column, known[:, column], (never or {}).get(column))
    return log_weights


def walk_to_the_end(
    network: FairVAE, starts: Starts, generator: torch.Generator, even: bool, keep: bool = False
) -> Walk:
    """Draws labels and all columns of rows; see :class:`Walk`."""
    walk = Walk(network, starts, generator, even, keep)
    for column in range(network.decoder.columns + 1):
        walk.draw_label(column)
        if column < network.decoder.columns:
            walk.draw_column(column)
    return walk
