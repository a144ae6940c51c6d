"""Repair for demographic parity: groups come out alike, and nobody is moved past a neighbour of the same group."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.views import Evidence, demographic_parity, quantiles
from sdv_fairdistill.views.demographic_parity import DemographicParity

cases = st.tuples(st.integers(0, 2**31), st.integers(2, 4), st.integers(2, 4), st.integers(20, 200))


def repair_score(score, group):
    """Scores after the repair."""
    labels, strata = np.zeros(len(group), dtype=int), np.zeros(len(group), dtype=int)
    return DemographicParity().repair_score(Evidence(labels, score, score, group, strata, 0))


def scores(seed, classes, groups, rows):
    """Class probabilities that differ by group, and the groups: every one occurs, the first most often."""
    generator = np.random.default_rng(seed)
    group = np.concatenate([np.arange(groups), np.minimum(generator.geometric(0.5, rows) - 1, groups - 1)])
    return generator.dirichlet(np.ones(classes), groups)[group] * 3 + generator.random((len(group), classes)), group


def normalised(case):
    score, group = scores(*case)
    return score / score.sum(1, keepdims=True), group


def binary(rows=4000):
    generator = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], [rows // 2, rows // 4, rows // 4])
    positive = generator.beta(np.array([2, 5, 1])[group], np.array([3, 2, 6])[group])
    return np.column_stack([1 - positive, positive]), group


def group_means(score, group):
    return np.stack([score[group == member].mean(0) for member in np.unique(group)])


class TestScore:
    @pytest.mark.parametrize('classes', [2, 3, 5])
    def test_every_group_gets_the_overall_rates(self, classes):
        score, group = normalised((1, classes, 3, 2000))
        assert np.ptp(group_means(score, group), axis=0).max() > 0.1

        repaired = repair_score(score, group)

        assert group_means(repaired, group) == pytest.approx(np.tile(score.mean(0), (3, 1)), abs=1e-6)

    def test_groups_are_alike_in_more_than_their_means(self):
        score, group = binary()
        levels = np.linspace(0.05, 0.95, 19)

        def spread(scores):
            return np.ptp([np.quantile(scores[group == member, 1], levels) for member in range(3)], axis=0).max()

        assert spread(score) > 0.4
        assert spread(repair_score(score, group)) < 0.02

    def test_the_meeting_point_is_the_mean_of_the_quantiles(self, monkeypatch):
        monkeypatch.setattr(quantiles, 'PRIOR_ROWS', 0)
        monkeypatch.setattr(demographic_parity, 'SPREAD', 0)
        generator = np.random.default_rng(0)
        low, high = np.sort(generator.beta(2, 6, 3000)), np.sort(generator.beta(6, 3, 1000))
        positive, group = np.concatenate([low, high]), np.repeat([0, 1], [3000, 1000])

        repaired = repair_score(np.column_stack([1 - positive, positive]), group)[:, 1]

        expected = 0.75 * low + 0.25 * np.quantile(high, (np.arange(3000) + 0.5) / 3000)
        assert repaired[:3000] == pytest.approx(expected, abs=0.01)

    def test_the_order_inside_a_group_stays(self):
        score, group = binary()

        repaired = repair_score(score, group)

        for member in range(3):
            rows = np.flatnonzero(group == member)
            assert (np.diff(repaired[rows[np.argsort(score[rows, 1])], 1]) >= -1e-12).all()

    def test_groups_that_are_alike_already_hardly_move(self):
        positive = np.tile(np.random.default_rng(0).random(1000), 2)
        score = np.column_stack([1 - positive, positive])

        assert repair_score(score, np.repeat([0, 1], 1000)) == pytest.approx(score, abs=0.01)

    @settings(max_examples=30)
    @given(cases)
    def test_every_row_is_a_distribution(self, case):
        repaired = repair_score(*normalised(case))

        assert (repaired >= 0).all()
        assert repaired.sum(1) == pytest.approx(1)

    @settings(max_examples=30)
    @given(cases, st.randoms(use_true_random=False))
    def test_the_names_of_groups_do_not_matter(self, case, random):
        score, group = normalised(case)
        names = np.array(random.sample(range(50), int(group.max()) + 1))

        assert repair_score(score, names[group]) == pytest.approx(repair_score(score, group), abs=1e-9)

    @settings(max_examples=30)
    @given(cases, st.integers(0, 2**31))
    def test_the_order_of_rows_does_not_matter(self, case, seed):
        score, group = normalised(case)
        order = np.random.default_rng(seed).permutation(len(group))

        repaired = repair_score(score, group)

        assert repair_score(score[order], group[order]) == pytest.approx(repaired[order], abs=1e-9)

    def test_the_names_of_classes_do_not_matter(self):
        score, group = normalised((5, 4, 3, 500))
        order = [2, 0, 3, 1]

        repaired = repair_score(score, group)

        assert repair_score(score[:, order], group) == pytest.approx(repaired[:, order], abs=1e-9)

    def test_a_class_that_nobody_has_stays_empty(self):
        score, group = binary()

        repaired = repair_score(np.column_stack([score, np.zeros(len(group))]), group)

        assert (repaired[:, 2] == 0).all()
        assert repaired[:, :2] == pytest.approx(repair_score(score, group))


class TestRareGroups:
    @pytest.mark.parametrize('size', [1, 2, 3])
    def test_they_are_repaired_like_the_others(self, size):
        score, group = binary()
        rare = np.tile([[0.05, 0.95]], (size, 1))

        repaired = repair_score(np.concatenate([score, rare]), np.append(group, np.full(size, 3)))

        assert np.isfinite(repaired).all()
        assert repaired[-size:, 1].mean() == pytest.approx(np.append(score[:, 1], rare[:, 1]).mean(), abs=1e-6)

    def test_a_handful_of_people_does_not_make_a_map(self, monkeypatch):
        # Three people with nearly the same score are not the lowest, the middle and the highest of anything.
        score, group = binary()
        positive = np.array([0.50, 0.51, 0.52])
        score = np.concatenate([score, np.column_stack([1 - positive, positive])])
        group = np.append(group, [3, 3, 3])

        leaning = np.ptp(repair_score(score, group)[-3:, 1])
        monkeypatch.setattr(quantiles, 'PRIOR_ROWS', 0)
        alone = np.ptp(repair_score(score, group)[-3:, 1])

        assert alone > 0.3
        assert leaning < alone / 2

    def test_the_others_hardly_notice(self):
        score, group = binary()
        with_rare = repair_score(np.concatenate([score, [[0.05, 0.95]]]), np.append(group, 3))

        assert with_rare[:-1] == pytest.approx(repair_score(score, group), abs=0.005)


class TestSpread:
    def test_certain_scores_stay_certain_enough_to_be_learned(self, monkeypatch):
        # Every row is certain: 30 % of one group and 60 % of the other. At the mean of the quantiles a third of the
        # rows would be a coin's toss; all of the spread given back leaves none.
        generator = np.random.default_rng(0)
        group = np.repeat([0, 1], 2000)
        positive = 0.998 * (generator.random(4000) < np.where(group, 0.6, 0.3)) + 0.002 * generator.random(4000)
        score = np.column_stack([1 - positive, positive])

        def tossed(spread):
            monkeypatch.setattr(demographic_parity, 'SPREAD', spread)
            repaired = repair_score(score, group)[:, 1]
            assert repaired[group == 0].mean() == pytest.approx(repaired[group == 1].mean(), abs=0.01)
            return ((repaired > 0.1) & (repaired < 0.9)).mean()

        assert tossed(0) > 0.25
        assert tossed(1) < 0.05

    def test_a_number_s_expected_ranks_are_moved_likewise(self):
        generator = np.random.default_rng(0)
        group = np.repeat([0, 1], 2000)
        rank = np.clip(generator.normal(0.4 + 0.2 * group, 0.1), 0, 1)

        repaired = repair_score(rank[:, None], group)[:, 0]

        levels = np.linspace(0.05, 0.95, 19)
        assert np.quantile(repaired[group == 0], levels) == pytest.approx(
            np.quantile(repaired[group == 1], levels), abs=0.01
        )
