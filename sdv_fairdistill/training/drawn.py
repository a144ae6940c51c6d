"""What the stages after the student learn from: rows that it draws, the same ones for all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from sdv_fairdistill.networks.fair_vae import Student
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import Source, draw_rows
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig

__all__ = ['Drawn']


@dataclass(frozen=True)
class Drawn:
    """A trained student with a raw view, the rows that it draws, and how to learn from them.

    Attributes:
        student: The student.
        learned: Number of real rows that it learned from.
        groups: The groups.
        layout: Roles of the columns.
        config: Numbers of the fit.
        generator: Draws batches.
        seed: Decides everything else that is random.
        verbose: Whether to show progress bars.
    """

    student: Student
    learned: int
    groups: Groups
    layout: Layout
    config: FitConfig
    generator: torch.Generator
    seed: int
    verbose: bool = False

    @property
    def device(self) -> torch.device:
        """Where the student computes."""
        return self.student.sampler.means.device

    @cached_property
    def rows(self) -> np.ndarray:
        """Token table ``(rows, columns)``, drawn when it is first asked for."""
        count = self.config.repair_rows_of(self.learned, len(self.layout.drawn), self.groups.count)
        source = Source(self.student, self.layout, self.groups, 0, 0.0)
        return draw_rows(source, count, Generators.of(self.seed, self.device))

    @cached_property
    def group(self) -> np.ndarray:
        """Their groups ``(rows,)``."""
        return self.groups.of(self.rows[:, self.layout.sensitive])
