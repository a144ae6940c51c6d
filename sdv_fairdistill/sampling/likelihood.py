"""How likely a model finds rows, estimated by particles; what is drawn given part of a row is in ``filling``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.particles import draw_wanted_starts, fix_first_labels
from sdv_fairdistill.sampling.rows import Source
from sdv_fairdistill.sampling.walk import Starts, Walk, walk_along

__all__ = ['log_likelihoods']

PARTICLES = 64  # latents a row; on Adult the standard error of a row's log-likelihood is then about .1
MOST_PARTICLES = 8_192  # walked at once: the states of one column then fit a processor's cache


@torch.no_grad()
def log_likelihoods(source: Source, known: np.ndarray, generators: Generators) -> tuple[np.ndarray, np.ndarray]:
    r"""Estimates the log-probability of rows as the data are, whatever notion holds for drawn rows.

    :math:`\log p(x, y, s) = \log p(s) + \log E_{z \sim p(z | s)}\, p(y | z, s)\, p(x | z, s, y)`, the mean over drawn
    latents. The mean itself is unbiased, its logarithm a little too small.

    Args:
        source: What rows are drawn from.
        known: Tokens ``(rows, columns)``; what is lacking, -1, is summed out.
        generators: Draw the latents.

    Returns:
        Natural logarithms ``(rows,)``, and their standard errors. Where the model never draws the sensitive values
        together, minus infinity, and 0.
    """
    raw = replace(source, view=0, dial=0.0, repair=None, changed=0.0)
    size = max(1, MOST_PARTICLES // PARTICLES)
    parts = [_estimated(raw, known[begin : begin + size], generators) for begin in range(0, len(known), size)]
    values, errors = (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else (np.zeros(0),) * 2
    with np.errstate(divide='ignore'):
        values = values + np.log(_shares(raw, known[:, raw.layout.sensitive]))
    return values, np.where(np.isfinite(values), errors, 0.0)


def _estimated(source: Source, known: np.ndarray, generators: Generators) -> tuple[np.ndarray, np.ndarray]:
    """Gives log-probabilities of rows given their sensitive tokens, and standard errors by the delta method."""
    layout, again = source.layout, np.repeat(known, PARTICLES, axis=0)
    wants = {column: known[:, column] for column in layout.sensitive}
    starts, _ = draw_wanted_starts(source, np.full(len(known), PARTICLES), wants, generators)
    log_weights = _first_labels(source, starts, again, generators)
    walk = Walk(source.student, starts, generators.torch, even=False)
    label = None if layout.target is None else torch.from_numpy(again[:, layout.target]).to(walk.view.device)
    log_weights = walk_along(walk, log_weights, torch.from_numpy(again[:, layout.drawn]).to(walk.view.device), label)
    table = log_weights.double().view(-1, PARTICLES).cpu().numpy()
    largest = table.max(1, keepdims=True)
    weights = np.exp(table - largest)
    mean = weights.mean(1)
    return largest[:, 0] + np.log(mean), weights.std(1, ddof=1) / mean / np.sqrt(PARTICLES)


def _first_labels(source: Source, starts: Starts, known: np.ndarray, generators: Generators) -> Tensor:
    """Sets the labels that are known; gives their log-probabilities ``(rows,)``, 0 where none is known."""
    nothing = torch.zeros(len(starts), device=starts.view.device)
    if source.layout.target is None:
        return nothing
    label, drawn = known[:, source.layout.target], starts.label
    unchanged = np.zeros(len(label), dtype=bool)
    weights = fix_first_labels(source, starts, np.maximum(label, 0), unchanged, generators)
    lacks = torch.from_numpy(label < 0).to(drawn.device)
    starts.label = torch.where(lacks, drawn, starts.label)
    return torch.where(lacks, nothing, weights)


def _shares(source: Source, sensitive: np.ndarray) -> np.ndarray:
    """Gives how often drawn rows have the known ones of sensitive tokens ``(rows, sensitive columns)``.

    Where there are too many combinations for all of them to be kept, one that is not counts as the rarest of its group.
    """
    groups = source.groups
    patterns, rows = np.unique(sensitive, axis=0, return_inverse=True)
    shares = np.empty(len(patterns))
    for number, pattern in enumerate(patterns):
        known = pattern >= 0
        shares[number] = groups.shares[(groups.combinations[:, known] == pattern[known]).all(1)].sum()
        if shares[number] == 0 and known.all():
            members = groups.group_of == groups.of(pattern[None])[0]
            shares[number] = groups.shares[members].min(initial=1.0) if members.any() else 0.0
    return shares[rows.reshape(-1)]
