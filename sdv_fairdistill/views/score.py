"""The label score r(x, s) = P(label | x, s), estimated out of fold."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import KFold, StratifiedKFold

from sdv_fairdistill.layout import Layout

__all__ = ['label_score']

FOLDS = 5  # four fifths of the rows train each score; ten folds doubled the time for AUC +.001 on Adult
MOST_ROWS = 200_000  # rows that train one fold's score; beyond that the score no longer gets better
SMALL = 5_000  # rows below which trees are kept small; early stopping needs a set of its own, so only above
MOST_LEVELS = 255  # HistGradientBoosting's own limit on the levels of a categorical feature


def label_score(tokens: np.ndarray, layout: Layout, seed: int) -> np.ndarray:
    """Estimates the class probabilities of every row by boosting that has not seen the row.

    Args:
        tokens: Token table ``(rows, columns)``.
        layout: Roles of the columns; it has a target.
        seed: Seed of folds and trees.

    Returns:
        Probabilities ``(rows, classes)``, float64. Columns are classes; a class that a fold never saw gets 0 there.
    """
    labels = tokens[:, layout.target]
    features = [column for column in range(tokens.shape[1]) if column != layout.target]
    categorical = [not layout.ordered[c] and layout.cardinalities[c] <= MOST_LEVELS for c in features]
    probabilities = np.zeros((len(tokens), layout.classes))
    if not features or len(tokens) < 2 * FOLDS:
        probabilities[:] = np.bincount(labels, minlength=layout.classes) / len(labels)
        return probabilities
    generator = np.random.default_rng(seed)
    inputs = tokens[:, features]
    for train, held_out in _folds(labels, seed):
        if len(train) > MOST_ROWS:
            train = generator.choice(train, MOST_ROWS, replace=False)
        if len(np.unique(labels[train])) == 1:
            probabilities[held_out, labels[train[0]]] = 1
            continue
        model = _model(labels[train], categorical, seed).fit(inputs[train], labels[train])
        probabilities[np.ix_(held_out, model.classes_)] = model.predict_proba(inputs[held_out])
    return probabilities


def _folds(labels: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Gives the folds, stratified where every class is large enough for that."""
    counts = np.bincount(labels)
    stratified = counts[counts > 0].min() >= FOLDS
    splitter = (StratifiedKFold if stratified else KFold)(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(labels, labels))


def _model(labels: np.ndarray, categorical: list[bool], seed: int) -> HistGradientBoostingClassifier:
    small = len(labels) < SMALL
    splits = np.unique(labels, return_counts=True)[1].min() > 1  # early stopping sets rows of every class aside
    return HistGradientBoostingClassifier(
        learning_rate=0.08,
        max_iter=150,
        max_leaf_nodes=8 if small else 31,
        early_stopping=not small and splits,
        categorical_features=categorical,
        random_state=seed,
    )
