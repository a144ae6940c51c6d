"""What fairness costs: figures as fairlearn gives them, NaN where there is nothing to compare."""

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from threadpoolctl import threadpool_info, threadpool_limits

from sdv_fairdistill.goals import frontier as module
from sdv_fairdistill.goals.frontier import DIALS, HeldOut, frontier, smoothed
from sdv_fairdistill.table.layout import Layout

LAYOUT = Layout((2, 4, 3), (False, True, False), sensitive=(0,), target=2)
FIGURES = ['parity_ratio', 'equalized_odds_difference', 'auc', 'accuracy']
SMOOTH = [column for name in FIGURES[:2] for column in (f'smooth_{name}', f'{name}_error')]
WITHOUT = [f'{name}_without' for name in FIGURES]
SMOOTH_WITHOUT = [column for name in WITHOUT[:2] for column in (f'smooth_{name}', f'{name}_error')]


def people(rows, seed=0, gap=0.3):
    """Tokens of a group, a number and a label of three classes, of which 2 is the desired one."""
    generator = np.random.default_rng(seed)
    group, number = generator.integers(0, 2, rows), generator.integers(0, 4, rows)
    desired = generator.random(rows) < 0.15 + gap * group + 0.15 * number
    return np.column_stack([group, number, np.where(desired, 2, generator.integers(0, 2, rows))])


def judge(real, drawn, seed=0, figures=FIGURES):
    """What the frontier says of rows at one dial; with one dial there is nothing to smooth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, 'DIALS', (1.0,))
        lines = frontier(lambda *_: drawn, real, len(drawn), seed)
    for name in (*FIGURES[:2], *WITHOUT[:2]):
        assert lines[f'smooth_{name}'].tolist() == pytest.approx(lines[name].tolist(), nan_ok=True)
        assert (lines[f'{name}_error'].isna() == lines[name].isna()).all()
    return lines[figures].iloc[0].to_dict()


def held_out(tokens, groups=None, favorable=2):
    return HeldOut(tokens, tokens[:, 0] if groups is None else groups, LAYOUT, favorable)


@pytest.fixture
def chosen(monkeypatch):
    """Takes the models' place: predicts what the test wants, and keeps what each was trained on."""
    seen = {'trained': []}

    class Model:
        def __init__(self, **arguments):
            self.arguments = arguments

        def fit(self, features, labels):
            threads = {pool['num_threads'] for pool in threadpool_info()}
            seen['trained'].append((self.arguments, features, labels, threads))
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

        figures = judge(held_out(tokens), people(50, seed=2), seed=0)

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

        figures = judge(held_out(tokens), people(50), seed=0)

        assert figures['parity_ratio'] == pytest.approx(16 / 21)
        assert figures['equalized_odds_difference'] == pytest.approx(3 / 20)
        assert figures['accuracy'] == pytest.approx((12 + 16 + 15 + 14) / 80)

    def test_the_model_learns_the_desired_class_from_all_columns_but_the_target(self, chosen):
        chosen['score'] = np.arange(100) % 2
        drawn = people(60, seed=3)

        judge(held_out(people(100)), drawn, seed=7)

        arguments, features, labels, _ = chosen['trained'][0]
        assert (features == drawn[:, :2]).all()
        assert (labels == (drawn[:, 2] == 2)).all()
        assert arguments['categorical_features'] == [True, False]
        assert arguments['random_state'] == 7

    def test_a_second_model_learns_the_same_without_the_sensitive_columns(self, chosen):
        chosen['score'] = np.arange(100) % 2
        drawn = people(60, seed=3)

        figures = judge(held_out(people(100)), drawn, 7, FIGURES + WITHOUT)

        assert len(chosen['trained']) == 2
        arguments, features, labels, _ = chosen['trained'][1]
        assert (features == drawn[:, [1]]).all()
        assert (labels == (drawn[:, 2] == 2)).all()
        assert arguments['categorical_features'] == [False]
        assert [figures[name] for name in WITHOUT] == [figures[name] for name in FIGURES]

    def test_figures_without_by_hand(self, chosen, monkeypatch):
        # Of 40 rows a group, the model with the column chooses all of group 1 and none of group 0; the other model
        # chooses 12 of 20 desired and 4 of 20 others of group 0, and 15 and 6 of group 1.
        tokens = np.array([[group, 0, label] for group in (0, 1) for label in (2, 0) for _ in range(20)])
        without = np.concatenate([np.arange(20) < count for count in (12, 4, 15, 6)])
        scores = {2: tokens[:, 0], 1: without}
        monkeypatch.setattr(HeldOut, 'predict', lambda _, drawn, features, seed: scores[len(features)].astype(float))

        figures = judge(held_out(tokens), people(50), 0, FIGURES + WITHOUT)

        assert figures['parity_ratio'] == 0
        assert figures['equalized_odds_difference'] == 1
        assert figures['accuracy'] == 0.5
        assert figures['parity_ratio_without'] == pytest.approx(16 / 21)
        assert figures['equalized_odds_difference_without'] == pytest.approx(3 / 20)
        assert figures['accuracy_without'] == pytest.approx((12 + 16 + 15 + 14) / 80)
        assert figures['auc_without'] == pytest.approx((27 / 40 + 30 / 40) / 2)

    def test_relabelling_the_sensitive_columns_changes_nothing_for_the_model_without_them(self):
        real, drawn = people(600), people(600, seed=1)
        groups, relabelled = real[:, 0], [rows.copy() for rows in (real, drawn)]
        relabelled[0][:, 0] = 0
        relabelled[1][:, 0] = np.random.default_rng(2).integers(0, 2, 600)

        before, after = (
            judge(held_out(rows, groups), other, 0, FIGURES + WITHOUT) for rows, other in ((real, drawn), relabelled)
        )

        assert [before[name] for name in WITHOUT] == [after[name] for name in WITHOUT]
        assert not np.isnan([before[name] for name in WITHOUT]).any()
        assert [before[name] for name in FIGURES] != [after[name] for name in FIGURES]

    @pytest.mark.parametrize('levels', [5, 60, 300])
    def test_fewer_bins_give_the_model_that_more_give(self, levels):
        generator = np.random.default_rng(0)
        drawn, real = (np.column_stack([people(900, seed), generator.integers(0, levels, 900)]) for seed in (0, 1))
        drawn[:, 2] = np.where(generator.random(900) < drawn[:, 3] / levels, 2, drawn[:, 2])
        layout = Layout((2, 4, 3, levels), (False, True, False, True), sensitive=(0,), target=2)
        features, categorical = [0, 1, 3], [True, False, False]
        model = HistGradientBoostingClassifier(
            categorical_features=categorical, early_stopping=False, random_state=0, max_bins=255
        )
        model.fit(drawn[:, features], drawn[:, 2] == 2)

        score = HeldOut(real, real[:, 0], layout, 2).predict(drawn, features, 0)

        assert (score == model.predict_proba(real[:, features])[:, 1]).all()

    def test_a_real_model_finds_the_gap_of_what_it_learned(self):
        real = people(2_000)

        unfair, fair = (judge(held_out(real), people(2_000, 1, gap), seed=0) for gap in (0.3, 0.0))

        assert unfair['parity_ratio'] < 0.7
        assert unfair['auc'] > 0.65
        assert fair['parity_ratio'] > unfair['parity_ratio'] + 0.15

    def test_the_model_trains_on_one_thread(self, chosen):
        chosen['score'] = np.random.default_rng(1).random(400)

        with threadpool_limits(limits=2):
            judge(held_out(people(400)), people(50, seed=2))

        assert [threads for *_, threads in chosen['trained']] == [{1}, {1}]


class TestUndefined:
    """Undefined is NaN, never 0, and never a warning."""

    pytestmark = pytest.mark.filterwarnings('error')

    def test_drawn_rows_of_one_class(self):
        drawn = people(100)
        drawn[:, 2] = 0

        assert np.isnan(list(judge(held_out(people(100)), drawn, 0).values())).all()

    def test_held_out_rows_of_one_class(self):
        tokens = people(100)
        tokens[:, 2] = 2

        figures = judge(held_out(tokens), people(100), 0)

        assert list(figures) == FIGURES
        assert np.isnan(list(figures.values())).all()

    def test_a_table_of_nothing_but_roles_leaves_a_model_without_the_sensitive_columns_nothing_to_see(self):
        layout = Layout((2, 3), (False, False), sensitive=(0,), target=1)
        tokens = people(200)[:, [0, 2]]

        figures = judge(HeldOut(tokens, tokens[:, 0], layout, 2), tokens, 0, FIGURES + WITHOUT)

        assert not np.isnan([figures[name] for name in FIGURES[1:]]).any()
        assert np.isnan([figures[name] for name in WITHOUT]).all()

    def test_no_row_kept_aside(self):
        assert np.isnan(list(judge(held_out(people(0)), people(100), 0).values())).all()

    def test_one_group(self, chosen):
        chosen['score'] = np.arange(100) % 2

        figures = judge(held_out(people(100), np.zeros(100, dtype=int)), people(50), 0)

        assert np.isnan(figures['parity_ratio'])
        assert np.isnan(figures['equalized_odds_difference'])
        assert 0 <= figures['auc'] <= 1

    def test_nobody_chosen_has_no_ratio(self, chosen):
        chosen['score'] = np.zeros(100)

        figures = judge(held_out(people(100)), people(50), 0)

        assert np.isnan(figures['parity_ratio'])
        assert figures['equalized_odds_difference'] == 0

    def test_nobody_chosen_in_the_groups_that_count(self, chosen):
        tokens, groups = people(100), np.append(np.arange(95) % 2, [2] * 5)
        chosen['score'] = groups == 2

        assert np.isnan(judge(held_out(tokens, groups), people(50), 0)['parity_ratio'])

    def test_a_tiny_group_is_left_out(self, chosen):
        tokens = people(300)
        groups = np.append(np.arange(291) % 2, [2] * 9)
        score = np.random.default_rng(0).random(300)

        chosen['score'] = np.where(groups == 2, 0.0, score)
        with_none_of_it = judge(held_out(tokens, groups), people(50), 0)
        chosen['score'] = np.where(groups == 2, 1.0, score)
        with_all_of_it = judge(held_out(tokens, groups), people(50), 0)

        for name in ('parity_ratio', 'equalized_odds_difference'):
            assert with_none_of_it[name] == with_all_of_it[name] > 0

    def test_a_group_without_desired_labels_has_no_true_positive_rate(self, chosen):
        # Fairlearn takes it for 0, and finds a gap of 1.
        tokens = np.array([[group, 0, label] for group in (0, 1) for label in (2, 0) for _ in range(20)])
        lacking = np.array([[0, 0, 0]] * 20)
        chosen['score'] = np.append(tokens[:, 2] == 2, np.zeros(20))

        figures = judge(held_out(np.concatenate([tokens, lacking]), np.append(tokens[:, 0], [2] * 20)), people(50), 0)

        assert figures['equalized_odds_difference'] == 0

    def test_odds_that_only_one_group_has_are_undefined(self, chosen):
        tokens = np.array([[0, 0, 2]] * 20 + [[0, 0, 0]] * 20 + [[1, 0, 0]] * 20)
        chosen['score'] = tokens[:, 2] == 2

        assert np.isnan(judge(held_out(tokens), people(50), 0)['equalized_odds_difference'])


class TestFrontier:
    def test_a_line_a_dial(self, chosen):
        chosen['score'] = np.arange(100) % 2
        asked = []

        def draw(count, dial):
            asked.append((count, dial))
            return people(count)

        lines = frontier(draw, held_out(people(100)), rows=70, seed=0)

        assert lines.columns.tolist() == ['dial', *FIGURES, *SMOOTH, *WITHOUT, *SMOOTH_WITHOUT]
        assert lines['dial'].tolist() == list(DIALS) == [round(step / 10, 1) for step in range(11)]
        assert asked == [(70, dial) for dial in DIALS]  # once for both models
        assert len(chosen['trained']) == 2 * len(DIALS)

    def test_no_more_rows_are_drawn_than_help(self, chosen, monkeypatch):
        monkeypatch.setattr(module, 'MOST_ROWS', 30)
        chosen['score'] = np.arange(100) % 2
        asked = set()

        frontier(lambda count, dial: (asked.add(count), people(count))[1], held_out(people(100)), rows=70, seed=0)

        assert asked == {30}


class TestErrors:
    """The standard error that the number of real rows gives a figure."""

    @staticmethod
    def errors(monkeypatch, tokens, score):
        monkeypatch.setattr(module, 'DIALS', (1.0,))
        monkeypatch.setattr(HeldOut, 'predict', lambda *_: np.asarray(score, dtype=float))
        lines = frontier(lambda *_: tokens, held_out(tokens), 1, 0)
        return lines['parity_ratio_error'][0], lines['equalized_odds_difference_error'][0]

    def test_by_hand(self, monkeypatch):
        # Selected are .4 and .525 of 40 rows each; of the desired ones .6 and .75, of the others .2 and .3 of 20.
        tokens = np.array([[group, 0, label] for group in (0, 1) for label in (2, 0) for _ in range(20)])
        score = np.concatenate([np.arange(20) < count for count in (12, 4, 15, 6)])

        ratio, difference = self.errors(monkeypatch, tokens, score)

        low, high = 0.4 * 0.6 / 40, 0.525 * 0.475 / 40
        assert ratio == pytest.approx(np.sqrt(low + (0.4 / 0.525) ** 2 * high) / 0.525)
        assert difference == pytest.approx(np.sqrt(0.6 * 0.4 / 20 + 0.75 * 0.25 / 20))

    def test_they_are_those_of_resampled_rows(self, monkeypatch):
        tokens, score = people(3_000), np.random.default_rng(1).random(3_000)
        score += 0.15 * tokens[:, 0]
        given = self.errors(monkeypatch, tokens, score)

        def resampled(seed):
            rows = np.random.default_rng(seed).integers(0, 3_000, 3_000)
            chosen, group, actual = score[rows] >= 0.5, tokens[rows, 0], tokens[rows, 2] == 2
            rates = [chosen[group == member].mean() for member in (0, 1)]
            true = [chosen[(group == member) & actual].mean() for member in (0, 1)]
            return rates[0] / rates[1], true[1] - true[0]

        spread = np.std([resampled(seed) for seed in range(1_000)], axis=0)
        assert given[0] == pytest.approx(spread[0], rel=0.1)
        assert given[1] == pytest.approx(spread[1], rel=0.15)


class TestSmoothed:
    DIALS = np.linspace(0, 1, 11)

    def curves(self):
        """Rates ``(dials, 3, groups)`` that change over the dial as cubics do."""
        dials = self.DIALS[:, None, None]
        return 0.3 + 0.3 * dials - 0.1 * dials**3 + np.array([[[0, 0.05]]]) * dials**2 + np.zeros((11, 3, 2))

    def test_what_is_smooth_stays(self):
        assert smoothed(self.DIALS, self.curves()) == pytest.approx(self.curves())

    def test_chance_is_taken_out(self):
        noise = np.random.default_rng(0).normal(0, 0.02, (200, 11, 3, 2))

        left = np.stack([smoothed(self.DIALS, self.curves() + one) - self.curves() for one in noise])

        assert left.std() < 0.7 * noise.std()
        assert np.abs(left.mean(0)).max() < 0.005

    def test_rates_stay_rates(self):
        rates = np.zeros((11, 3, 2))
        rates[5] = 1

        assert ((smoothed(self.DIALS, rates) >= 0) & (smoothed(self.DIALS, rates) <= 1)).all()

    def test_what_is_undefined_stays_so_and_leaves_the_others_alone(self):
        rates = self.curves()
        rates[:, 1, 0] = np.nan
        rates[3] = np.nan

        smooth = smoothed(self.DIALS, rates)

        assert (np.isnan(smooth) == np.isnan(rates)).all()
        assert smooth[~np.isnan(rates)] == pytest.approx(rates[~np.isnan(rates)])

    @pytest.mark.parametrize('count', [0, 1, 2, 3])
    def test_few_dials_are_met_exactly(self, count):
        rates = np.random.default_rng(0).random((count, 3, 2))

        assert smoothed(self.DIALS[:count], rates) == pytest.approx(rates)
