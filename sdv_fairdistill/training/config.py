"""Every number of a fit, with its reason."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

__all__ = ['FitConfig']


@dataclass(frozen=True)
class FitConfig:
    """The numbers of a fit.

    Attributes:
        latent: Size of the latent. On Adult one dimension carries what the label needs and the others stay near the
            prior; the more there are, the more a classifier finds of the group in them.
        teacher_features: Width of the teacher's layers; twice as much gave little.
        teacher_hidden: Width of a column's own layer in the teacher.
        student_features: Width of the student's layers: about a quarter of the teacher's parameters.
        student_hidden: Width of a column's own layer in the student.
        head: Width of the label heads.
        label_weight: Weight of the label loss. Ten made downstream parity worse (.85 for .96 on Adult).
        kl_weight: Weight of the KL term. Half of it filled more latent dimensions and cost .01 of quality.
        independence_weight: Weight of the distance correlation. Sixty starved the latent of the label.
        batch: Rows a step.
        passes: Passes over the data, between ``least_steps`` and ``most_steps``.
        learning_rate: Peak of one cycle.
        components: Gaussians of the latent sampler.
        mixture_rows: Latents that fit the mixture.
        distillation_rows: At most so many rows are drawn from the teacher for the student.
        quality_weight: Weight of the quality loss.
        utility_weight: Weight of the utility loss.
    """

    latent: int = 8
    teacher_features: int = 256
    teacher_hidden: int = 64
    teacher_head: int = 64
    student_features: int = 80
    student_hidden: int = 40
    student_head: int = 32
    label_weight: float = 3.0
    kl_weight: float = 1.0
    independence_weight: float = 20.0
    batch: int = 512
    least_batch: int = 128
    passes: float = 15.0
    least_steps: int = 600
    most_steps: int = 1_500
    learning_rate: float = 3e-3
    warm_up: float = 0.1
    clip_norm: float = 5.0
    weight_decay: float = 0.0
    dropout: float = 0.0
    components: int = 32
    mixture_rows: int = 10_000
    pool_rows: int = 16_384
    pool_numbers: int = 32_000_000
    pool_passes: int = 4
    student_steps: int = 1_000
    quality_weight: float = 1.0
    utility_weight: float = 1.0
    student_independence_weight: float = 20.0

    def with_epochs(self, epochs: int | None) -> FitConfig:
        """Gives the same numbers with exactly so many passes over the data; None leaves them as they are."""
        if epochs is None:
            return self
        return replace(self, passes=float(epochs), least_steps=1, most_steps=sys.maxsize)

    def for_rows(self, rows: int) -> FitConfig:
        """Gives the numbers for a table of so many rows."""
        return self

    def batch_of(self, rows: int) -> int:
        """Gives the batch for a table of so many rows: at least about ten batches a pass."""
        return int(min(self.batch, max(self.least_batch, rows // 10), rows))

    def steps_of(self, rows: int) -> int:
        """Gives the teacher's steps for a table of so many rows."""
        return int(min(max(self.passes * rows / self.batch_of(rows), self.least_steps), self.most_steps))

    def components_of(self, rows: int) -> int:
        """Gives the number of Gaussians for so many rows: at least a hundred rows each."""
        return max(1, min(self.components, rows // 100))

    def pool_of(self, tokens: int) -> int:
        """Gives the rows of a pool drawn from the teacher, for so many tokens in all columns."""
        return int(min(self.pool_rows, max(self.batch, self.pool_numbers // max(tokens, 1))))
