"""Blind parity: models that do not see the sensitive columns select every group equally often."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sdv_fairdistill.views.level_sets import level_sets
from sdv_fairdistill.views.notion import Evidence, Relabelling, register
from sdv_fairdistill.views.quantiles import respread

__all__ = ['BlindParity']

STRENGTH = 0.9  # of each multiplier: models came out as alike as with all of it (.97, .95 blind), AUC .892 for .889
SPREAD = 0.3  # part of the way back to the spread of the score; all of it left models less alike


@register
class BlindParity(Relabelling):
    """Repairs the score that does not read the sensitive columns, by level sets; see :func:`level_sets`.

    The repaired label depends on no sensitive value of a row, so that a model has nothing to gain from seeing one; and
    among people who look like one group as among those who look like another it is as frequent. Of a numeric sensitive
    column this holds for its groups, not inside one.
    """

    name: ClassVar[str] = 'blind_parity'
    reads_sensitive: ClassVar[bool] = False

    def repair_score(self, evidence: Evidence, among: Evidence | None = None) -> np.ndarray:
        """See :meth:`Relabelling.repair_score`."""
        score, likeness = evidence.unaware, evidence.likeness
        among = evidence if among is None else among
        columns = range(1, 2) if score.shape[1] == 2 else range(score.shape[1])
        repaired = np.column_stack(
            [_alike(score[:, k], likeness, among.unaware[:, k], among.likeness) for k in columns]
        )
        if score.shape[1] == 2:
            return np.column_stack([1 - repaired, repaired])
        if score.shape[1] == 1:
            return repaired
        repaired *= score.mean(0) / np.maximum(repaired.mean(0), 1e-12)
        return repaired / np.maximum(repaired.sum(1, keepdims=True), 1e-12)


def _alike(score: np.ndarray, likeness: np.ndarray, among: np.ndarray, their_likeness: np.ndarray) -> np.ndarray:
    return respread(level_sets(score, likeness, STRENGTH, (among, their_likeness)), score, SPREAD)
