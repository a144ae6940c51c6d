"""What a notion of fairness is: a repair of the label score, registered under a name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np

from sdv_fairdistill.causal import CausalRoles, Cut

__all__ = ['NOTIONS', 'EdgeCut', 'Evidence', 'Mixture', 'Notion', 'Reads', 'Relabelling', 'register']

NOTIONS: dict[str, type[Notion] | type[Mixture] | type[Relabelling] | type[EdgeCut]] = {}


class Reads(Enum):
    """What the label head of a view may read; only that of the raw view, not of a notion's, reads sensitive columns."""

    LATENT = 'the fair latent'
    ADMISSIBLE = 'the fair latent and the admissible columns'
    COLUMNS = 'all columns but the sensitive ones, and no latent'
    EVERYTHING = 'all columns, the sensitive ones as well, and no latent'


@dataclass(frozen=True)
class Evidence:
    """What a notion repairs from.

    Attributes:
        labels: Observed class, or bin of a number or date, of every row ``(rows,)``.
        score: Class probabilities given all columns ``(rows, classes)``.
        blind: The same, averaged over the distribution of the sensitive values ``(rows, classes)``.
        groups: Group of every row ``(rows,)``.
        strata: Stratum of the admissible columns of every row ``(rows,)``; all 0 without such columns.
        seed: Decides what is random.
        missing: The bin of missing numbers or dates, which has no place in their order; -1 if there is none.
        unaware: The score given the columns that are not sensitive, of the shape of ``score``; None if no notion asks.
        likeness: Probabilities of the groups given the same columns ``(rows, groups)``; None likewise.
        unaware_repaired: Of a notion that is mixed, what its repaired score comes to given the same columns ``(rows,
            classes)``: what a model that does not see the sensitive ones would learn of it. None likewise.
    """

    labels: np.ndarray
    score: np.ndarray
    blind: np.ndarray
    groups: np.ndarray
    strata: np.ndarray
    seed: int
    missing: int = -1
    unaware: np.ndarray | None = None
    likeness: np.ndarray | None = None
    unaware_repaired: np.ndarray | None = None


class Notion(ABC):
    """A notion of fairness. A new one is one subclass in a file of its own, decorated with :func:`register`.

    Attributes:
        name: What users call it.
        reads: What the label of a fair row may depend on, by construction.
        needs_admissible: Whether it asks for admissible columns.
    """

    name: ClassVar[str]
    reads: ClassVar[Reads] = Reads.LATENT
    needs_admissible: ClassVar[bool] = False

    @abstractmethod
    def repair_score(self, evidence: Evidence) -> np.ndarray:
        """Gives class probabilities ``(rows, classes)`` for which the notion holds."""

    @abstractmethod
    def repair_ordered(self, evidence: Evidence) -> np.ndarray:
        """Gives bins ``(rows,)`` of a numeric or date target for which the notion holds; ``labels`` are its bins."""


class Relabelling(ABC):
    """A notion for which labels are changed after all columns of a row are drawn, so that these stay as they are.

    Attributes:
        name: What users call it.
        reads_sensitive: Whether the repaired score is one of all columns, or of those that are not sensitive.
    """

    name: ClassVar[str]
    reads_sensitive: ClassVar[bool]
    needs_admissible: ClassVar[bool] = False

    @abstractmethod
    def repair_score(self, evidence: Evidence, among: Evidence | None = None) -> np.ndarray:
        """Gives scores of drawn rows for which the notion holds.

        Args:
            evidence: What is known of the rows; scores are class probabilities ``(rows, classes)``, of a numeric or
                date target the expected rank ``(rows, 1)``, from 0 to 1.
            among: Rows among which it shall hold for scores that are repaired so; None for the same rows.

        Returns:
            Scores of the same shape.
        """


class Mixture(ABC):
    """A notion that holds for some mixture of the raw view and another notion's; it needs no view of its own.

    Attributes:
        name: What users call it.
        view: The other notion's name.
    """

    name: ClassVar[str]
    view: ClassVar[str]
    needs_admissible: ClassVar[bool] = False

    @abstractmethod
    def share(self, evidence: Evidence, repaired: np.ndarray) -> float:
        """Gives the share of the other notion's view, 0 to 1.

        Args:
            evidence: What to decide by.
            repaired: The other notion's class probabilities ``(rows, classes)``.
        """


class EdgeCut(ABC):
    """A notion that cuts edges of a causal graph: labels of drawn rows become what they would be without these.

    Attributes:
        name: What users call it.
    """

    name: ClassVar[str]
    needs_admissible: ClassVar[bool] = False

    @abstractmethod
    def cut(self, given: CausalRoles) -> Cut:
        """Says which edges of a graph, with the roles of its columns, are cut; none if it has none of the kind."""


def register(notion: type) -> type:
    """Makes a notion known by its name."""
    NOTIONS[notion.name] = notion
    return notion
