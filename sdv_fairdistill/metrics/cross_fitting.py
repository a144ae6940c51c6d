"""Expected values of rows by models that have not seen them: boosting mixed with an additive model, cross-fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, SplineTransformer

__all__ = ['cross_fitted']

ROUNDS = 200  # at most: boosting stops early where rows set aside no longer gain
RATE = 0.1
LEAVES = 16  # small trees: a propensity that is learned by heart weighs single rows beyond measure
EARLY = 2_000  # rows below which none are set aside to stop early
SMALL_ROUNDS = 40  # then
KNOTS = 5  # of a spline of a number's rank
QUANTILES = 200  # that tell the rank
RARE = 20  # rows below which levels are taken together
PENALTY = 1.0  # ridge of the additive model, in rows
STEPS = 200  # of its solver
SHARES = np.linspace(0, 1, 11)  # of boosting in the mixture
_EDGE = 1e-6


def cross_fitted(
    features: pd.DataFrame, target: np.ndarray, learned: np.ndarray, categorical: set[str], folds: list, seed: int
) -> np.ndarray:
    """Gives the expected target of every row by models of the other folds.

    Boosting finds what columns do together, an additive model of splines what each does by itself, with far less
    chance in it: intervals that rest on boosting alone held the truth too rarely (.875 for .95 on a linear model). One
    share for all rows, the one with the least loss, mixes them (van der Laan, Polley and Hubbard, 2007).

    Args:
        features: ``(rows, columns)``, numbers and the places of levels, NaN for what is missing.
        target: ``(rows,)``; of two values it is a chance, else a number.
        learned: Rows that may be learned from ``(rows,)``.
        categorical: Names of the features that are levels.
        folds: Pairs of row numbers, to learn from and to score.
        seed: Decides the trees.

    Returns:
        Expected values ``(rows,)``.
    """
    binary = len(np.unique(target)) <= 2
    low, high = float(target.min()), float(target.max())
    wanted = (target - low) / max(high - low, _EDGE)
    levels = [name in categorical for name in features]
    inputs, found = features.to_numpy(dtype=float), np.empty((2, len(target)))
    for train, test in folds:
        members = train[learned[train]]
        if len(np.unique(wanted[members])) < 2:
            found[:, test] = wanted[members].mean()
            continue
        models = (_boosting(wanted[members], levels, binary, seed), _additive(features, levels, binary))
        for place, model in enumerate(models):
            goal = wanted[members].astype(int) if binary else wanted[members]
            model.fit(inputs[members], goal)
            found[place, test] = model.predict_proba(inputs[test])[:, 1] if binary else model.predict(inputs[test])
    mixtures = [share * found[0] + (1 - share) * found[1] for share in SHARES]
    losses = [_loss(wanted[learned], mixture[learned], binary) for mixture in mixtures]
    return low + (high - low) * mixtures[int(np.argmin(losses))]


def _loss(target: np.ndarray, expected: np.ndarray, binary: bool) -> float:
    if not binary:
        return float(np.square(target - expected).mean())
    kept = np.clip(expected, _EDGE, 1 - _EDGE)
    return float(-(target * np.log(kept) + (1 - target) * np.log(1 - kept)).mean())


def _boosting(target: np.ndarray, levels: list[bool], binary: bool, seed: int) -> BaseEstimator:
    counts = np.unique(target, return_counts=True)[1]
    stops = len(target) >= EARLY and (not binary or counts.min() > 1)
    kind = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    return kind(
        learning_rate=RATE,
        max_iter=ROUNDS if stops else SMALL_ROUNDS,
        max_leaf_nodes=LEAVES,
        early_stopping=stops,
        categorical_features=levels,
        random_state=seed,
    )


def _additive(features: pd.DataFrame, levels: list[bool], binary: bool) -> Pipeline:
    places = np.arange(features.shape[1])
    numbers = make_pipeline(
        SimpleImputer(strategy='median'),
        QuantileTransformer(n_quantiles=QUANTILES, output_distribution='normal', subsample=None),
        SplineTransformer(n_knots=KNOTS, degree=3, include_bias=False),
    )
    indicators = OneHotEncoder(handle_unknown='infrequent_if_exist', min_frequency=RARE)
    prepared = ColumnTransformer(
        [('numbers', numbers, places[~np.array(levels)]), ('levels', indicators, places[np.array(levels)])]
    )
    model = LogisticRegression(C=1 / PENALTY, max_iter=STEPS) if binary else Ridge(PENALTY)
    return make_pipeline(prepared, model)
