"""The label's probabilities given the rest of real rows, by particles, as the labels of drawn rows follow them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.sampling.classes import draw_class
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.particles import draw_wanted_starts
from sdv_fairdistill.sampling.repair import ClassChange
from sdv_fairdistill.sampling.rows import Source
from sdv_fairdistill.sampling.walk import TINY, Walk, walk_along

__all__ = ['class_probabilities']

PARTICLES = 128  # of a row, labels counted: on Adult the AUC is that with twice as many
FEW_CLASSES = 8  # up to so many, every start is tried with each label; beyond, with one that is drawn for it
MOST_PARTICLES = 8_192  # walked at once: the states of one column then fit a processor's cache


@torch.no_grad()
def class_probabilities(
    source: Source, known: np.ndarray, never: Mapping[int, int], generators: Generators
) -> np.ndarray:
    """Estimates the probability of each class of the label of rows, given whatever else is known of them.

    Sensitive tokens that are lacking are drawn as other rows with these columns have them, and so averaged over.

    Args:
        source: What rows are drawn from; it has a target, and says which notion holds how far.
        known: Tokens ``(rows, columns)``; -1 where they are lacking. The label's are not looked at.
        never: By position the token of a column that is not drawn where it is lacking, and of the label.
        generators: Draw the particles.

    Returns:
        Probabilities ``(rows, classes)``, float64.
    """
    size = max(1, MOST_PARTICLES // PARTICLES)
    known = known.copy()
    known[:, source.layout.target] = -1
    parts = [_estimated(source, known[begin : begin + size], never, generators) for begin in range(0, len(known), size)]
    return np.concatenate([np.zeros((0, source.layout.classes)), *parts])


def _estimated(source: Source, known: np.ndarray, never: Mapping[int, int], generators: Generators) -> np.ndarray:
    layout, classes = source.layout, source.layout.classes
    tried = classes if classes <= FEW_CLASSES else 1
    counts = np.full(len(known), PARTICLES // tried)
    wants = {column: known[:, column] for column in layout.sensitive}
    starts, _ = draw_wanted_starts(source, counts, wants, generators, never)
    starts = starts[torch.arange(len(starts), device=starts.view.device).repeat_interleave(tried)]
    label = torch.arange(classes, device=starts.view.device).repeat(len(starts) // tried) if tried > 1 else None
    row = np.repeat(np.arange(len(known)), counts * tried)
    first = source.student.positions[starts.view] == 0
    nothing = torch.zeros(len(starts), source.student.decoder.columns, dtype=torch.long, device=first.device)
    chances = source.student.heads(starts.latent, starts.sensitive, nothing, starts.view)
    drawn = draw_class(chances.exp(), generators.torch) if label is None else label
    starts.label = torch.where(first, drawn, torch.zeros_like(drawn))
    log_weights = torch.zeros(len(starts), device=first.device)
    if label is not None:
        log_weights = chances.gather(1, label[:, None])[:, 0] * first
    walk = Walk(source.student, starts, generators.torch, even=False)
    tokens = torch.from_numpy(known[np.ix_(row, layout.drawn)]).to(first.device)
    lacking = {number: never[column] for number, column in enumerate(layout.drawn) if column in never}
    log_weights = walk_along(walk, log_weights, tokens, label, lacking)
    return _mean(_labels(source, walk, generators), log_weights, row, never.get(layout.target))


def _labels(source: Source, walk: Walk, generators: Generators) -> np.ndarray:
    """Gives the probabilities ``(particles, classes)`` of what becomes of the labels of particles."""
    label = walk.label.cpu().numpy()
    kept = np.eye(source.layout.classes)[label]
    if source.repair is None or source.changed == 0:
        return kept
    group, how = walk.group.cpu().numpy(), source.repair.how
    scores = source.repair.scores(walk.tokens, walk.sensitive)
    if isinstance(how, ClassChange):
        becomes = how.probabilities(label, *scores, group)
    else:
        becomes = np.eye(source.layout.classes)[how.change(label, *scores, group, generators, even=False)]
    return (1 - source.changed) * kept + source.changed * becomes


def _mean(labels: np.ndarray, log_weights: Tensor, row: np.ndarray, never: int | None) -> np.ndarray:
    """Gives the weighted means ``(rows, classes)`` of the particles of each row."""
    weights = log_weights.double().cpu().numpy().reshape(row.max() + 1, -1)
    weights = np.exp(weights - weights.max(1, keepdims=True))
    means = np.einsum('ij,ijk->ik', weights, labels.reshape(*weights.shape, -1))
    if never is not None:
        means[:, never] = 0.0
    return means / np.maximum(means.sum(1, keepdims=True), TINY)
