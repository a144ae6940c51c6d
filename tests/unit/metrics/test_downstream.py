"""A model trained on one table and tested on another: it sees what it should, and says when there is nothing to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference
from sklearn.metrics import roc_auc_score

from sdv_fairdistill.metrics import Downstream, Grouping, Schema, Task, learners


def draw(rows: int, seed: int) -> pd.DataFrame:
    """Men are hired four times as often as women; skill matters for both."""
    generator = np.random.default_rng(seed)
    sex, skill = generator.choice(['f', 'm'], rows), generator.normal(size=rows)
    hired = generator.random(rows) < np.where(sex == 'm', 0.8, 0.2) + 0.15 * np.sign(skill)
    return pd.DataFrame({'sex': sex, 'skill': skill, 'town': generator.choice(['A', 'B'], rows), 'hired': hired})


SCHEMA = Schema(('skill',), (), ('sex', 'town', 'hired'))
TASK = Task(SCHEMA, 'hired', True, Grouping.fit(draw(50, 0), ['sex']))


def test_figures_are_those_of_fairlearn_and_scikit_learn(monkeypatch):
    """The model is replaced by one whose score is the skill, so that every figure can be had directly."""

    class Skill:
        def __init__(self, **_):
            pass

        def fit(self, *_):
            return self

        def predict_proba(self, features):
            score = 1 / (1 + np.exp(-features['skill'].to_numpy()))
            return np.stack([1 - score, score], axis=1)

    monkeypatch.setattr(learners, 'HistGradientBoostingClassifier', Skill)
    test = draw(400, 1)
    result = Downstream.of(draw(100, 2), test, TASK)
    actual, predicted, sex = test['hired'], test['skill'] >= 0, test['sex']
    assert result.selection.ratio == pytest.approx(demographic_parity_ratio(actual, predicted, sensitive_features=sex))
    expected = equalized_odds_difference(actual, predicted, sensitive_features=sex)
    assert result.equalized_odds_difference == pytest.approx(expected)
    assert result.auc == pytest.approx(roc_auc_score(actual, test['skill']))
    assert result.accuracy == pytest.approx((actual == predicted).mean())


def test_a_model_repeats_the_disparity_unless_it_cannot_see_the_group():
    train, test = draw(2000, 1), draw(1000, 2)
    seeing = Downstream.of(train, test, TASK)
    blind = Downstream.of(train, test, TASK, leave_out=['sex'])
    assert seeing.features == ('skill', 'sex', 'town')
    assert blind.features == ('skill', 'town')
    assert seeing.selection.ratio < 0.5 < 0.8 < blind.selection.ratio
    assert seeing.auc > blind.auc + 0.1


def test_the_same_seed_gives_the_same_result():
    first, second = (Downstream.of(draw(300, 1), draw(200, 2), TASK, seed=5) for _ in range(2))
    assert (first.auc, first.selection.ratio) == (second.auc, second.selection.ratio)


def test_levels_mean_the_same_in_both_tables_whatever_their_order():
    """``town`` alone decides, and the test rows have its levels in another order and one that is new."""
    schema = Schema((), (), ('sex', 'town', 'hired'))
    train = pd.DataFrame({'sex': ['f', 'm'] * 100, 'town': ['A', 'A', 'B', 'B'] * 50})
    test = pd.DataFrame({'sex': ['f', 'm'] * 50, 'town': ['new', 'B', 'B', 'A'] * 25})
    train, test = (table.assign(hired=table['town'] == 'A') for table in (train, test))
    result = Downstream.of(train, test, Task(schema, 'hired', True, Grouping.fit(train, ['sex'])))
    assert result.auc > 0.99


def test_more_levels_than_boosting_has_bins():
    town = np.concatenate([np.arange(100, 700), np.repeat(np.arange(100), 30)])  # the rare ones come first
    table = pd.DataFrame({'sex': ['f', 'f', 'm', 'm'] * 900, 'town': town, 'hired': town % 2 == 0})
    result = Downstream.of(table, table, Task(Schema((), (), ('sex', 'town', 'hired')), 'hired', True, TASK.grouping))
    assert result.auc > 0.85  # the rare towns count as missing, and are a sixth of the rows


def test_rows_with_a_missing_label_are_left_out():
    table = draw(200, 1).astype({'hired': object})
    more = pd.concat([table, table.assign(hired=None)])
    assert Downstream.of(more, more, TASK).accuracy == Downstream.of(table, table, TASK).accuracy
    assert TASK.label_parity(more).rates['rows'].sum() == 200


@pytest.mark.parametrize(
    ('train', 'test', 'reason'),
    [
        (draw(50, 1).assign(hired=True), draw(50, 2), 'the label is always True'),
        (draw(50, 1).assign(hired=False), draw(50, 2), 'the label is never True'),
        (draw(50, 1)[:0], draw(50, 2), 'no rows with a known label to learn from'),
        (draw(50, 1), draw(50, 2)[:0], 'no held-out rows with a known label'),
        (draw(50, 1).assign(sex='f', town='A', skill=0.0), draw(50, 2), 'no column to predict from'),
    ],
)
def test_no_model_is_undefined_with_its_reason(train, test, reason):
    result = Downstream.of(train, test, TASK)
    figures = [result.auc, result.accuracy, result.selection.ratio, result.equalized_odds_difference]
    assert np.isnan(figures).all()
    assert len(result.notes) == 1
    assert reason in result.notes[0]


def test_a_group_without_positives_has_no_true_positive_rate():
    test = draw(300, 2)
    test.loc[test['sex'] == 'f', 'hired'] = False
    result = Downstream.of(draw(300, 1), test, TASK)
    assert np.isnan(result.true_positive.rates.loc['f', 'rate'])
    assert np.isnan(result.equalized_odds_difference)
    assert any('true positives' in note and 'f (0)' in note for note in result.notes)


def test_one_label_among_the_held_out_rows_leaves_auc_undefined():
    result = Downstream.of(draw(300, 1), draw(300, 2).assign(hired=True), TASK)
    assert np.isnan(result.auc)
    assert 0 < result.accuracy < 1
    assert any(note.startswith('AUC is undefined') for note in result.notes)
