"""Scores by boosting that learns from some rows and scores others, such as drawn ones; out of fold is in ``score``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone

from sdv_fairdistill.helpers.threads import in_threads
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views.score import MOST_ROWS, SMALL, boosting

__all__ = ['MANY', 'Boosted', 'Quick', 'cross_scores']

MANY = 10_000  # people of whom larger steps learn as much
QUICK_TREES, LEAST_ROUNDS = 300, 15  # trees of all classes together; rounds at least
ADDITIVE = 0.05  # weight of the additive score: it parts rows of one score by how much speaks for the label, all told
STUMPS_RATE, STUMPS = 0.6, 50  # of it; .2 and 150 took twice as long for the same score
CHUNK = 8_192  # rows scored at once
LEAST_ROWS = 10  # rows below which there is nothing to learn, and the mean is the score


@dataclass(frozen=True)
class Quick:
    """How quick models learn, which stand for what users train and for who looks like whom.

    With .16 and 60 rounds Adult's boosting took a fifth longer than with .24 and 40, with .08 and 150 twice as long as
    that, and models that learned its rows were as fair and as good; so were they with the still larger steps among many
    people (six splits), which take two thirds of the time. On Compas, 4,320 people, models knew .005 less of the label
    with them, about as much as a fit's chance.

    Attributes:
        rate: Learning rate.
        rounds: Rounds at most.
        early_stopping: Whether rows that are set aside end it early.
    """

    rate: float = 0.24
    rounds: int = 40
    early_stopping: bool = True

    @classmethod
    def among(cls, people: int) -> Quick:
        """Gives how quick models learn of rows that stand for so many people."""
        return cls() if people < MANY else cls(0.3, 24, False)


class Boosted:
    """A boosting model of one column of tokens given others.

    Args:
        tokens: Token table ``(rows, columns)`` to learn from.
        target: What to score ``(rows,)``: classes, or numbers.
        features: Columns that the score may read.
        layout: Says which columns are in order.
        outputs: Number of classes; 1 for numbers.
        seed: Decides what is random.
        quick: How it learns if fewer and larger steps do than a label score has; of small tables, whose trees are
            small, none are saved.
        additive: Whether a score of single columns, added up, is mixed in: scores that tie would be moved as one block,
            and what should be a choice of people becomes noise that no model learns.
    """

    def __init__(
        self,
        tokens: np.ndarray,
        target: np.ndarray,
        features: Sequence[int],
        layout: Layout,
        outputs: int,
        seed: int,
        quick: Quick | None = None,
        additive: bool = False,
    ) -> None:
        self.features, self.outputs, self.models = list(features), outputs, []
        if outputs == 1:
            self.mean = np.array([target.mean()])
        else:
            self.mean = np.bincount(target, minlength=outputs) / len(target)
        if not self.features or len(tokens) < LEAST_ROWS or len(np.unique(target)) < 2:
            return
        if len(tokens) > MOST_ROWS:
            rows = np.random.default_rng(seed).choice(len(tokens), MOST_ROWS, replace=False)
            tokens, target = tokens[rows], target[rows]
        categorical = layout.categorical(self.features)
        model = boosting(target if outputs > 1 else None, len(tokens), categorical, seed)
        if quick is not None and len(tokens) >= SMALL:
            rounds = max(LEAST_ROUNDS, min(quick.rounds, QUICK_TREES // outputs))
            stops = model.early_stopping and quick.early_stopping
            model.set_params(learning_rate=quick.rate, max_iter=rounds, early_stopping=stops)
        self.models = [(1 - ADDITIVE if additive else 1.0, model)]
        if additive:
            stumps = {'max_leaf_nodes': 2, 'learning_rate': STUMPS_RATE, 'max_iter': min(STUMPS, model.max_iter)}
            self.models.append((ADDITIVE, clone(model).set_params(**stumps)))
        for _, model in self.models:
            model.fit(tokens[:, self.features], target)

    def of(self, tokens: np.ndarray) -> np.ndarray:
        """Scores a token table: probabilities of the classes ``(rows, classes)``, or expected numbers ``(rows, 1)``."""
        if not self.models or not len(tokens):
            return np.tile(self.mean, (len(tokens), 1))
        parts = np.array_split(tokens[:, self.features], max(1, len(tokens) // CHUNK))
        return np.concatenate(in_threads(self._of, parts))

    def _of(self, inputs: np.ndarray) -> np.ndarray:
        result = np.zeros((len(inputs), self.outputs))
        for weight, model in self.models:
            if self.outputs == 1:
                result[:, 0] += weight * model.predict(inputs)
            else:
                result[:, model.classes_] += weight * model.predict_proba(inputs)
        return result


def cross_scores(
    tokens: np.ndarray,
    target: np.ndarray,
    features: Sequence[int],
    layout: Layout,
    outputs: int,
    seed: int,
    others: np.ndarray | None = None,
    quick: Quick = Quick(),
) -> tuple[np.ndarray, np.ndarray]:
    """Scores each half of some rows by a quick model of the other half, and other rows by both.

    See :class:`Boosted` for the arguments.

    Returns:
        Scores of the rows, and of the others; each ``(rows, outputs)``.
    """
    others = tokens[:0] if others is None else others
    half = np.random.default_rng(seed).permutation(len(tokens)) % 2 == 0
    halves = (half, ~half)

    def scores_of(learned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        model = Boosted(tokens[learned], target[learned], features, layout, outputs, seed, quick)
        return model.of(tokens[~learned]), model.of(others)

    result, of_others = np.empty((len(tokens), outputs)), np.zeros((len(others), outputs))
    for learned, (own, theirs) in zip(halves, in_threads(scores_of, halves), strict=True):
        result[~learned] = own
        of_others += theirs / 2
    return result, of_others
