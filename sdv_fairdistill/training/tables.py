"""The rows that teacher and student learn from, as tensors on the training device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from sdv_fairdistill.views.label_view import LabelView

__all__ = ['DrawnRows', 'TrainingRows']


@dataclass
class TrainingRows:
    """The training table.

    Attributes:
        tokens: Drawn columns ``(rows, columns)``.
        sensitive: Sensitive features ``(rows, width)``.
        group: Group of every row ``(rows,)``.
        labels: The class of every row in every view ``(views, rows)``, where it is certain.
        probabilities: For each view the class probabilities ``(rows, classes)``, or None where ``labels`` is certain.
        classes: Number of classes.
    """

    tokens: Tensor
    sensitive: Tensor
    group: Tensor
    labels: Tensor
    probabilities: list[Tensor | None]
    classes: int

    @classmethod
    def of(
        cls,
        tokens: np.ndarray,
        sensitive: np.ndarray,
        group: np.ndarray,
        views: Sequence[LabelView],
        classes: int,
        device: torch.device,
    ) -> TrainingRows:
        """Puts arrays on a device."""

        def put(array: np.ndarray) -> Tensor:
            return torch.as_tensor(array).to(device)

        return cls(
            put(tokens),
            put(sensitive),
            put(group),
            put(np.stack([view.labels for view in views])),
            [None if view.probabilities is None else put(view.probabilities) for view in views],
            classes,
        )

    @property
    def views(self) -> int:
        """Number of views."""
        return len(self.probabilities)

    def token_counts(self, cardinalities: Sequence[int]) -> list[Tensor]:
        """Counts how often each token of each drawn column occurs, ``(cardinality,)`` each."""
        return [
            torch.bincount(column, minlength=cardinality)
            for column, cardinality in zip(self.tokens.T, cardinalities, strict=True)
        ]

    def draw_labels(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draws a view for every row of a batch, each view equally often, and a label from that view.

        Returns:
            Views ``(batch,)``, classes ``(batch,)`` and the distributions that they were drawn from ``(batch,
            classes)``.
        """
        view = torch.randint(self.views, (len(batch),), generator=generator, device=batch.device)
        return view, *self.labels_of(batch, view, generator)

    def labels_of(self, batch: Tensor, view: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draws a label for rows of given views; see :meth:`draw_labels`."""
        label = self.labels[view, batch]
        if not self.classes:
            return label, torch.zeros(len(batch), 0, device=batch.device)
        soft = one_hot(label, self.classes).float()
        if all(probabilities is None for probabilities in self.probabilities):
            return label, soft
        for number, probabilities in enumerate(self.probabilities):
            if probabilities is not None:
                soft = torch.where((view == number)[:, None], probabilities[batch], soft)
        return torch.multinomial(soft, 1, generator=generator).squeeze(1), soft


@dataclass
class DrawnRows:
    """Rows that the teacher has drawn, for the student to learn from.

    Attributes:
        tokens: Drawn columns ``(rows, columns)``.
        sensitive: Sensitive features ``(rows, width)``.
        group: Groups ``(rows,)``.
        view: Views ``(rows,)``.
        latent: The latents that they were drawn from ``(rows, latent)``.
        encoded: The latents as which the teacher encodes them ``(rows, latent)``.
        label: Classes ``(rows,)``.
        targets: The teacher's probabilities: blocks of columns ``(columns, rows, tokens)``, then the label ``(rows,
            classes)``, once for each latent that the student decodes it from.
        entropy: Their entropy, a scalar.
    """

    tokens: Tensor
    sensitive: Tensor
    group: Tensor
    view: Tensor
    latent: Tensor
    encoded: Tensor
    label: Tensor
    targets: list[Tensor]
    entropy: Tensor
