"""Drawing rows from a student: sensitive values, view, latent, label, then the columns."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.groups import Groups
from sdv_fairdistill.layout import Layout
from sdv_fairdistill.networks.fair_vae import Student
from sdv_fairdistill.sampling.columns import class_at, draw_columns
from sdv_fairdistill.sampling.even import even_choice, even_classes, even_points, even_split
from sdv_fairdistill.sampling.generators import Generators

__all__ = ['Source', 'Starts', 'draw_rows', 'draw_starts', 'to_table']

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
    """

    student: Student
    layout: Layout
    groups: Groups
    view: int
    dial: float


@dataclass
class Starts:
    """Rows before their columns are drawn.

    Attributes:
        combination: Tokens of the sensitive columns ``(rows, sensitive columns)``.
        sensitive: Sensitive features ``(rows, width)``.
        view: Views ``(rows,)``.
        group: Groups ``(rows,)``.
        latent: Latents ``(rows, latent)``.
        label: Classes ``(rows,)``; 0 without a target.
    """

    combination: Tensor
    sensitive: Tensor
    view: Tensor
    group: Tensor
    latent: Tensor
    label: Tensor

    def __getitem__(self, rows: Tensor) -> Starts:
        return Starts(*(getattr(self, field.name)[rows] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.view)

    @property
    def blocks(self) -> Tensor:
        """A number for each combination of view, group and label ``(rows,)``, inside which columns are spread evenly."""
        groups, labels = self.group.max() + 1, self.label.max() + 1
        return (self.view * groups + self.group) * labels + self.label

    def context(self, student: Student) -> Tensor:
        """Gives what the decoder conditions on."""
        return student.context(self.latent, self.sensitive, self.label, self.view)


def draw_starts(
    source: Source, combinations: np.ndarray, shares: np.ndarray, count: int, generators: Generators
) -> Starts:
    """Draws everything of rows but their columns, evenly spread inside each view and group, in random order.

    Args:
        source: What rows are drawn from.
        combinations: Tokens ``(combinations, sensitive columns)`` of the sensitive columns.
        shares: Probability of each ``(combinations,)``.
        count: Number of rows.
        generators: Draw everything.
    """
    student, groups = source.student, source.groups
    device = student.sampler.means.device
    rows = even_choice(shares, count, generators.numpy)
    view = even_split(source.dial, count, generators.numpy) * source.view
    group = groups.group_of[rows]
    blocks = view * groups.count + group
    sensitive = torch.from_numpy(groups.features(combinations[rows])).to(device)
    view_on, group_on = torch.from_numpy(view).to(device), torch.from_numpy(group).to(device)
    points = even_points(blocks, 1 + student.sizes.latent, generators.numpy).to(device)
    component = class_at(student.sampler.log_weights(view_on, group_on).exp(), points[:, :1])
    latent = student.sampler.place(component, torch.special.ndtri(points[:, 1:]))
    label = torch.zeros(count, dtype=torch.long, device=device)
    if source.layout.classes:
        label = even_classes(student.heads(latent, sensitive, view_on).exp(), blocks, generators.numpy)
    starts = Starts(torch.from_numpy(combinations[rows]).to(device), sensitive, view_on, group_on, latent, label)
    return starts[torch.from_numpy(generators.numpy.permutation(count)).to(device)]


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
    starts = draw_starts(source, groups.combinations, groups.shares, count, generators)
    tables = []
    for rows in torch.arange(count, device=starts.view.device).split(CHUNK):
        part = starts[rows]
        columns = draw_columns(source.student.decoder, part.context(source.student), generators.torch, part.blocks)
        tables.append(to_table(source.layout, part, columns))
    return np.concatenate(tables)


def to_table(layout: Layout, starts: Starts, columns: Tensor) -> np.ndarray:
    """Puts sensitive tokens, label and drawn columns where they belong: ``(rows, columns)``, int32."""
    table = np.empty((len(starts), len(layout.cardinalities)), dtype=np.int32)
    table[:, layout.drawn] = columns.cpu().numpy()
    table[:, layout.sensitive] = starts.combination.cpu().numpy()
    if layout.target is not None:
        table[:, layout.target] = starts.label.cpu().numpy()
    return table
