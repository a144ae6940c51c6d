"""How much the other columns of a table tell about a row's group: one by one, and all together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from sdv_fairdistill.metrics import LEAST_ROWS, Task

__all__ = ['group_associations', 'group_auc']

BINS = 10  # quantile bins of a number: deciles
MOST_ROWS = 10_000  # an AUC over so many rows is known to about .005, at a fraction of the time
ROUNDS = 50  # trees a fold; more change the AUC on Adult by less than .005
MOST_LEVELS = 254  # scikit-learn's boosting has 255 bins a column, one of them for what is missing
FOLDS = 2


def group_associations(table: pd.DataFrame, task: Task) -> pd.Series:
    """Gives Cramér's V between the group and each column but the target and the sensitive ones.

    Numbers and dates are cut at their deciles; a missing value is a level of its own. V is corrected for its bias in
    small tables (Bergsma 2013), so that a column that has nothing to do with the group comes out at about 0.

    Returns:
        A value from 0 (independent) to 1 (the column gives the group away) by column, largest first; NaN for a column
        or a group that is the same in every row.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> from sdv_fairdistill.metrics import Grouping, Schema
        >>> german = load_german_credit()
        >>> schema = Schema.of(german.metadata.to_dict()['tables']['german_credit'])
        >>> task = Task(schema, 'credit', 'good', Grouping.fit(german.table, ['sex']))
        >>> group_associations(german.table, task).head(2).round(2).to_dict()
        {'age': 0.27, 'employment': 0.27}
    """
    features, groups = _features(table, task)
    levels = task.schema.levels
    columns = {name: features[name] if name in levels else _deciles(features[name]) for name in features}
    values = {name: _cramer(column.fillna(-1), groups) for name, column in columns.items()}
    return pd.Series(values, dtype='float64').sort_values(ascending=False, na_position='last')


def group_auc(table: pd.DataFrame, task: Task, seed: int = 0) -> float:
    """Gives how well gradient boosting tells a row's group from all other columns but the target.

    Cross-validated within the table; one group against the rest, averaged over the groups that have enough rows.

    Returns:
        Area under the ROC curve: .5 if the columns say nothing of the group, 1 if they give it away; NaN with fewer
        than two groups of :data:`~sdv_fairdistill.metrics.LEAST_ROWS` rows.
    """
    features, groups = _features(table, task)
    large = groups.map(groups.value_counts()) >= LEAST_ROWS
    features, groups = features[large], groups[large]
    if groups.nunique() < 2 or features.empty or not len(features.columns):
        return np.nan
    if len(groups) > MOST_ROWS:
        chosen = np.random.default_rng(seed).choice(len(groups), MOST_ROWS, replace=False)
        features, groups = features.iloc[chosen], groups.iloc[chosen]
        kept = groups.map(groups.value_counts()) >= FOLDS
        features, groups = features[kept], groups[kept]
    classes, codes = np.unique(groups.to_numpy(dtype=str), return_inverse=True)
    model = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        categorical_features=[name in task.schema.levels for name in features],
        early_stopping=False,
        random_state=seed,
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    chances = cross_val_predict(model, features, codes, cv=folds, method='predict_proba')
    return float(np.mean([roc_auc_score(codes == code, chances[:, code]) for code in range(len(classes))]))


def _features(table: pd.DataFrame, task: Task) -> tuple[pd.DataFrame, pd.Series]:
    """The other columns, levels as codes, and every row's group."""
    read = task.schema.read(table)
    names = [name for name in task.schema.columns if name != task.target and name not in task.sensitive]
    features = {name: _codes(read[name]) if name in task.schema.levels else read[name] for name in names}
    return pd.DataFrame(features, index=read.index), task.grouping.of(read)


def _codes(column: pd.Series) -> pd.Series:
    codes = column.map({level: code for code, level in enumerate(column.value_counts().index[:MOST_LEVELS])})
    return codes.astype('float64')


def _deciles(column: pd.Series) -> pd.Series:
    if column.nunique() <= BINS:
        return column
    return pd.qcut(column, BINS, duplicates='drop', labels=False)


def _cramer(column: pd.Series, groups: pd.Series) -> float:
    counts = pd.crosstab(column, groups).to_numpy()
    if min(counts.shape) < 2:
        return np.nan
    rows, (lines, columns) = counts.sum(), counts.shape
    by_chance = (lines - 1) * (columns - 1) / (rows - 1)  # what chi² / rows is on average under independence
    square = max(0.0, chi2_contingency(counts, correction=False).statistic / rows - by_chance)
    lines, columns = (size - (size - 1) ** 2 / (rows - 1) for size in (lines, columns))
    least = min(lines, columns) - 1
    return float(np.sqrt(square / least)) if least > 0 else np.nan
