"""Changed labels: rates by hand, as few changes as can be, and rows under conditions as an enumeration has them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.sampling import repair, repairs
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.particles import draw_conditioned
from sdv_fairdistill.sampling.repair import ClassChange, RankChange
from sdv_fairdistill.sampling.repair import _scaled as scaled
from sdv_fairdistill.sampling.repairs import Repair, RepairSizes
from sdv_fairdistill.sampling.rows import draw_rows
from sdv_fairdistill.table.groups import middle_ranks


def drawn_labels(rows=20_000, seed=0):
    """Groups, labels that follow a score of theirs, that score, and one that is the same in both groups."""
    generator = np.random.default_rng(seed)
    group, merit = generator.integers(0, 2, rows), generator.random(rows)
    positive, wanted = 0.1 + 0.3 * group + 0.5 * merit, 0.25 + 0.5 * merit
    label = (generator.random(rows) < positive).astype(int)
    return group, label, *(np.column_stack([1 - part, part]) for part in (positive, wanted))


def change_of(group, label, own, wanted):
    return ClassChange.of(label, own, wanted, group, np.tile([0.5, 0.5], (2, 1)))


class TestClasses:
    def test_every_group_gets_its_rates(self, generators):
        group, label, own, wanted = drawn_labels()
        assert np.ptp([label[group == one].mean() for one in (0, 1)]) > 0.25

        for even, error in ((True, 0.001), (False, 0.02)):
            changed = change_of(group, label, own, wanted).change(label, own, wanted, group, generators, even)
            assert [changed[group == one].mean() for one in (0, 1)] == pytest.approx([0.5, 0.5], abs=error)

    def test_the_changed_label_follows_the_wanted_score(self, generators):
        group, label, own, wanted = drawn_labels()

        changed = change_of(group, label, own, wanted).change(label, own, wanted, group, generators, even=True)

        for low in (0.25, 0.4, 0.6):
            rows = (wanted[:, 1] >= low) & (wanted[:, 1] < low + 0.1)
            for one in (0, 1):
                assert changed[rows & (group == one)].mean() == pytest.approx(low + 0.05, abs=0.04)

    def test_no_more_labels_change_than_must(self, generators):
        group, label, own, wanted = drawn_labels()

        changed = change_of(group, label, own, wanted).change(label, own, wanted, group, generators, even=True)

        assert (changed != label).mean() == pytest.approx(np.abs(own - wanted)[:, 1].mean(), abs=0.01)

    def test_where_nothing_is_to_change_nothing_does(self, generators):
        group, label, _, wanted = drawn_labels()
        label = (np.random.default_rng(1).random(len(label)) < wanted[:, 1]).astype(int)
        rates = np.stack([np.bincount(label[group == one]) / (group == one).sum() for one in (0, 1)])

        same = ClassChange.of(label, wanted, wanted, group, rates)

        assert (same.change(label, wanted, wanted, group, generators, even=True) == label).all()

    def test_a_single_row_is_not_forced_to_a_rate(self, generators):
        group, label, own, wanted = drawn_labels()
        change, one = change_of(group, label, own, wanted), np.array([[0.05, 0.95]])

        kept = [change.change(np.array([1]), one, one, np.array([0]), generators, even=True)[0] for _ in range(200)]

        assert np.mean(kept) > 0.9

    def test_the_outlook_is_the_mean_of_the_likelihoods(self):
        group, label, own, wanted = drawn_labels()
        change = change_of(group, label, own, wanted)

        likely = change.likelihood(label, own, wanted, group, 1)

        for one in (0, 1):
            for drawn in (0, 1):
                rows = (group == one) & (label == drawn)
                assert change.outlook(1)[one, drawn] == pytest.approx(likely[rows].mean())


class TestRanks:
    MISSING = 20

    @pytest.fixture
    def table(self):
        """Groups, labels in 20 bins of which some are missing, their expected ranks, and those wanted."""
        generator = np.random.default_rng(0)
        group, merit = generator.integers(0, 2, 20_000), generator.normal(size=20_000)
        value = merit + 1.2 * group + generator.normal(size=20_000)
        bins = np.searchsorted(np.quantile(value, np.linspace(0, 1, 21)[1:-1]), value)
        label = np.where(generator.random(20_000) < 0.05 + 0.2 * group, self.MISSING, bins)
        ranks = middle_ranks(label, 21, self.MISSING)
        known = label != self.MISSING
        design = np.column_stack([merit, group, np.ones(20_000)])
        own = design @ np.linalg.lstsq(design[known], ranks[label[known]], rcond=None)[0]
        wanted = own - design[:, 1] * (own[group == 1].mean() - own[group == 0].mean()) + 0.0
        return group, label, own[:, None], wanted[:, None], ranks

    @pytest.fixture
    def change(self, table):
        group, label, own, wanted, ranks = table
        return RankChange.of(label, own, wanted, group, ranks, self.MISSING, 2, np.random.default_rng(1))

    @pytest.fixture
    def changed(self, table, change, generators):
        group, label, own, wanted, _ = table
        return change.change(label, own, wanted, group, generators, even=True)

    def test_groups_come_out_alike(self, table, changed):
        group, label, known = table[0], table[1], changed != self.MISSING

        def gap(labels, rows):
            return labels[rows & (group == 1)].mean() - labels[rows & (group == 0)].mean()

        assert gap(label, label != self.MISSING) > 4
        assert abs(gap(changed, known)) < 0.25

    def test_the_pooled_distribution_stays(self, table, changed):
        shares = [np.bincount(labels, minlength=21) / len(labels) for labels in (table[1], changed)]

        assert np.abs(np.cumsum(shares[0] - shares[1])).max() < 0.02

    def test_as_many_are_missing_in_each_group(self, table, changed):
        group = table[0]

        assert [(changed[group == one] == self.MISSING).mean() for one in (0, 1)] == pytest.approx(
            [0.15, 0.15], abs=0.01
        )

    def test_what_is_known_of_a_row_beyond_its_score_stays(self, table, changed):
        group, label, *_ = table
        known = (label != self.MISSING) & (changed != self.MISSING) & (group == 0)

        assert np.corrcoef(label[known], changed[known])[0, 1] > 0.95

    def test_the_likelihood_is_high_where_the_label_comes_to_the_wanted_one(self, table, change, changed):
        group, label, own, wanted, _ = table

        likely = change.likelihood(label, own, wanted, group, 10)

        assert likely[np.abs(changed - 10) < 1].mean() > 0.5
        assert likely[np.abs(changed - 10) > 6].mean() < 0.01
        assert (change.likelihood(label, own, wanted, group, self.MISSING) > 0.5).sum() == (label == self.MISSING).sum()


class Fixed(torch.nn.Module):
    """Scores written down: the own one leans to the second class, the wanted one follows a column."""

    def forward(self, tokens, sensitive, wanted=None):
        own = torch.tensor([[0.4, 0.6]]).log().expand(len(tokens), -1)
        follows = torch.tensor([[0.8, 0.2], [0.3, 0.7]])[tokens[:, 0]].log()
        return [[own, follows][number] for number in wanted]


class TestUnderConditions:
    @pytest.fixture(params=[1.0, 0.6])
    def changing(self, request, raw_enumeration):
        """A source that changes labels, and the exact probability of each row."""
        enumeration = raw_enumeration
        layout = enumeration.source.layout
        moves = np.tile([[0.7, 0.3], [0.4, 0.6]], (enumeration.groups.count, 1, 1))
        ones = np.ones((enumeration.groups.count, 2))
        how = ClassChange(rates=ones / 2, factors=ones, moves=moves)
        enumeration.source = replace(enumeration.source, repair=Repair(Fixed(), 1, how), changed=request.param)
        raw = enumeration.probabilities.reshape(layout.cardinalities)
        place, target = layout.drawn[0], layout.target
        exact = np.zeros_like(raw)
        for row in np.ndindex(*layout.cardinalities):
            own, wanted = np.array([[0.4, 0.6]]), np.array([[[0.8, 0.2], [0.3, 0.7]][row[place]]])
            chances = how.probabilities(np.array([row[target]]), own, wanted, np.array([0]))[0]
            for label, chance in enumerate(chances):
                moved = list(row)
                moved[target] = label
                exact[tuple(moved)] += request.param * chance * raw[row]
            exact[row] += (1 - request.param) * raw[row]
        return enumeration, exact.reshape(-1)

    @pytest.mark.parametrize('fixed', [{2: 1}, {2: 0}, {4: 1}, {2: 0, 4: 1}, {3: 1, 2: 1}, {1: 2}], ids=str)
    def test_rows_follow_their_exact_probabilities(self, changing, fixed, generators):
        enumeration, exact = changing
        meets = (enumeration.rows[:, list(fixed)] == list(fixed.values())).all(1)

        drawn = draw_conditioned(enumeration.source, 12_000, fixed, generators)

        assert (drawn[:, list(fixed)] == list(fixed.values())).all()
        expected = exact * meets / (exact * meets).sum()
        assert enumeration.frequencies(drawn) == pytest.approx(expected, abs=0.02)

    def test_columns_are_the_same_at_every_dial(self, changing):
        enumeration, _ = changing
        sources = [replace(enumeration.source, changed=changed) for changed in (0.0, 0.9)]
        one, other = (draw_rows(source, 500, Generators.of(3, torch.device('cpu'))) for source in sources)

        target = enumeration.source.layout.target
        columns = [column for column in range(5) if column != target]
        assert (one[:, columns] == other[:, columns]).all()
        assert (one[:, target] != other[:, target]).any()


def test_scores_are_the_same_in_parts_and_on_any_number_of_cores(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    tokens, sensitive = torch.randint(2, (520, 2), generator=generator), torch.rand(520, 2, generator=generator)
    repair = Repair(RepairSizes([3, 2], 2, 4, (True, False), 8, 6).build(), 1, None)
    whole = repair.scores(tokens, sensitive)
    monkeypatch.setattr(repairs, 'CHUNK', 50)
    for many in (1, 3):
        monkeypatch.setattr(threads, 'cores', lambda many=many: many)
        for part, of_all in zip(repair.scores(tokens, sensitive), whole, strict=True):
            assert part == pytest.approx(of_all, abs=1e-6)


def test_sizes_build_the_network_that_they_say():
    sizes = RepairSizes([3, 2], 2, 4, (True, False), 8, 6)

    one, other = sizes.build()(torch.zeros(5, 2, dtype=torch.long), torch.zeros(5, 2))

    assert one.shape == other.shape == (5, 4)


def test_raking_ends_once_the_rates_are_there(monkeypatch):
    favors = np.random.default_rng(0).random(2_000) ** 3
    probabilities, wanted = np.column_stack([1 - favors, favors]), np.array([0.74, 0.26])
    rounds = []
    monkeypatch.setattr(repair, '_scaled', lambda *given: rounds.append(1) or scaled(*given))

    factors = repair._raked(probabilities, wanted, 10**9)
    first = len(rounds)
    there = scaled(probabilities, factors)
    again = repair._raked(there, there.mean(0), 10**9)

    np.testing.assert_allclose(there.mean(0), wanted, atol=1e-4)
    np.testing.assert_allclose(again, 1.0, rtol=1e-6)
    assert len(rounds) == first + 1
