"""A label view: one version of the label, as a distribution over classes for every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdv_fairdistill.views.notion import Reads

__all__ = ['LabelView', 'Views']


@dataclass(frozen=True)
class LabelView:
    """The label of every row under one notion of fairness.

    Attributes:
        name: ``'raw'`` or the name of a notion.
        labels: A class for every row ``(rows,)``, where the view is certain.
        probabilities: Probabilities ``(rows, classes)``, float32, of the class to draw; None where ``labels`` is
            certain.
        reads: What the view's label head may read; None for the latent and the sensitive columns, as in the raw view
            unless its label is drawn last.
    """

    name: str
    labels: np.ndarray
    probabilities: np.ndarray | None = None
    reads: Reads | None = None


@dataclass(frozen=True)
class Views:
    """The label views of a table, and how each notion is drawn from them.

    Attributes:
        label: The views, the raw one first.
        recipes: For each notion the number of its view and the share of rows from there at dial 1.
    """

    label: tuple[LabelView, ...]
    recipes: dict[str, tuple[int, float]]
