"""How many held-out real rows a model finds unlikely; how likely a row is, the model itself says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import FairDistillError

__all__ = ['check_synthesizer', 'unlikely_rows', 'unlikely_words']

UNLIKELY = 0.01  # share of the real rows given for learning that are as unlikely: few, and yet twenty of MOST_ROWS
MOST_ROWS = 2_000  # looked at of each kind: their share is then known to about a third of itself


def check_synthesizer(synthesizer: Any) -> None:
    """Checks, before any work, that a synthesizer can say how likely rows are.

    Raises:
        FairDistillError: If it cannot.
    """
    if synthesizer is not None and not hasattr(synthesizer, 'log_likelihood'):
        raise FairDistillError(
            f'synthesizer={type(synthesizer).__name__} cannot say how likely rows are: give the fitted'
            ' FairDistillSynthesizer that made them, or None.'
        )


def unlikely_rows(synthesizer: Any, real: pd.DataFrame, holdout: pd.DataFrame, seed: int) -> dict[str, Any] | None:
    """Counts held-out rows that are less likely to a model than nearly all of the rows that it may have learned.

    Args:
        synthesizer: Says how likely rows are; None for nothing.
        real: Real rows that it may have learned.
        holdout: Real rows that it has not.
        seed: Decides which rows are looked at, if there are many.

    Returns:
        ``threshold``, the log-likelihood below which a row is unlikely, and of the held-out rows ``rows``, those looked
        at, ``unlikely`` and ``impossible``, those with a likelihood of 0; None without a synthesizer.
    """
    if synthesizer is None:
        return None
    ours, theirs = (
        synthesizer.log_likelihood(part.sample(min(MOST_ROWS, len(part)), random_state=seed))['log_likelihood']
        for part in (real, holdout)
    )
    threshold = float(np.quantile(ours, UNLIKELY, method='lower'))
    return {
        'threshold': threshold,
        'rows': len(theirs),
        'unlikely': int((theirs < threshold).sum()),
        'impossible': int(np.isneginf(theirs).sum()),
    }


def unlikely_words(found: dict[str, Any]) -> str:
    """Says in words what was counted.

    Example:
        >>> unlikely_words({'threshold': -30.0, 'rows': 200, 'unlikely': 5, 'impossible': 1})
        '2.5 % of 200 held-out rows (1 % of the real rows given), 1 of them with values that it never draws'
    """
    share = f'{100 * found["unlikely"] / found["rows"]:.1f} % of {found["rows"]:,} held-out rows'
    never = f', {found["impossible"]:,} of them with values that it never draws' if found['impossible'] else ''
    return f'{share} ({UNLIKELY:.0%} of the real rows given)'.replace('1%', '1 %') + never
