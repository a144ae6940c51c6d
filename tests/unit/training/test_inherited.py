"""Repairs are corrected by what a model says that learned them."""

from dataclasses import replace

import numpy as np
import pytest

from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training import inherited
from sdv_fairdistill.training.inherited import Heirs, inherited_repair, predicted_gap
from sdv_fairdistill.views import Evidence
from sdv_fairdistill.views.blind_parity import BlindParity
from sdv_fairdistill.views.boosted import Quick, cross_scores
from sdv_fairdistill.views.demographic_parity import DemographicParity

LAYOUT = Layout((2, 8, 6, 2), (False, True, True, False), sensitive=(0,), target=3)
ROWS = 8_000


def people(seed):
    """Group, a number that tells of it, another number, and a label that is a function of both numbers."""
    generator = np.random.default_rng(seed)
    group = generator.random(ROWS) < 0.3
    telling = np.clip(generator.normal(2.5 + 1.6 * group, 1.3).round(), 0, 7).astype(int)
    other = generator.integers(0, 6, ROWS)
    return np.column_stack([group, telling, other, telling + other >= 8]).astype(np.int64)


def evidence_of(tokens, real, many=2):
    groups = tokens[:, 0]
    likeness, theirs = cross_scores(tokens, groups, [1, 2], LAYOUT, many, 0, real)
    score, _ = cross_scores(tokens, tokens[:, 3], [0, 1, 2], LAYOUT, 2, 0)
    unaware, _ = cross_scores(tokens, tokens[:, 3], [1, 2], LAYOUT, 2, 0)
    given = Evidence(
        tokens[:, 3], score, score, groups, np.zeros(ROWS, dtype=int), 0, unaware=unaware, likeness=likeness
    )
    return given, replace(given, groups=real[:, 0], likeness=theirs)


def labels_of(repaired, draw=0):
    return (np.random.default_rng(1 + draw).random(len(repaired)) < repaired[:, 1]).astype(int)


def corrected_by(notion, given, tokens, among, real):
    """The notion's scores, corrected by models of the columns that it reads."""
    columns = [0, 1, 2] if notion.reads_sensitive else [1, 2]
    return inherited_repair(notion, given, Heirs(tokens, columns, LAYOUT, labels_of, real, 0), among)


def model_gap(tokens, repaired, features, real):
    """The gap of a model of labels drawn from scores, among people that no one has seen."""
    _, said = cross_scores(tokens, labels_of(repaired), features, LAYOUT, 2, 5, real)
    rates = [(said[real[:, 0] == group, 1] > 0.5).mean() for group in (0, 1)]
    return 1 - min(rates) / max(rates)


@pytest.fixture(scope='module')
def tables():
    return people(0), people(1), people(2)


class TestCorrections:
    def test_models_that_do_not_see_the_group_come_out_as_alike_as_the_labels(self, tables):
        tokens, real, unseen = tables
        given, among = evidence_of(tokens, real)

        before = BlindParity().repair_score(given)
        after = corrected_by(BlindParity(), given, tokens, among, real)

        assert model_gap(tokens, before, [1, 2], unseen) > 0.15
        assert model_gap(tokens, after, [1, 2], unseen) < 0.1

    def test_what_is_alike_is_not_touched(self, tables):
        tokens, real, _ = tables
        tokens, real = tokens.copy(), real.copy()
        tokens[:, 0], real[:, 0] = np.random.default_rng(0).integers(0, 2, (2, ROWS))  # group tells of nothing
        given, among = evidence_of(tokens, real)

        corrected = corrected_by(DemographicParity(), given, tokens, among, real)

        assert (corrected == DemographicParity().repair_score(given)).all()

    def test_groups_too_small_to_be_judged_are_not_corrected(self, tables, monkeypatch):
        tokens, real, _ = tables
        few = real[:120]
        given, among = evidence_of(tokens, few)
        monkeypatch.setattr(inherited, 'cross_scores', None)  # nothing is learned

        corrected = corrected_by(BlindParity(), given, tokens, among, few)

        assert (corrected == BlindParity().repair_score(given)).all()

    def test_a_correction_that_does_not_help_is_left_out(self, tables, monkeypatch):
        tokens, real, _ = tables
        given, among = evidence_of(tokens, real)
        gaps = iter([0.5, 0.45, 0.42, 0.41, 0.9, 0.9])
        monkeypatch.setattr(inherited, 'predicted_gap', lambda *_: next(gaps))
        monkeypatch.setattr(inherited, 'STEPS', 0)

        corrected = corrected_by(BlindParity(), given, tokens, among, real)

        assert (corrected == BlindParity().repair_score(given)).all()
        assert next(gaps, None) is None

    @pytest.mark.parametrize('people', [100, 100_000])
    def test_among_many_people_a_small_gap_is_left_to_evening(self, tables, monkeypatch, people):
        tokens, real, _ = tables
        given, among = evidence_of(tokens, real)
        small = inherited.ENOUGH / 2 + inherited.NEARLY / 2
        monkeypatch.setattr(inherited, 'predicted_gap', lambda *_: small)
        monkeypatch.setattr(inherited, 'MANY', people)
        heirs, seen = Heirs(tokens, [1, 2], LAYOUT, labels_of, real, 0), []
        monkeypatch.setattr(inherited, 'cross_scores', lambda *given: (seen.append(given[-1]), cross_scores(*given))[1])

        inherited._least_gap(BlindParity(), given, heirs, among)

        assert len(seen) == (1 if len(real) >= people else inherited.ROUNDS + 1)
        assert set(seen) == {Quick.among(len(real))}


@pytest.fixture(scope='module')
def smooth():
    """Tokens, real rows and likeness, and scores by which the second group is favored less often."""
    tokens, real = people(0)[:4_000], people(1)[:4_000]
    other = 0.1 * (tokens[:, 2] - 2.5) + 0.12 * np.where(tokens[:, 1] > 3, -1, 1)
    score = np.clip(0.5 + other, 0.05, 0.95)
    likeness, theirs = cross_scores(tokens, tokens[:, 0], [1, 2], LAYOUT, 2, 0, real)
    return tokens, real, np.column_stack([1 - score, score]), likeness, theirs


def evened(score, heirs, *looks):
    return inherited._evened(score, heirs, *looks, heirs.real[:, 0], heirs.scores(score)[1][:, 1])


class TestEvening:
    """Of two classes, what is left of the gap is closed by one number a group."""

    @pytest.mark.parametrize('sees', [False, True])
    def test_rates_that_differ_come_near_and_skill_stays(self, smooth, sees):
        tokens, real, score, likeness, theirs = smooth
        columns = [0, 1, 2] if sees else [1, 2]
        looks = (np.eye(2)[tokens[:, 0]], np.eye(2)[real[:, 0]]) if sees else (likeness, theirs)

        after = evened(score, Heirs(tokens, columns, LAYOUT, labels_of, real, 0), *looks)

        unseen = people(2)
        assert model_gap(tokens, score, columns, unseen) > 0.3
        assert model_gap(tokens, after, columns, unseen) < 0.15
        assert after.sum(1) == pytest.approx(1)
        assert ((after >= 0) & (after <= 1)).all()
        assert np.corrcoef(after[:, 1], score[:, 1])[0, 1] > 0.8

    def test_what_is_far_from_one_half_stays(self, smooth):
        tokens, real, score, *looks = smooth

        after = evened(score, Heirs(tokens, [1, 2], LAYOUT, labels_of, real, 0), *looks)

        far = np.abs(score[:, 1] - 0.5) > 0.3
        assert np.abs(after - score)[far].max() < 0.1 * np.abs(after - score).max()

    def test_the_first_step_takes_what_is_known_and_each_other_a_model_of_a_draw_of_its_own(self, smooth, monkeypatch):
        tokens, real, score, *looks = smooth
        heirs, draws = Heirs(tokens, [1, 2], LAYOUT, labels_of, real, 0), []
        monkeypatch.setattr(Heirs, 'favors', lambda self, repaired, draw: draws.append(draw) or real[:, 1] / 8)

        evened(score, heirs, *looks)

        assert draws == list(range(1, inherited.STEPS))

    def test_among_many_people_it_takes_a_step_less(self, smooth, monkeypatch):
        tokens, real, score, *looks = smooth
        monkeypatch.setattr(inherited, 'MANY', len(real))
        heirs, draws = Heirs(tokens, [1, 2], LAYOUT, labels_of, real, 0), []
        monkeypatch.setattr(Heirs, 'favors', lambda self, repaired, draw: draws.append(draw) or real[:, 1] / 8)

        evened(score, heirs, *looks)

        assert draws == list(range(1, inherited.STEPS_AMONG_MANY))
        assert inherited.STEPS_AMONG_MANY < inherited.STEPS

    def test_even_rates_stay_as_they_are_without_a_model(self, smooth, monkeypatch):
        tokens, real, score, *looks = smooth
        monkeypatch.delattr(Heirs, 'favors')
        even = np.arange(len(real)) % 2 * 1.0

        after = inherited._evened(score, Heirs(tokens, [1, 2], LAYOUT, labels_of, real, 0), *looks, real[:, 0], even)

        assert np.array_equal(after, score)


class TestGap:
    def test_of_classes_it_is_what_the_least_rate_lacks_of_the_largest(self):
        predicted = np.repeat([1, 0, 1, 0], [30_000, 10_000, 10_000, 30_000])  # .75 and .25
        score = np.eye(2)[predicted]

        assert predicted_gap(score, np.repeat([0, 1], 40_000)) == pytest.approx(2 / 3, abs=0.01)

    def test_of_several_classes_the_worst_counts_unless_it_is_hardly_ever_predicted(self):
        predicted = np.concatenate([np.repeat([0, 1, 2], [49_500, 50_000, 500]), np.repeat([0, 1], [60_000, 40_000])])

        gap = predicted_gap(np.eye(3)[predicted], np.repeat([0, 1], 100_000))

        assert gap == pytest.approx(0.2, abs=0.01)

    def test_of_numbers_it_is_a_distance_in_standard_deviations(self):
        score = np.repeat([0.0, 1.0], 20_000)[:, None]

        assert predicted_gap(score, np.repeat([0, 1], 20_000)) == pytest.approx(1, abs=0.01)
        assert predicted_gap(score, np.tile([0, 1], 20_000)) == 0

    def test_chance_is_hardly_a_gap(self):
        generator = np.random.default_rng(0)
        gaps = [
            predicted_gap(np.eye(2)[(generator.random(2_000) < 0.2).astype(int)], np.repeat([0, 1], 1_000))
            for _ in range(200)
        ]

        assert np.mean(np.array(gaps) > inherited.ENOUGH) < 0.2

    def test_groups_of_few_rows_do_not_count(self):
        score = np.eye(2)[np.repeat([0, 1, 0, 1], [500, 500, 500, 540])]
        groups = np.repeat([0, 1, 2], [1_000, 1_000, 40])

        assert predicted_gap(score, groups) == 0
        assert predicted_gap(score[:500], np.zeros(500)) == 0


class TestAsSureAs:
    """Among several groups a repair leaves as many rows above one half, where models decide, as there were."""

    @staticmethod
    def both(score):
        return np.column_stack([1 - score, score])

    @pytest.mark.parametrize('times', [0.5, 0.7, 0.9])
    def test_the_share_the_mean_and_the_order_are_those_from_before(self, times):
        score = np.random.default_rng(0).beta(0.9, 2.7, 20_000)  # mean .25, and .14 above one half
        before, repaired = self.both(score), self.both(times * score)

        after = inherited.as_sure_as(before, repaired)

        assert (after[:, 1] > 0.5).mean() == pytest.approx((score > 0.5).mean(), abs=0.001)
        assert after[:, 1].mean() == pytest.approx(score.mean())
        assert after.sum(1) == pytest.approx(1)
        assert (np.diff(after[np.argsort(score), 1]) >= 0).all()

    @pytest.mark.parametrize('times', [0.5, 0.7, 0.9])
    def test_it_is_the_same_if_the_rarer_class_is_the_first(self, times):
        score = np.random.default_rng(0).beta(0.9, 2.7, 2_000)
        before, repaired = self.both(score), self.both(times * score)

        other_way_round = inherited.as_sure_as(before[:, ::-1], repaired[:, ::-1])

        assert other_way_round == pytest.approx(inherited.as_sure_as(before, repaired)[:, ::-1])
        assert (other_way_round[:, 0] > 0.5).mean() == pytest.approx((score > 0.5).mean(), abs=0.001)

    def test_what_is_sure_enough_stays(self):
        score = np.random.default_rng(0).beta(0.9, 2.7, 20_000)
        surer = self.both(np.clip(1.2 * score, 0, 1))

        assert inherited.as_sure_as(self.both(score), surer) is surer

    def test_labels_that_were_sure_become_as_sure(self):
        sure = (np.arange(1_000) < 200).astype(float)
        blurred = np.linspace(0.45, 0.05, 1_000)

        after = inherited.as_sure_as(self.both(sure), self.both(blurred))[:, 1]

        assert (after > 0.5).sum() == pytest.approx(200, abs=1)
        assert after.mean() == pytest.approx(0.2, abs=0.02)

    def test_between_two_groups_nothing_is_stretched(self, tables, monkeypatch):
        tokens, real, _ = tables
        given, among = evidence_of(tokens, real)
        monkeypatch.setattr(inherited, 'as_sure_as', None)

        assert corrected_by(BlindParity(), given, tokens, among, real).shape == (ROWS, 2)

    def test_among_several_groups_models_favor_as_many_as_before(self):
        tokens, real = people(0), people(1)
        for table in (tokens, real):
            table[:, 0] += table[:, 2] > 3  # a third group, favored more often
        given, among = evidence_of(tokens, real, many=3)

        repaired = corrected_by(BlindParity(), given, tokens, among, real)

        assert (repaired[:, 1] > 0.5).mean() == pytest.approx((given.unaware[:, 1] > 0.5).mean(), abs=0.03)
