"""The label score r(x, s) = P(label | x, s), estimated out of fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import KFold, StratifiedKFold

from sdv_fairdistill.helpers.choice import even_choice
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout

__all__ = ['LabelScore', 'boosting', 'label_score']

FOLDS = 5  # four fifths of the rows train each score; ten folds doubled the time for AUC +.001 on Adult
MOST_ROWS = 200_000  # rows that train one fold's score; beyond that the score no longer gets better
RATE, ROUNDS = 0.12, 100  # of boosting, fewer rounds with many classes; .08 and 150 took half longer for the same AUC
SMALL = 5_000  # rows below which trees are kept small; early stopping needs a set of its own, so only above
MANY_CLASSES = 20  # classes beyond which a score is made of fewer rounds
BLIND_VALUES = 8  # combinations of sensitive values that a blind score is averaged over, each as often as it occurs


@dataclass(frozen=True)
class LabelScore:
    """Class probabilities ``(rows, classes)`` of every row, by boosting that has not seen the row.

    Attributes:
        own: Given all columns. A class that a fold never saw gets 0 there.
        blind: The same, averaged over the distribution of the sensitive values; equal to ``own`` if not asked for.
    """

    own: np.ndarray
    blind: np.ndarray


def label_score(tokens: np.ndarray, layout: Layout, groups: Groups, with_blind: bool, seed: int) -> LabelScore:
    """Estimates the class probabilities of every row.

    Args:
        tokens: Token table ``(rows, columns)``.
        layout: Roles of the columns; it has a target.
        groups: Combinations of sensitive values and how often they occur.
        with_blind: Whether to average over the sensitive values as well, which costs a few predictions more.
        seed: Seed of folds and trees.
    """
    labels = tokens[:, layout.target]
    features = [column for column in range(tokens.shape[1]) if column != layout.target]
    categorical = layout.categorical(features)
    own = np.zeros((len(tokens), layout.classes))
    if not features or len(tokens) < 2 * FOLDS:
        own[:] = np.bincount(labels, minlength=layout.classes) / len(labels)
        return LabelScore(own, own)
    generator = np.random.default_rng(seed)
    inputs = tokens[:, features]
    places = [features.index(column) for column in layout.sensitive]
    values = groups.combinations[even_choice(groups.shares, BLIND_VALUES, generator)] if with_blind else []
    blind = np.zeros_like(own)
    for train, held_out in _folds(labels, seed):
        if len(train) > MOST_ROWS:
            train = generator.choice(train, MOST_ROWS, replace=False)
        if len(np.unique(labels[train])) == 1:
            own[held_out, labels[train[0]]] = blind[held_out, labels[train[0]]] = 1
            continue
        model = boosting(labels[train], len(train), categorical, seed).fit(inputs[train], labels[train])
        cells = np.ix_(held_out, model.classes_)
        own[cells] = model.predict_proba(inputs[held_out])
        for value, count in zip(*np.unique(values, axis=0, return_counts=True), strict=True) if with_blind else ():
            changed = inputs[held_out].copy()
            changed[:, places] = value
            blind[cells] += count / BLIND_VALUES * model.predict_proba(changed)
    return LabelScore(own, blind if with_blind else own)


def _folds(labels: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Gives the folds, stratified where every class is large enough for that."""
    counts = np.bincount(labels)
    stratified = counts[counts > 0].min() >= FOLDS
    splitter = (StratifiedKFold if stratified else KFold)(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(labels, labels))


def boosting(
    labels: np.ndarray | None, rows: int, categorical: list[bool], seed: int
) -> HistGradientBoostingClassifier | HistGradientBoostingRegressor:
    """Gives a model for so many rows and classes; each class costs a tree a round, so that many classes get fewer.

    Args:
        labels: The classes to learn ``(rows,)``; None for numbers.
        rows: Number of rows to learn from.
        categorical: Which features are levels.
        seed: Decides what is random.
    """
    counts = np.ones(1) if labels is None else np.unique(labels, return_counts=True)[1]
    small = rows < SMALL
    # Early stopping sets rows of every class aside.
    can_stop = labels is None or (counts.min() > 1 and len(counts) <= MANY_CLASSES)
    kind = HistGradientBoostingRegressor if labels is None else HistGradientBoostingClassifier
    return kind(
        learning_rate=RATE,
        max_iter=max(10, ROUNDS * MANY_CLASSES // max(len(counts), MANY_CLASSES)),
        max_leaf_nodes=8 if small else 31,
        early_stopping=not small and can_stop,
        categorical_features=categorical,
        random_state=seed,
    )
