"""What fairness costs: figures as fairlearn gives them, NaN where there is nothing to compare."""

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference
from sklearn.metrics import accuracy_score, roc_auc_score

from sdv_fairdistill import frontier as module
from sdv_fairdistill.frontier import DIALS, HeldOut, frontier
from sdv_fairdistill.layout import Layout

LAYOUT = Layout((2, 4, 3), (False, True, False), sensitive=(0,), target=2)
FIGURES = ['parity_ratio', 'equalized_odds_difference', 'auc', 'accuracy']


def people(rows, seed=0, gap=0.3):
    """Tokens of a group, a number and a label of three classes, of which 2 is the desired one."""
    generator = np.random.default_rng(seed)
    group, number = generator.integers(0, 2, rows), generator.integers(0, 4, rows)
    desired = generator.random(rows) < 0.15 + gap * group + 0.15 * number
    return np.column_stack([group, number, np.where(desired, 2, generator.integers(0, 2, rows))])


def held_out(tokens, groups=None, favorable=2):
    return HeldOut(tokens, tokens[:, 0] if groups is None else groups, LAYOUT, favorable)


@pytest.fixture
def chosen(monkeypatch):
    """Takes the model's place: predicts what the test wants, and keeps what it was trained on."""
    seen = {}

    class Model:
        def __init__(self, **arguments):
            seen['arguments'] = arguments

        def fit(self, features, labels):
            seen['features'], seen['labels'] = features, labels
            return self

        def predict_proba(self, features):
            score = np.asarray(seen['score'], dtype=float)
            return np.column_stack([1 - score, score])

    monkeypatch.setattr(module, 'HistGradientBoostingClassifier', Model)
    return seen


class TestFigures:
    def test_they_are_fairlearns_and_scikit_learns(self, chosen):
        tokens = people(400)
        score = chosen['score'] = np.random.default_rng(1).random(400)

        figures = held_out(tokens).judge(people(50, seed=2), seed=0)

        actual, predicted = tokens[:, 2] == 2, score >= 0.5
        known = {'y_true': actual, 'y_pred': predicted, 'sensitive_features': tokens[:, 0]}
        assert figures == pytest.approx(
            {
                'parity_ratio': demographic_parity_ratio(**known),
                'equalized_odds_difference': equalized_odds_difference(**known),
                'auc': roc_auc_score(actual, score),
                'accuracy': accuracy_score(actual, predicted),
            }
        )

    def test_by_hand(self, chosen):
        # Group 0: 20 desired, 12 chosen of them, and 4 of the 20 others; group 1: 15 and 6.
        tokens = np.array([[group, 0, label] for group in (0, 1) for label in (2, 0) for _ in range(20)])
        counts = [12, 4, 15, 6]
        chosen['score'] = np.concatenate([np.arange(20) < count for count in counts])

        figures = held_out(tokens).judge(people(50), seed=0)

        assert figures['parity_ratio'] == pytest.approx(16 / 21)
        assert figures['equalized_odds_difference'] == pytest.approx(3 / 20)
        assert figures['accuracy'] == pytest.approx((12 + 16 + 15 + 14) / 80)

    def test_the_model_learns_the_desired_class_from_all_columns_but_the_target(self, chosen):
        chosen['score'] = np.arange(100) % 2
        drawn = people(60, seed=3)

        held_out(people(100)).judge(drawn, seed=7)

        assert (chosen['features'] == drawn[:, :2]).all()
        assert (chosen['labels'] == (drawn[:, 2] == 2)).all()
        assert chosen['arguments']['categorical_features'] == [True, False]
        assert chosen['arguments']['random_state'] == 7

    def test_a_real_model_finds_the_gap_of_what_it_learned(self):
        real = people(2_000)

        unfair, fair = (held_out(real).judge(people(2_000, 1, gap), seed=0) for gap in (0.3, 0.0))

        assert unfair['parity_ratio'] < 0.7
        assert unfair['auc'] > 0.65
        assert fair['parity_ratio'] > unfair['parity_ratio'] + 0.15


class TestUndefined:
    """Undefined is NaN, never 0, and never a warning."""

    pytestmark = pytest.mark.filterwarnings('error')

    def test_drawn_rows_of_one_class(self):
        drawn = people(100)
        drawn[:, 2] = 0

        assert np.isnan(list(held_out(people(100)).judge(drawn, 0).values())).all()

    def test_held_out_rows_of_one_class(self):
        tokens = people(100)
        tokens[:, 2] = 2

        figures = held_out(tokens).judge(people(100), 0)

        assert list(figures) == FIGURES
        assert np.isnan(list(figures.values())).all()

    def test_no_row_kept_aside(self):
        assert np.isnan(list(held_out(people(0)).judge(people(100), 0).values())).all()

    def test_one_group(self, chosen):
        chosen['score'] = np.arange(100) % 2

        figures = held_out(people(100), np.zeros(100, dtype=int)).judge(people(50), 0)

        assert np.isnan(figures['parity_ratio'])
        assert np.isnan(figures['equalized_odds_difference'])
        assert 0 <= figures['auc'] <= 1

    def test_nobody_chosen_has_no_ratio(self, chosen):
        chosen['score'] = np.zeros(100)

        figures = held_out(people(100)).judge(people(50), 0)

        assert np.isnan(figures['parity_ratio'])
        assert figures['equalized_odds_difference'] == 0

    def test_nobody_chosen_in_the_groups_that_count(self, chosen):
        tokens, groups = people(100), np.append(np.arange(95) % 2, [2] * 5)
        chosen['score'] = groups == 2

        assert np.isnan(held_out(tokens, groups).judge(people(50), 0)['parity_ratio'])

    def test_a_tiny_group_is_left_out(self, chosen):
        tokens = people(300)
        groups = np.append(np.arange(291) % 2, [2] * 9)
        score = np.random.default_rng(0).random(300)

        chosen['score'] = np.where(groups == 2, 0.0, score)
        with_none_of_it = held_out(tokens, groups).judge(people(50), 0)
        chosen['score'] = np.where(groups == 2, 1.0, score)
        with_all_of_it = held_out(tokens, groups).judge(people(50), 0)

        for name in ('parity_ratio', 'equalized_odds_difference'):
            assert with_none_of_it[name] == with_all_of_it[name] > 0

    def test_a_group_without_desired_labels_has_no_true_positive_rate(self, chosen):
        # Fairlearn takes it for 0, and finds a gap of 1.
        tokens = np.array([[group, 0, label] for group in (0, 1) for label in (2, 0) for _ in range(20)])
        lacking = np.array([[0, 0, 0]] * 20)
        chosen['score'] = np.append(tokens[:, 2] == 2, np.zeros(20))

        figures = held_out(np.concatenate([tokens, lacking]), np.append(tokens[:, 0], [2] * 20)).judge(people(50), 0)

        assert figures['equalized_odds_difference'] == 0

    def test_odds_that_only_one_group_has_are_undefined(self, chosen):
        tokens = np.array([[0, 0, 2]] * 20 + [[0, 0, 0]] * 20 + [[1, 0, 0]] * 20)
        chosen['score'] = tokens[:, 2] == 2

        assert np.isnan(held_out(tokens).judge(people(50), 0)['equalized_odds_difference'])


class TestFrontier:
    def test_a_line_a_dial(self, chosen):
        chosen['score'] = np.arange(100) % 2
        asked = []

        def draw(count, dial):
            asked.append((count, dial))
            return people(count)

        lines = frontier(draw, held_out(people(100)), rows=70, seed=0)

        assert lines.columns.tolist() == ['dial', *FIGURES]
        assert lines['dial'].tolist() == list(DIALS) == [round(step / 10, 1) for step in range(11)]
        assert asked == [(70, dial) for dial in DIALS]

    def test_no_more_rows_are_drawn_than_help(self, chosen, monkeypatch):
        monkeypatch.setattr(module, 'MOST_ROWS', 30)
        chosen['score'] = np.arange(100) % 2
        asked = set()

        frontier(lambda count, dial: (asked.add(count), people(count))[1], held_out(people(100)), rows=70, seed=0)

        assert asked == {30}
