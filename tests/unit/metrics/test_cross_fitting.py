"""Cross-fitted expected values: slopes are hardly shrunk, joint effects are found, other rows are not read."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

from sdv_fairdistill.metrics import cross_fitting
from sdv_fairdistill.metrics.cross_fitting import cross_fitted

ROWS = 1_200
FOLDS = list(KFold(3, shuffle=True, random_state=0).split(np.zeros(ROWS)))


@pytest.fixture(scope='module')
def rows():
    random = np.random.default_rng(0)
    table = pd.DataFrame({'x': random.normal(size=ROWS), 'a': random.integers(0, 2, ROWS) * 1.0})
    return table.assign(b=random.integers(0, 2, ROWS) * 1.0), random.random(ROWS)


def fitted(features, target, learned=None):
    learned = np.ones(ROWS, dtype=bool) if learned is None else learned
    return cross_fitted(features, target, learned, {'a', 'b'}, FOLDS, seed=0)


def slope_of(expected, score):
    return np.polyfit(score, np.log(expected / (1 - expected)), 1)[0]


def test_the_slope_of_a_number_is_hardly_shrunk(rows, monkeypatch):
    features, chance = rows
    score = 1.5 * features['x'].to_numpy()
    target = (chance < 1 / (1 + np.exp(-score))).astype(float)
    slope = slope_of(fitted(features[['x']], target), score)
    monkeypatch.setattr(cross_fitting, 'PENALTY', 1.0)

    assert slope == pytest.approx(1, abs=0.15)
    assert slope_of(fitted(features[['x']], target), score) < slope - 0.05


def test_what_two_columns_do_together_is_found(rows):
    features, chance = rows
    truth = np.where(features['a'] == features['b'], 0.8, 0.2)
    target = (chance < truth).astype(float)

    assert np.abs(fitted(features, target) - truth).mean() < 0.1
    assert np.abs(fitted(features[['a']], target) - 0.5).mean() < 0.1  # one of them says nothing


def test_rows_that_are_not_learned_are_scored_and_not_read(rows):
    features, chance = rows
    learned = np.arange(ROWS) % 2 == 0
    target = 3 * features['x'].to_numpy() + chance
    other = np.where(learned, target, target.mean())
    found = fitted(features, target, learned)

    np.testing.assert_allclose(found, fitted(features, other, learned), atol=1e-9)
    assert np.corrcoef(found[~learned], target[~learned])[0, 1] > 0.9


def test_numbers_and_their_units_go_together(rows):
    features, chance = rows
    target = features['x'].to_numpy() + chance

    np.testing.assert_allclose(fitted(features, 100 * target - 7), 100 * fitted(features, target) - 7, rtol=1e-6)
