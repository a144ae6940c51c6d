"""What fairness costs: models trained on rows drawn at each dial, tested on real rows kept aside. No SDV."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from sdv_fairdistill.goals.goal import SUFFIXES
from sdv_fairdistill.table.layout import Layout

__all__ = ['DIALS', 'HeldOut', 'frontier', 'frontiers', 'smoothed']

DIALS = tuple(round(step / 10, 1) for step in range(11))
MOST_ROWS = 15_000  # rows that a model is trained on; smoothed over the dial, as sure as 30,000 without
LEAST_ROWS = 10  # held-out rows of a group (of one label, for the odds) below which its rate says nothing
CHOSEN = 0.5  # score from which a row is predicted to have the desired class
ROUNDS = 100  # of boosting, scikit-learn's own number
MOST_BINS = 255  # scikit-learn's limit; no more than there are tokens gives the same model in less time
DEGREE = 3  # of the polynomial over the dial: bends both ways, and takes half of the noise out of eleven dials


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

    @property
    def actual(self) -> np.ndarray:
        """Whether the real label is the desired one ``(rows,)``."""
        return self.tokens[:, self.layout.target] == self.favorable

    def features(self, kind: str) -> list[int]:
        """Gives the columns that a kind of model sees: all but the target, and but the sensitive ones if without."""
        hidden = self.layout.sensitive if kind == 'without' else ()
        return [
            column for column in range(len(self.layout.cardinalities)) if column not in (self.layout.target, *hidden)
        ]

    @threadpool_limits.wrap(limits=1)  # as in sdv_fairdistill.metrics.learners; once for all kinds, since it takes time
    def predictions(self, drawn: np.ndarray, seed: int) -> dict[str, np.ndarray | None]:
        """Gives what :meth:`predict` gives for each kind of model, with and without the sensitive columns."""
        return {kind: self.predict(drawn, self.features(kind), seed) for kind in SUFFIXES}

    def predict(self, drawn: np.ndarray, features: list[int], seed: int) -> np.ndarray | None:
        """Trains boosting on drawn rows, and gives its score of the real ones.

        Args:
            drawn: Token table ``(rows, columns)``.
            features: Positions of the columns that the model sees.
            seed: Decides what is random in the model.

        Returns:
            Scores ``(real rows,)``; None if either rows have a single class, or there is no column to see.
        """
        learned = drawn[:, self.layout.target] == self.favorable
        if not features or len(set(learned)) < 2 or len(set(self.actual)) < 2:
            return None
        model = HistGradientBoostingClassifier(
            categorical_features=self.layout.categorical(features),
            max_iter=ROUNDS,
            early_stopping=False,
            max_bins=min(MOST_BINS, max(self.layout.cardinalities)),
            random_state=seed,
        )
        return model.fit(drawn[:, features], learned).predict_proba(self.tokens[:, features])[:, 1]

    def counts(self, happens: np.ndarray) -> np.ndarray:
        """Counts where something happens: by group among all rows, those with and those without the desired label.

        Args:
            happens: Whether it does ``(rows,)``.

        Returns:
            Counts ``(3, groups)``.
        """
        groups = max(self.groups, default=0) + 1
        kinds = (happens, happens & self.actual, happens & ~self.actual)
        return np.stack([np.bincount(self.groups[rows], minlength=groups) for rows in kinds])


def frontiers(
    model: Any, notions: Iterable[str], aside: np.ndarray, favorable: int, rows: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Measures what each notion costs.

    Args:
        model: A fitted :class:`FairDistillModel`; its generators start anew.
        notions: The notions that it has learned.
        aside: Tokens of real rows that were kept aside ``(rows, columns)``; those of unknown groups are left out.
        favorable: The desired class.
        rows: Number of rows that the model learned from.
        seed: Decides everything random.

    Returns:
        For each notion what :func:`frontier` gives.
    """
    group = model.groups.of(aside[:, model.layout.sensitive])
    held_out = HeldOut(aside[group >= 0], group[group >= 0], model.layout, favorable)
    model.set_random_state(seed)
    return {
        notion: frontier(lambda count, dial, notion=notion: model.sample(count, notion, dial), held_out, rows, seed)
        for notion in notions
    }


def frontier(draw: Callable[[int, float], np.ndarray], held_out: HeldOut, rows: int, seed: int) -> pd.DataFrame:
    """Judges rows drawn at every dial, by a model that sees all columns and by one without the sensitive ones.

    Args:
        draw: Gives a token table for a number of rows and a dial.
        held_out: The real rows kept aside.
        rows: Number of rows to draw at each dial, up to a bound.
        seed: Decides what is random in the models.

    Returns:
        A line a dial: ``dial``; of the model that sees all columns ``parity_ratio``, ``equalized_odds_difference``,
        ``auc`` and ``accuracy``; the first two again from rates that are smoothed over the dial, ``smooth_…``, with the
        standard error that the number of real rows gives them, ``…_error``. The same of the other model:
        ``parity_ratio_without``, ``smooth_parity_ratio_without``, ``parity_ratio_without_error`` and so on. What is
        undefined is NaN.
    """
    count = min(rows, MOST_ROWS)
    scores = [held_out.predictions(draw(count, dial), seed) for dial in DIALS]
    figures = [_figures(held_out, [score[kind] for score in scores], suffix) for kind, suffix in SUFFIXES.items()]
    return pd.DataFrame({'dial': DIALS}).assign(**{name: values for part in figures for name, values in part.items()})


def smoothed(dials: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Puts a cubic through every rate over the dial.

    One draw of rows and one model move a rate by chance, while the dial changes it smoothly. On Adult this took the
    error of the parity ratio from .034 to .024 (root mean square, against the mean of six other draws).

    Args:
        dials: The dials ``(dials,)``.
        rates: Rates ``(dials, 3, groups)``; NaN where they are undefined.

    Returns:
        Rates of the same shape; undefined where they were.
    """
    known = ~np.isnan(rates).all((1, 2))
    powers = np.vander(dials[known], min(DEGREE + 1, int(known.sum())))
    smooth = np.full_like(rates, np.nan)
    smooth[known] = np.tensordot(powers @ np.linalg.pinv(powers), rates[known], 1).clip(0, 1)
    return smooth


def _figures(held_out: HeldOut, scores: list[np.ndarray | None], suffix: str) -> dict[str, Any]:
    """Gives the figures of one kind of model at all dials, named with a suffix."""
    sizes = held_out.counts(np.ones(len(held_out.tokens), dtype=bool)).astype(float)
    sizes[sizes < LEAST_ROWS] = np.nan
    undefined = np.full(sizes.shape, np.nan)
    rates = np.stack([undefined if score is None else held_out.counts(score >= CHOSEN) / sizes for score in scores])
    smooth, actual = smoothed(np.array(DIALS), rates), held_out.actual
    lines, ratio, odds = {}, f'parity_ratio{suffix}', f'equalized_odds_difference{suffix}'
    lines[ratio], _ = _ratio(rates, sizes)
    lines[odds], _ = _difference(rates, sizes)
    lines[f'auc{suffix}'] = [np.nan if score is None else roc_auc_score(actual, score) for score in scores]
    lines[f'accuracy{suffix}'] = [np.nan if score is None else ((score >= CHOSEN) == actual).mean() for score in scores]
    lines[f'smooth_{ratio}'], lines[f'{ratio}_error'] = _ratio(smooth, sizes)
    lines[f'smooth_{odds}'], lines[f'{odds}_error'] = _difference(smooth, sizes)
    return lines


def _ratio(rates: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the smallest selection rate over the largest, and its standard error ``(dials,)``."""
    low, high, low_variance, high_variance = _extremes(rates[:, 0], sizes[0])
    high = np.where(high > 0, high, np.nan)
    ratio = low / high
    return ratio, np.sqrt(low_variance + ratio**2 * high_variance) / high


def _difference(rates: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the larger of the gaps in true and in false positive rates ``(dials,)``, and a standard error.

    The error is the larger one of the two gaps: the smaller gap, known less well, may be the larger one in truth.
    """
    found = np.stack([_extremes(rates[:, kind], sizes[kind]) for kind in (1, 2)])
    return (found[:, 1] - found[:, 0]).max(0), np.sqrt((found[:, 2] + found[:, 3]).max(0))


def _extremes(rates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Gives the lowest and highest rate of groups and the variances of both, ``(4, dials)``; NaN for a single group."""
    known = ~np.isnan(sizes)
    if known.sum() < 2:
        return np.full((4, len(rates)), np.nan)
    rates, sizes = rates[:, known], sizes[known]
    extremes = np.stack([rates.argmin(1), rates.argmax(1)], axis=1)
    variances = np.take_along_axis(rates * (1 - rates) / sizes, extremes, 1)
    return np.concatenate([np.take_along_axis(rates, extremes, 1), variances], axis=1).T
