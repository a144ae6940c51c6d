"""Fills in missing values of Adult by `impute` and by other ways: prints a table for each way in which they got lost.

    python tutorials/how_well_it_fills.py [--rows 34189] [--seed 0]

Once a fifth of all cells is removed at random; once incomes alone, high ones far more often than others. Whatever fills
them in learns from the incomplete rows alone. What Adult itself lacks counts as a level of its own (`?`, as the census
spells it), so that the truth is known of every cell that is filled in. Needs LightGBM.
"""

import argparse
import time
from functools import partial

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sdmetrics.reports import QualityReport
from sdv.single_table import FairDistillSynthesizer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.preprocessing import OrdinalEncoder

from sdv_fairdistill.datasets import Dataset, load_adult

CELLS = 0.2  # of all cells are removed at random
HIGH, OTHER = 0.6, 0.05  # of the high incomes, and of the others, that are removed because of what they are
UNKNOWN = '?'  # what the census writes where Adult itself has no value


def without_cells(rows: pd.DataFrame, adult: Dataset, seed: int) -> pd.DataFrame:
    """Removes a fifth of all cells, whatever is in them."""
    return rows.mask(np.random.default_rng(seed).random(rows.shape) < CELLS)


def without_high_incomes(rows: pd.DataFrame, adult: Dataset, seed: int) -> pd.DataFrame:
    """Removes most of the high incomes and few of the others, and nothing else."""
    chance = np.where(rows[adult.target_column] == adult.favorable_value, HIGH, OTHER)
    lost = np.random.default_rng(seed).random(len(rows)) < chance
    return rows.assign(**{adult.target_column: rows[adult.target_column].mask(lost)})


LOSSES = {
    f'{CELLS:.0%} of all cells, at random': without_cells,
    f'{HIGH:.0%} of the high incomes and {OTHER:.0%} of the others': without_high_incomes,
}


def filled_by_model(incomplete: pd.DataFrame, adult: Dataset) -> pd.DataFrame:
    """Fits a synthesizer to the incomplete rows, and lets it fill them in."""
    start = time.process_time()
    synthesizer = FairDistillSynthesizer(adult.metadata, **adult.roles, seed=0)
    synthesizer.fit({adult.name: incomplete})
    synthesizer.set_fairness(dial=0.0)
    fitted = time.process_time()
    complete = synthesizer.impute(incomplete)
    print(f'Fitted in {fitted - start:.0f} CPU seconds, filled in in {time.process_time() - fitted:.0f}.', flush=True)
    return complete


def filled_by_frequency(incomplete: pd.DataFrame, adult: Dataset) -> pd.DataFrame:
    """Gives every column its most frequent value."""
    return incomplete.fillna(incomplete.mode().iloc[0])


def filled_by_regressions(incomplete: pd.DataFrame, adult: Dataset, posterior: bool) -> pd.DataFrame:
    """Fills in numbers and the places of levels by scikit-learn's chained regressions, and rounds to what there is.

    Args:
        incomplete: Rows with missing values.
        adult: The table of which they are.
        posterior: Draw from what the regressions find likely, in place of what they expect.
    """
    columns = adult.metadata.tables[adult.name].columns
    levels = [name for name in incomplete if columns[name]['sdtype'] == 'categorical']
    encoder = OrdinalEncoder().fit(incomplete[levels])
    numbers = incomplete.assign(**dict(zip(levels, encoder.transform(incomplete[levels]).T, strict=True))).astype(float)
    imputer = IterativeImputer(sample_posterior=posterior, random_state=0)
    # Everything is a whole number here, and none may lie outside of what occurs.
    found = pd.DataFrame(imputer.fit_transform(numbers), columns=numbers.columns, index=numbers.index).round()
    found = found.clip(numbers.min(), numbers.max(), axis=1)
    found[levels] = encoder.inverse_transform(found[levels])
    return incomplete.fillna(found)


def left_out(incomplete: pd.DataFrame, adult: Dataset) -> pd.DataFrame:
    """Keeps the rows that lack nothing."""
    return incomplete.dropna()


WAYS = {
    '`impute`, dial 0': filled_by_model,
    'the most frequent value': filled_by_frequency,
    "scikit-learn's `IterativeImputer`": partial(filled_by_regressions, posterior=False),
    'the same, `sample_posterior=True`': partial(filled_by_regressions, posterior=True),
    'incomplete rows are left out': left_out,
}


def features_of(rows: pd.DataFrame, adult: Dataset) -> pd.DataFrame:
    """Gives what a model of the label looks at: numbers, and levels as pandas' categories."""
    columns = adult.metadata.tables[adult.name].columns
    given = {}
    for name in rows.columns.drop(adult.target_column):
        if columns[name]['sdtype'] == 'categorical':
            levels = sorted(adult.table[name].fillna(UNKNOWN).unique())
            given[name] = pd.Categorical(rows[name], categories=levels)
        else:
            given[name] = rows[name].astype(float).array
    return pd.DataFrame(given)


def judged(rows: pd.DataFrame, complete: pd.DataFrame, holdout: pd.DataFrame, adult: Dataset) -> dict[str, float]:
    """Says how near rows are to the complete ones, and what a model that is trained on them is worth.

    Args:
        rows: Rows that were filled in.
        complete: The same before anything was removed.
        holdout: Other rows, on which the model is tested.
        adult: The table of which they are.
    """
    report = QualityReport()
    columns = {name: adult.metadata.tables[adult.name].columns[name] for name in complete}
    metadata = {'tables': {adult.name: {'columns': columns}}, 'relationships': []}
    report.generate({adult.name: complete}, {adult.name: rows}, metadata, verbose=False)
    scores = report.get_properties().set_index('Property')['Score']
    high = rows[adult.target_column] == adult.favorable_value
    actual = holdout[adult.target_column] == adult.favorable_value
    model = LGBMClassifier(n_jobs=1, random_state=0, verbose=-1).fit(features_of(rows, adult), high)
    score = model.predict_proba(features_of(holdout, adult))[:, 1]
    return {
        'shapes': scores['Column Shapes'],
        'pairs': scores['Column Pair Trends'],
        'high incomes': high.mean(),
        'AUC': roc_auc_score(actual, score),
        'accuracy': accuracy_score(actual, score > 0.5),
        'predicted high': (score > 0.5).mean(),
    }


def main() -> None:
    """Removes, fills in by every way, and judges."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--rows', type=int, default=None, help='how many rows to learn from; all of them by default')
    parser.add_argument('--seed', type=int, default=0, help='decides which values are removed')
    options = parser.parse_args()
    adult = load_adult()
    train, holdout = (part.fillna(UNKNOWN) for part in adult.split())
    train = train.head(options.rows or len(train))
    nothing_removed = judged(train, train, holdout, adult)
    print(f'{len(train):,} rows to learn from, {len(holdout):,} to test on.')
    for what, remove in LOSSES.items():
        print(f'\nRemoved: {what}.', flush=True)
        incomplete = remove(train, adult, options.seed)
        table = {'nothing was removed': nothing_removed}
        for name, fill in WAYS.items():
            table[name] = judged(fill(incomplete, adult), train, holdout, adult)
        print(pd.DataFrame(table).T.to_string(float_format='{:.3f}'.format), flush=True)


if __name__ == '__main__':
    main()
