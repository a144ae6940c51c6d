"""What a notion of fairness is: a repair of the label score, registered under a name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

__all__ = ['NOTIONS', 'Notion', 'register']

NOTIONS: dict[str, type[Notion]] = {}


class Notion(ABC):
    """A notion of fairness. A new one is one subclass in a file of its own, decorated with :func:`register`."""

    name: ClassVar[str]

    @abstractmethod
    def repair_score(self, score: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Moves class probabilities to where the notion holds.

        Args:
            score: Class probabilities ``(rows, classes)``.
            groups: Group of every row ``(rows,)``.

        Returns:
            Repaired class probabilities ``(rows, classes)``.
        """

    @abstractmethod
    def repair_ordered(self, labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
        """Moves the labels of a numeric or date target to where the notion holds.

        Args:
            labels: Bins of the target ``(rows,)``, in ascending order.
            groups: Group of every row ``(rows,)``.
            seed: Seed of the order among equal labels.

        Returns:
            Repaired bins ``(rows,)``.
        """


def register(notion: type[Notion]) -> type[Notion]:
    """Makes a notion known by its name."""
    NOTIONS[notion.name] = notion
    return notion
