"""What fairness costs: models trained on rows drawn at each dial, tested on real rows kept aside. No SDV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score

from sdv_fairdistill.layout import Layout
from sdv_fairdistill.metrics.parity import Parity
from sdv_fairdistill.views.score import MOST_LEVELS

__all__ = ['DIALS', 'HeldOut', 'frontier']

DIALS = tuple(round(step / 10, 1) for step in range(11))
MOST_ROWS = 30_000  # rows that a model is trained on; more take longer and move no figure by .01
LEAST_ROWS = 10  # held-out rows of a group (of one label, for the odds) below which its rate says nothing


@dataclass(frozen=True)
class HeldOut:
    """Real rows that were kept aside.

    Attributes:
        tokens: Token table ``(rows, columns)``.
        groups: Group of every row ``(rows,)``.
        layout: Roles of the columns.
        favorable: The desired class.
    """

    tokens: np.ndarray
    groups: np.ndarray
    layout: Layout
    favorable: int

    def judge(self, drawn: np.ndarray, seed: int) -> dict[str, float]:
        """Trains boosting on drawn rows and tests it on the real ones; what is undefined is NaN.

        Args:
            drawn: Token table ``(rows, columns)``.
            seed: Decides what is random in the model.
        """
        layout = self.layout
        features = [column for column in range(len(layout.cardinalities)) if column != layout.target]
        learned, actual = (table[:, layout.target] == self.favorable for table in (drawn, self.tokens))
        undefined = dict.fromkeys(('parity_ratio', 'equalized_odds_difference', 'auc', 'accuracy'), np.nan)
        if len(set(learned)) < 2 or len(set(actual)) < 2:
            return undefined
        model = HistGradientBoostingClassifier(
            categorical_features=[not layout.ordered[c] and layout.cardinalities[c] <= MOST_LEVELS for c in features],
            early_stopping=False,
            random_state=seed,
        )
        score = model.fit(drawn[:, features], learned).predict_proba(self.tokens[:, features])[:, 1]
        chosen = score >= 0.5
        true, false = (
            Parity.of(chosen[rows], self.groups[rows], least_rows=LEAST_ROWS).difference for rows in (actual, ~actual)
        )
        return {
            'parity_ratio': Parity.of(chosen, self.groups, least_rows=LEAST_ROWS).ratio,
            'equalized_odds_difference': float(np.max([true, false])),
            'auc': float(roc_auc_score(actual, score)),
            'accuracy': float(accuracy_score(actual, chosen)),
        }


def frontier(draw: Callable[[int, float], np.ndarray], held_out: HeldOut, rows: int, seed: int) -> pd.DataFrame:
    """Judges rows drawn at every dial.

    Args:
        draw: Gives a token table for a number of rows and a dial.
        held_out: The real rows kept aside.
        rows: Number of rows to draw at each dial, up to a bound.
        seed: Decides what is random in the models.

    Returns:
        A line a dial: ``dial``, ``parity_ratio``, ``equalized_odds_difference``, ``auc``, ``accuracy``.
    """
    return pd.DataFrame([{'dial': dial, **held_out.judge(draw(min(rows, MOST_ROWS), dial), seed)} for dial in DIALS])
