"""Conditional parity: among rows of the same admissible values the label is distributed alike in every group."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sdv_fairdistill.views.notion import Evidence, Notion, Reads, register
from sdv_fairdistill.views.quantiles import to_pooled

__all__ = ['ConditionalParity']

PRIOR_ROWS = 30.0  # rows of the stratum that a group's own rate is weighed against, and of all rows for a stratum
ROUNDS = 20  # of scaling and renormalising; the rates agree to 1e-4


@register
class ConditionalParity(Notion):
    """Scales the scores so that inside each stratum of the admissible columns all groups have the same class rates.

    Justifiable fairness (Salimi et al., 2019; Pujol et al., 2023): the label may depend on the group through the
    admissible columns and through nothing else. The rates wanted are those of the whole stratum: with them label and
    admissible columns are jointly distributed as in the data, as in Salimi's repair, which couples label and group
    independently inside a stratum. Rates of small groups in small strata lean on those of the whole.
    """

    name: ClassVar[str] = 'conditional_parity'
    reads: ClassVar[Reads] = Reads.ADMISSIBLE
    needs_admissible: ClassVar[bool] = True

    def repair_score(self, evidence: Evidence) -> np.ndarray:
        """See :meth:`Notion.repair_score`."""
        score, groups, strata = evidence.score.copy(), evidence.groups, evidence.strata
        cells = strata * (groups.max() + 1) + groups
        wanted = _smoothed_rates(score, strata, score.mean(0))
        for _ in range(ROUNDS):
            of_group = _smoothed_rates(score, groups, score.mean(0))
            of_stratum = _smoothed_rates(score, strata, of_group)
            of_cell = _smoothed_rates(score, cells, of_stratum)
            score *= wanted / np.maximum(of_cell, 1e-9)
            score /= np.maximum(score.sum(1, keepdims=True), 1e-12)
        return score

    def repair_ordered(self, evidence: Evidence) -> np.ndarray:
        """Maps ranks inside each stratum; see :meth:`Notion.repair_ordered`."""
        repaired = evidence.labels.copy()
        generator = np.random.default_rng(evidence.seed)
        order = np.argsort(evidence.strata, kind='stable')
        ends = np.flatnonzero(np.diff(evidence.strata[order])) + 1
        for rows in np.split(order, ends):
            repaired[rows] = to_pooled(evidence.labels[rows], evidence.groups[rows], generator, evidence.missing)
        return repaired


def _smoothed_rates(score: np.ndarray, cells: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Gives the mean class probabilities of each row's cell, with some rows of the prior mixed in.

    Args:
        score: Class probabilities ``(rows, classes)``.
        cells: Cell of each row ``(rows,)``.
        prior: Class probabilities ``(classes,)``, or ``(rows, classes)``.
    """
    number = np.unique(cells, return_inverse=True)[1].reshape(-1)
    counts = np.bincount(number)[:, None]
    sums = np.column_stack([np.bincount(number, column) for column in score.T])
    return (sums[number] + PRIOR_ROWS * prior) / (counts[number] + PRIOR_ROWS)
