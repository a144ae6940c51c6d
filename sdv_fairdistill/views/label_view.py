"""A label view: one version of the label, as a distribution over classes for every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdv_fairdistill.views.notion import Reads

__all__ = ['LabelView']


@dataclass(frozen=True)
class LabelView:
    """The label of every row under one notion of fairness.

    Attributes:
        name: ``'raw'`` or the name of a notion.
        labels: A class for every row ``(rows,)``, where the view is certain.
        probabilities: Probabilities ``(rows, classes)``, float32, of the class to draw; None where ``labels`` is certain.
        reads: What the view's label head may read; None for the raw view, which reads the sensitive columns too.
    """

    name: str
    labels: np.ndarray
    probabilities: np.ndarray | None = None
    reads: Reads | None = None
