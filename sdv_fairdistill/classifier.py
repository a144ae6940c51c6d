"""The fair prediction of a label as a scikit-learn classifier; what predicts is the synthesizer's ``predict_proba``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d

from sdv_fairdistill.plugin.metadata_of_rows import metadata_of_rows
from sdv_fairdistill.plugin.versions import as_given
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['FairLabelClassifier']

TABLE, LABEL = 'rows', 'label'
_FINITE = next(name for name in inspect.signature(check_array).parameters if name.endswith('_all_finite'))  # by version


class FairLabelClassifier(ClassifierMixin, BaseEstimator):
    """Predicts the label that a notion of fairness gives to rows, as any classifier of scikit-learn's.

    ``fit`` learns a :class:`~sdv_fairdistill.synthesizer.FairDistillSynthesizer`, kept as ``synthesizer_``, of the
    columns and the label; ``predict_proba`` is its ``predict_proba``, and ``predict`` the likeliest class. Goes into
    pipelines, cross-validation and fairlearn's metrics. Under a notion that reads no
    sensitive column, such as the default, rows to predict need none.

    Args:
        sensitive_columns: Columns of ``X`` that the label shall not depend on; without any it is a plain classifier.
        notion: A notion of fairness; None for the default, ``'blind_parity'``.
        dial: How far to go from the data as it is (0) to where the notion holds (1). Can be changed after the fit.
        metadata: SDV's metadata of ``X``; None to take numbers for numbers and all else for levels.
        random_state: Seed of the fit; None for a new one each time.
        options: Further arguments of the synthesizer, such as ``{'privacy': Privacy(epsilon=1.0)}``.

    Attributes:
        classes_: The classes, sorted.
        synthesizer_: The fitted synthesizer.
        n_features_in_: Number of columns.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit().table
        >>> model = FairLabelClassifier(sensitive_columns=['sex'], random_state=0)
        >>> model.fit(german.drop(columns='credit'), german['credit'])  # doctest: +SKIP
        >>> model.predict(german.drop(columns=['credit', 'sex']).head(2)).tolist()  # doctest: +SKIP
        ['good', 'bad']
    """

    def __init__(
        self,
        sensitive_columns: list[str] | None = None,
        notion: str | None = None,
        dial: float = 1.0,
        metadata: Any = None,
        random_state: int | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.sensitive_columns = sensitive_columns
        self.notion = notion
        self.dial = dial
        self.metadata = metadata
        self.random_state = random_state
        self.options = options

    @classmethod
    def of(cls, synthesizer: FairDistillSynthesizer) -> FairLabelClassifier:
        """Gives a fitted classifier that predicts with a fitted synthesizer, at its notion and dial.

        Args:
            synthesizer: A fitted synthesizer with a target that has classes.

        Raises:
            FairDistillError: If the target is a number or date, or there is none.
        """
        classes = synthesizer.label_classes()
        model = cls(synthesizer.sensitive_columns, synthesizer.notion, synthesizer.dial)
        model.synthesizer_, model.classes_ = synthesizer, np.sort(np.array(classes))
        model._columns = list(model.classes_)
        names = [name for name in synthesizer._sdtypes() if name != synthesizer.target_column]
        model.feature_names_in_, model.n_features_in_ = np.array(names, dtype=object), len(names)
        return model

    def fit(self, X: Any, y: Any) -> FairLabelClassifier:
        """Learns columns and label together.

        Args:
            X: Rows, as a DataFrame, or as numbers ``(rows, columns)``; columns without names are ``'0'``, ``'1'``, ….
                Values may be missing.
            y: Labels ``(rows,)``; none may be missing.

        Returns:
            This classifier.
        """
        table = self._table(X, fitting=True)
        if y is None:
            raise ValueError('requires y to be passed, but the target y is None')
        y = column_or_1d(y, warn=True)
        check_consistent_length(table, y)
        check_classification_targets(y)
        if pd.isna(y).any():
            raise ValueError('Input y contains NaN.')
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f'This classifier needs two classes at least, and y has 1 class, {self.classes_[0]!r}.')
        self._columns = [str(place) for place in range(len(self.classes_))]
        label = LABEL
        while label in table:
            label += '_'
        rows = table.assign(**{label: places.astype(str)})
        self.synthesizer_ = FairDistillSynthesizer(
            metadata_of_rows(TABLE, table, label, self.metadata),
            sensitive_columns=self.sensitive_columns,
            target_column=label,
            notion=self.notion,
            dial=self.dial,
            seed=self.random_state,
            **(self.options or {}),
        )
        self.synthesizer_.fit(as_given(TABLE, rows))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Gives the probability of each class, ``(rows, classes)``, in the order of ``classes_``.

        Args:
            X: Rows as in the fit; under a notion that reads no sensitive column those may be left out.
        """
        check_is_fitted(self, 'synthesizer_')
        chances = self.synthesizer_.predict_proba(self._table(X, fitting=False), dial=self.dial)
        return chances[self._columns].to_numpy()

    def predict(self, X: Any) -> np.ndarray:
        """Gives the likeliest class of each row ``(rows,)``; see :meth:`predict_proba`."""
        likeliest = self.predict_proba(X).argmax(1)
        return self.classes_[likeliest]

    def _table(self, X: Any, fitting: bool) -> pd.DataFrame:
        """Gives rows as a table of named columns."""
        if not isinstance(X, pd.DataFrame):
            X = check_array(X, dtype='numeric', **{_FINITE: 'allow-nan'})
            table = pd.DataFrame(X, columns=[str(number) for number in range(X.shape[1])])
        else:
            table = X.rename(columns=str)
        if not len(table):
            raise ValueError(f'Found array with 0 sample(s) (shape={table.shape}) while a minimum of 1 is required.')
        if fitting:
            self.n_features_in_ = table.shape[1]
            if isinstance(X, pd.DataFrame):
                self.feature_names_in_ = np.array(list(table), dtype=object)
            elif hasattr(self, 'feature_names_in_'):
                del self.feature_names_in_
        elif not isinstance(X, pd.DataFrame) and table.shape[1] != self.n_features_in_:
            raise ValueError(
                f'X has {table.shape[1]} features, but FairLabelClassifier is expecting {self.n_features_in_} features'
                ' as input.'
            )
        return table.reset_index(drop=True)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.non_deterministic = self.random_state is None
        return tags
