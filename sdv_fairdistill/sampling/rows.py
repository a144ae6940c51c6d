"""Drawing rows from a student: sensitive values, view, latent, then label and columns in the order of the view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.helpers.choice import even_choice
from sdv_fairdistill.helpers.threads import in_threads
from sdv_fairdistill.networks.fair_vae import RAW, Student
from sdv_fairdistill.sampling.classes import class_at
from sdv_fairdistill.sampling.counterfactual import Counterfactual
from sdv_fairdistill.sampling.even import even_classes, even_points, even_split
from sdv_fairdistill.sampling.generators import Generators, several
from sdv_fairdistill.sampling.repairs import Repair
from sdv_fairdistill.sampling.walk import Starts, Walk, walk_to_the_end
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout

__all__ = ['Source', 'draw_rows', 'draw_starts', 'to_table']

CHUNK = 8_192  # rows decoded at once: the states of one column then fit a processor's cache


@dataclass(frozen=True)
class Source:
    """What rows are drawn from.

    Attributes:
        student: The network.
        layout: Roles of the columns.
        groups: Combinations of sensitive values and how often they occur.
        view: The repaired view; 0 if there is none.
        dial: Share of rows drawn from the repaired view; the others come from the raw one.
        repair: How the labels of drawn rows are changed; None if they are not.
        changed: Share of rows whose labels are changed so, or by the next.
        counterfactual: How drawn rows are changed along a causal graph; None if they are not.
        with_columns: Whether the columns that this changes on the way to the label are drawn changed as well.
    """

    student: Student
    layout: Layout
    groups: Groups
    view: int
    dial: float
    repair: Repair | None = None
    changed: float = 0.0
    counterfactual: Counterfactual | None = None
    with_columns: bool = False


def draw_starts(
    source: Source, combinations: np.ndarray, shares: np.ndarray, count: int, generators: Generators
) -> tuple[Starts, np.ndarray]:
    """Draws everything of rows but their columns, evenly spread inside each view and group, in random order.

    Args:
        source: What rows are drawn from.
        combinations: Tokens ``(combinations, sensitive columns)`` of the sensitive columns.
        shares: Probability of each ``(combinations,)``.
        count: Number of rows.
        generators: Draw everything.

    Returns:
        The rows, and the tokens ``(rows, sensitive columns)`` of their sensitive columns.
    """
    student, groups = source.student, source.groups
    device = student.sampler.means.device
    rows = even_choice(shares, count, generators.numpy)
    view = even_split(source.dial, count, generators.numpy) * source.view
    known = groups.of(combinations)  # conditions may have changed them
    group = np.where(known < 0, groups.group_of, known)[rows]
    blocks = view * groups.count + group
    sensitive = torch.from_numpy(groups.features(combinations[rows])).to(device)
    view_on, group_on = torch.from_numpy(view).to(device), torch.from_numpy(group).to(device)
    points = even_points(blocks, 1 + student.sizes.latent, generators.numpy).to(device)
    component = class_at(student.sampler.log_weights(view_on, group_on).exp(), points[:, :1])
    latent = student.sampler.place(component, torch.special.ndtri(points[:, 1:]))
    label = torch.zeros(count, dtype=torch.long, device=device)
    first = student.positions[view_on] == 0
    if source.layout.classes and (first.any() or student.positions[RAW] == 0):  # else files of before draw other rows
        nothing = torch.zeros(1, student.decoder.columns, dtype=torch.long, device=device).expand(count, -1)
        parts = (part.split(CHUNK) for part in (latent, sensitive, nothing, view_on))
        probabilities = torch.cat(in_threads(student.heads, *parts)).exp()
        label = even_classes(probabilities, view * len(combinations) + rows, generators.numpy) * first
    starts = Starts(sensitive, view_on, group_on, latent, label)
    order = generators.numpy.permutation(count)
    return starts[torch.from_numpy(order).to(device)], combinations[rows[order]]


@torch.no_grad()
def draw_rows(source: Source, count: int, generators: Generators) -> np.ndarray:
    """Draws rows.

    Args:
        source: What rows are drawn from.
        count: Number of rows.
        generators: Draw everything.

    Returns:
        Token table ``(count, columns)``, int32.
    """
    groups = source.groups
    starts, sensitive = draw_starts(source, groups.combinations, groups.shares, count, generators)
    begins = range(0, count, CHUNK)

    def decoded(begin: int, generator: torch.Generator) -> np.ndarray:
        rows = slice(begin, begin + CHUNK)
        walk = walk_to_the_end(source.student, starts[rows], generator, even=True)
        return to_table(source.layout, walk, sensitive[rows])

    table = np.concatenate(in_threads(decoded, begins, several(generators.torch, len(begins))))
    if source.repair is not None and source.changed > 0:
        _change_labels(source, table, starts.sensitive, starts.group.cpu().numpy(), generators)
    if source.counterfactual is not None and source.changed > 0:
        _change_causes(source, table, starts.group.cpu().numpy(), generators)
    return table


def _change_causes(source: Source, table: np.ndarray, group: np.ndarray, generators: Generators) -> None:
    """Makes a share of drawn rows counterfactual, spread evenly over groups and labels."""
    generators = Generators(generators.numpy.spawn(1)[0], generators.torch)  # so that what stays is what it would be
    chosen = _share_of(source, table, group, generators)
    table[chosen] = source.counterfactual.change(table[chosen], group[chosen], generators, True, source.with_columns)


def _share_of(source: Source, table: np.ndarray, group: np.ndarray, generators: Generators) -> np.ndarray:
    """Gives the numbers of the rows to change."""
    order = np.lexsort((table[:, source.layout.target], group))
    return order[even_split(source.changed, len(table), generators.numpy)]


def _change_labels(
    source: Source, table: np.ndarray, sensitive: Tensor, group: np.ndarray, generators: Generators
) -> None:
    """Changes the labels of a share of drawn rows, spread evenly over groups and labels."""
    repair, target, label = source.repair, source.layout.target, table[:, source.layout.target].astype(np.int64)
    chosen = _share_of(source, table, group, generators)
    tokens = torch.from_numpy(table[np.ix_(chosen, source.layout.drawn)].astype(np.int64)).to(sensitive.device)
    scores = repair.scores(tokens, sensitive[torch.from_numpy(chosen).to(sensitive.device)])
    table[chosen, target] = repair.how.change(label[chosen], *scores, group[chosen], generators, even=True)


def to_table(layout: Layout, walk: Walk, sensitive: np.ndarray) -> np.ndarray:
    """Puts drawn columns, label and sensitive tokens where they belong: ``(rows, columns)``, int32."""
    table = np.empty((len(walk), len(layout.cardinalities)), dtype=np.int32)
    table[:, layout.drawn] = walk.tokens.cpu().numpy()
    table[:, layout.sensitive] = sensitive
    if layout.target is not None:
        table[:, layout.target] = walk.label.cpu().numpy()
    return table
