"""Unawareness: the label depends on the sensitive columns in no direct way."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sdv_fairdistill.views.notion import Evidence, Notion, Reads, register

__all__ = ['Unawareness']


@register
class Unawareness(Notion):
    """Averages the score over the distribution of the sensitive values: r(x) = Σ_s P(s) r(x, s).

    Fairness through unawareness, as DECAF has it (van Breugel et al., 2021). What other columns tell of the group
    stays, so that rates still differ between groups.
    """

    name: ClassVar[str] = 'unawareness'
    reads: ClassVar[Reads] = Reads.COLUMNS

    def repair_score(self, evidence: Evidence) -> np.ndarray:
        """See :meth:`Notion.repair_score`."""
        return evidence.blind

    def repair_ordered(self, evidence: Evidence) -> np.ndarray:
        """Leaves the labels: a head that reads no sensitive column learns them; see :meth:`Notion.repair_ordered`."""
        return evidence.labels
