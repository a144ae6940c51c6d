"""Level sets: scores alike in all groups, by an oracle, by hand, and as functions of nothing sensitive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.views import Evidence, blind_parity, level_sets
from sdv_fairdistill.views.blind_parity import BlindParity
from sdv_fairdistill.views.level_sets import level_sets as repaired_scores


def people(rows=20_000, groups=2, seed=0):
    """Scores, likeness of groups, and groups drawn from it: who looks like a later group has a higher score."""
    generator = np.random.default_rng(seed)
    looks = generator.normal(size=(rows, groups)) + 0.7 * np.arange(groups) / groups
    likeness = np.exp(1.5 * looks)
    likeness /= likeness.sum(1, keepdims=True)
    score = 1 / (1 + np.exp(-(2 * likeness[:, -1] + generator.normal(size=rows) - 1.5)))
    group = (likeness.cumsum(1) < generator.random((rows, 1))).sum(1)
    return score, likeness, group


def distance(scores, group):
    """The largest distance between the distribution functions of two groups (Kolmogorov)."""
    levels = np.linspace(0, 1, 201)
    curves = [np.searchsorted(np.sort(scores[group == one]), levels) / (group == one).sum() for one in np.unique(group)]
    return np.ptp(curves, axis=0).max()


def evidence(score, likeness):
    nothing = np.zeros((len(score), 0))
    labels = np.zeros(len(score), dtype=int)
    return Evidence(labels, nothing, nothing, labels, labels, 0, unaware=score, likeness=likeness)


class TestLevelSets:
    @pytest.mark.parametrize('groups', [2, 3, 5])
    def test_groups_are_alike(self, groups):
        score, likeness, group = people(groups=groups)
        assert distance(score, group) > 0.15

        repaired = repaired_scores(score, likeness)

        assert distance(repaired, group) < 0.05
        assert ((repaired >= 0) & (repaired <= 1)).all()

    def test_no_blind_rule_with_equal_rates_is_more_accurate(self):
        # An oracle by search: every rule that selects above a line in score and likeness, at a rate equal in both
        # groups as the likeness tells it, is at best as accurate as the one at the threshold of one half.
        score, likeness, _ = people(rows=4_000)
        share = likeness.mean(0)

        def accuracy(selects):
            return np.where(selects, score, 1 - score).mean()

        def gap(selects):
            return abs((selects @ likeness / share) @ [1, -1]) / len(selects)

        best = max(
            accuracy(selects)
            for slope in np.linspace(-1, 1, 81)
            for cut in np.linspace(0, 1, 81)
            for selects in [score - slope * likeness[:, 1] > cut]
            if gap(selects) < 0.01
        )
        ours = repaired_scores(score, likeness) > 0.5

        assert gap(ours) < 0.02
        assert accuracy(ours) > best - 0.005

    def test_a_score_that_tells_nothing_of_the_group_stays(self):
        generator = np.random.default_rng(0)
        score, likeness = generator.random(5_000), np.tile([0.3, 0.7], (5_000, 1))

        assert repaired_scores(score, likeness) == pytest.approx(score, abs=0.02)

    def test_where_the_group_is_known_and_decides_the_score_all_are_alike(self):
        likeness = np.repeat([[1.0, 0.0], [0.0, 1.0]], 1_000, axis=0)
        score = np.repeat([0.1, 0.9], 1_000)

        assert repaired_scores(score, likeness) == pytest.approx(0.5, abs=0.02)

    def test_a_handful_of_people_is_no_group_to_be_levelled(self, monkeypatch):
        # Eight people with nearly the same high score: alone they would be spread over all scores.
        score, likeness, _ = people(rows=2_000)
        score, likeness = np.append(score, np.full(8, 0.9)), np.hstack([likeness, np.zeros((2_000, 1))])
        likeness = np.vstack([likeness, np.tile([0, 0, 1.0], (8, 1))])

        leaning = repaired_scores(score, likeness)
        monkeypatch.setattr(level_sets, 'PRIOR_ROWS', 0.01)
        alone = repaired_scores(score, likeness)

        assert alone[-8:].mean() < leaning[-8:].mean() - 0.1
        assert leaning[:-8] == pytest.approx(alone[:-8], abs=0.02)

    @settings(max_examples=15, deadline=None)
    @given(st.integers(0, 2**31), st.integers(2, 4))
    def test_the_names_of_groups_do_not_matter(self, seed, groups):
        score, likeness, _ = people(300, groups, seed)
        order = np.random.default_rng(seed).permutation(groups)

        assert repaired_scores(score, likeness[:, order]) == pytest.approx(repaired_scores(score, likeness), abs=0.01)


class TestBlindParity:
    def test_nothing_moves_when_only_sensitive_values_change(self):
        # The notion is not given the groups: whatever they are, the repaired probabilities are the same to the bit.
        score, likeness, group = people(rows=2_000)
        given_one = evidence(np.column_stack([1 - score, score]), likeness)
        given_other = Evidence(**{**vars(given_one), 'groups': 1 - group, 'score': np.tile(group[:, None], 2)})

        assert (BlindParity().repair_score(given_one) == BlindParity().repair_score(given_other)).all()

    @pytest.mark.parametrize('classes', [2, 3, 4])
    def test_classes(self, classes):
        score, likeness, group = people()
        rest = np.random.default_rng(1).dirichlet(np.ones(classes - 1), len(score)) * (1 - score)[:, None]
        given = np.column_stack([rest, score])

        repaired = BlindParity().repair_score(evidence(given, likeness))

        assert repaired.sum(1) == pytest.approx(1)
        assert repaired.mean(0) == pytest.approx(given.mean(0), abs=0.02)
        before, after = (
            np.ptp([part[group == one].mean(0) for one in (0, 1)], axis=0).max() for part in (given, repaired)
        )
        assert after < 0.2 * before  # nine tenths of the multipliers are taken

    def test_expected_ranks_of_a_number(self):
        score, likeness, group = people()

        repaired = BlindParity().repair_score(evidence(score[:, None], likeness))

        assert repaired.shape == (len(score), 1)
        assert distance(repaired[:, 0], group) < 0.2 * distance(score, group)

    def test_some_of_the_spread_is_given_back(self, monkeypatch):
        score, likeness, _ = people()
        given = evidence(np.column_stack([1 - score, score]), likeness)

        wider = BlindParity().repair_score(given)[:, 1]
        monkeypatch.setattr(blind_parity, 'SPREAD', 0)
        narrow = BlindParity().repair_score(given)[:, 1]

        assert narrow.std() < wider.std() < score.std()
        assert np.corrcoef(narrow, wider)[0, 1] > 0.99
