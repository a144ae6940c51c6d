"""The models that are trained on a table to judge it, by name, and how a table becomes their features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from sdv_fairdistill.metrics.schema import Schema

__all__ = ['FOLDS', 'LEARNERS', 'Features', 'cross_validated', 'learner_of', 'one_thread']

MOST_LEVELS = 254  # scikit-learn's boosting has 255 bins a column, one of them for what is missing
ROUNDS = 100  # of boosting, scikit-learn's own number
STEPS = 1000  # of the logistic regression's solver; 100, its default, is too few for some one-hot tables
LEARNERS = ('boosting', 'logistic')
FOLDS = 3  # a third of the rows is held out at a time; more folds cost time and move the third digit

# Boosting's threads wait for each other: on a busy machine two took forty times as long as one.
one_thread = threadpool_limits.wrap(limits=1)


class Features:
    """The columns that a model looks at: numbers as they are, levels as the places that the training rows give them.

    A level that was not learned counts as missing, and so do those beyond the 254 most frequent ones.

    Attributes:
        levels: Known levels of every column that differs between the training rows, the most frequent first; None for
            numbers.

    Example:
        >>> schema = Schema(('age',), (), ('town',))
        >>> train = pd.DataFrame({'age': [20.0, 30.0, 40.0], 'town': ['A', 'B', 'B']})
        >>> features = Features(train, schema, schema.columns)
        >>> features.of(pd.DataFrame({'age': [25.0, 35.0], 'town': ['A', 'elsewhere']}))
            age  town
        0  25.0   1.0
        1  35.0   NaN
    """

    def __init__(self, learned: pd.DataFrame, schema: Schema, columns: Sequence[str]) -> None:
        self.levels = {
            name: learned[name].value_counts().index[:MOST_LEVELS].tolist() if name in schema.levels else None
            for name in columns
            if learned[name].nunique(dropna=False) > 1
        }

    @property
    def categorical(self) -> list[bool]:
        """Whether each column is one of levels."""
        return [known is not None for known in self.levels.values()]

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Gives the features of a table's rows, ``(rows, columns)``, float64 with NaN for what is missing."""
        columns = {
            name: table[name] if known is None else _places(table[name], known) for name, known in self.levels.items()
        }
        return pd.DataFrame(columns, index=table.index)


def learner_of(name: str, features: Features, seed: int = 0, numeric: bool = False) -> BaseEstimator:
    """Gives an untrained model.

    Args:
        name: ``'boosting'`` (histogram gradient boosting, which sees levels as levels and missing values as such) or
            ``'logistic'`` (logistic regression on scaled numbers and one column a level).
        features: What the model will look at.
        seed: Decides everything random in the model.
        numeric: Whether the label is a number; a ridge regression then takes the place of the logistic one.

    Raises:
        ValueError: If there is no learner of that name.
    """
    if name not in LEARNERS:
        raise ValueError(f'learner={name!r} is not known. Name one of {", ".join(map(repr, LEARNERS))}.')
    if name == 'boosting':
        boosting = HistGradientBoostingRegressor if numeric else HistGradientBoostingClassifier
        return boosting(
            max_iter=ROUNDS, categorical_features=features.categorical, early_stopping=False, random_state=seed
        )
    return _linear(features, Ridge() if numeric else LogisticRegression(max_iter=STEPS))


@one_thread
def cross_validated(
    table: pd.DataFrame, schema: Schema, columns: Sequence[str], labels: np.ndarray, learner: str, seed: int
) -> np.ndarray:
    """Gives the probabilities of every label by models that have not seen the row.

    Args:
        table: Rows as the schema reads them.
        schema: The columns of the table.
        columns: Those that the model looks at.
        labels: Number of every row's label, ``(rows,)``, from 0 without a gap; each has at least three rows.
        learner: Name of the model, one of ``LEARNERS``.
        seed: Decides the folds and everything random in the model.

    Returns:
        ``(rows, labels)``; where nothing differs between the rows learned from, the labels' shares in them.
    """
    size = int(labels.max()) + 1
    found = np.empty((len(table), size))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(table, labels):
        features = Features(table.iloc[train], schema, columns)
        if not features.levels:  # what differs is in the other fold only
            found[test] = np.bincount(labels[train], minlength=size) / len(train)
            continue
        fitted = learner_of(learner, features, seed).fit(features.of(table.iloc[train]), labels[train])
        found[test] = fitted.predict_proba(features.of(table.iloc[test]))
    return found


def _linear(features: Features, model: BaseEstimator) -> Pipeline:
    columns = dict(zip(features.levels, features.categorical, strict=True))
    numbers = make_pipeline(SimpleImputer(strategy='median', add_indicator=True), StandardScaler())
    prepared = ColumnTransformer(
        [
            ('numbers', numbers, [name for name, categorical in columns.items() if not categorical]),
            (
                'levels',
                OneHotEncoder(handle_unknown='ignore'),
                [name for name, categorical in columns.items() if categorical],
            ),
        ]
    )
    return make_pipeline(prepared, model)


def _places(column: pd.Series, known: list) -> np.ndarray:
    codes = pd.Categorical(column, categories=known).codes
    return np.where(codes < 0, np.nan, codes)
