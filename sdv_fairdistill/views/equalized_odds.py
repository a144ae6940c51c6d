"""Equalized odds: among rows with the same label, the prediction's distribution is the same in every group."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sdv_fairdistill.views.notion import Evidence, Mixture, register

__all__ = ['EqualizedOdds', 'odds_gap']

SHARES = np.linspace(0, 1, 51)  # a fiftieth of the rows changes the gaps by less than they are known
LEAST_ROWS = 30  # rows of a group and label below which a rate is left out of the comparison


@register
class EqualizedOdds(Mixture):
    """Mixes the raw view with the parity view in the share for which a model's error rates differ least.

    Hardt et al. (2016) ask for equal true and false positive rates. Between the data (the disadvantaged group is found
    too rarely) and parity (too often) there is a share at which the gaps are smallest. They are measured for a model
    that sees the sensitive columns and for one that does not; the share is the one at which the larger gap is least.
    """

    name: ClassVar[str] = 'equalized_odds'
    view: ClassVar[str] = 'demographic_parity'

    def share(self, evidence: Evidence, repaired: np.ndarray) -> float:
        """See :meth:`Mixture.share`."""
        kinds = [(evidence.score, repaired)]
        if evidence.unaware is not None and evidence.unaware_repaired is not None:
            kinds.append((evidence.unaware, evidence.unaware_repaired))
        gaps = [
            max(odds_gap(evidence, (1 - share) * score + share * wanted) for score, wanted in kinds) for share in SHARES
        ]
        return float(SHARES[int(np.argmin(gaps))])


def odds_gap(evidence: Evidence, score: np.ndarray) -> float:
    """Gives the largest gap between groups in the rates at which the likeliest class is predicted, by true label.

    For a binary label it is the larger of the gaps in true and in false positive rates.

    Args:
        evidence: Labels and groups.
        score: Class probabilities ``(rows, classes)`` that predictions are made from.
    """
    predicted, classes = score.argmax(1), score.shape[1]
    cells = evidence.groups * classes + evidence.labels
    counts = np.bincount(cells, minlength=(evidence.groups.max() + 1) * classes)
    gap = 0.0
    for chosen in range(classes):
        hits = np.bincount(cells, predicted == chosen, minlength=len(counts))
        with np.errstate(invalid='ignore', divide='ignore'):
            rates = np.where(counts >= LEAST_ROWS, hits / counts, np.nan).reshape(-1, classes)
        known = rates[:, np.isfinite(rates).sum(0) > 1]
        if known.size:
            gap = max(gap, float((np.nanmax(known, axis=0) - np.nanmin(known, axis=0)).max()))
    return gap
