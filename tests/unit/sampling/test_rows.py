"""Rows are drawn by the probabilities that the student and the groups give them."""

import numpy as np
import pytest
import torch

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.sampling import rows as module
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import draw_rows, draw_starts, to_table
from sdv_fairdistill.sampling.walk import walk_to_the_end

ROWS = 20_000


def test_rows_occur_as_often_as_they_should(enumeration, generators):
    expected = enumeration.probabilities
    assert expected.sum() == pytest.approx(1, abs=1e-4)

    found = enumeration.frequencies(draw_rows(enumeration.source, ROWS, generators))

    assert np.abs(found - expected).sum() / 2 < 0.02
    assert (found[expected == 0] == 0).all()


def test_sensitive_values_keep_their_shares_to_a_row(enumeration, generators):
    groups = enumeration.groups
    table = draw_rows(enumeration.source, 1_003, generators)

    for combination, share in zip(groups.combinations, groups.shares, strict=True):
        count = (table[:, enumeration.source.layout.sensitive] == combination).all(1).sum()
        assert abs(count - 1_003 * share) < 1 + 1e-6


@torch.no_grad()
def test_the_dial_is_the_share_of_repaired_rows(enumeration, generators):
    groups = enumeration.groups

    starts, _ = draw_starts(enumeration.source, groups.combinations, groups.shares, 1_000, generators)

    assert abs(int((starts.view > 0).sum()) - 1_000 * enumeration.source.dial) <= 1
    assert set(starts.view.tolist()) <= {0, enumeration.source.view}


@torch.no_grad()
def test_every_group_gets_its_share_of_repaired_rows(enumeration, generators):
    groups = enumeration.groups

    starts, sensitive = draw_starts(enumeration.source, groups.combinations, groups.shares, 1_000, generators)

    for combination, share in zip(groups.combinations, groups.shares, strict=True):
        members = (sensitive == combination).all(1)
        assert abs(int((starts.view[members] > 0).sum()) - 1_000 * share * enumeration.source.dial) < 3


@torch.no_grad()
def test_label_rates_of_a_group_hardly_drift(enumeration):
    # By chance alone the counts would have a standard deviation of about 20.
    groups, student = enumeration.groups, enumeration.source.student
    gaps = []
    for seed in range(10):
        generators = Generators.of(seed, torch.device('cpu'))
        starts, sensitive = draw_starts(enumeration.source, groups.combinations, groups.shares, 4_000, generators)
        nothing = torch.zeros(4_000, student.decoder.columns, dtype=torch.long)
        wanted = student.heads(starts.latent, starts.sensitive, nothing, starts.view).exp()[:, 1]
        first = student.positions[starts.view] == 0
        assert (starts.label[~first] == 0).all()
        for combination in groups.combinations:
            members = torch.from_numpy((sensitive == combination).all(1)) & first
            gaps.append(float((starts.label - wanted)[members].sum().abs()))

    assert np.mean(gaps) < 4


@torch.no_grad()
def test_rates_of_labels_that_are_drawn_on_the_way_hardly_drift(enumeration):
    # By chance alone the counts would have a standard deviation of about 20.
    source, groups = enumeration.source, enumeration.groups
    gaps = []
    for seed in range(10):
        generators = Generators.of(seed, torch.device('cpu'))
        starts, sensitive = draw_starts(source, groups.combinations, groups.shares, 4_000, generators)
        late = source.student.positions[starts.view] > 0
        walk = walk_to_the_end(source.student, starts, generators.torch, even=True)
        wanted = source.student.heads(walk.latent, walk.sensitive, walk.tokens, walk.view).exp()[:, 1]
        for combination in groups.combinations:
            members = torch.from_numpy((sensitive == combination).all(1)) & late
            gaps.append(float((walk.label - wanted)[members].sum().abs()))

    assert np.mean(gaps) < 10


def test_rows_come_in_random_order(enumeration, generators):
    sensitive = draw_rows(enumeration.source, 1_000, generators)[:, 3]

    assert np.abs(np.diff(sensitive)).sum() > 300


def test_large_tables_are_drawn_in_parts(enumeration, monkeypatch):
    monkeypatch.setattr(module, 'CHUNK', 1_000)

    table = draw_rows(enumeration.source, 4_321, Generators.of(0, torch.device('cpu')))

    assert table.shape == (4_321, 5)
    assert np.abs(enumeration.frequencies(table) - enumeration.probabilities).sum() / 2 < 0.04


def test_rows_are_the_same_on_any_number_of_cores(enumeration, monkeypatch):
    monkeypatch.setattr(module, 'CHUNK', 1_000)
    drawn = []
    for many in (1, 2, 3):
        monkeypatch.setattr(threads, 'cores', lambda many=many: many)
        drawn.append(draw_rows(enumeration.source, 4_321, Generators.of(0, torch.device('cpu'))))

    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] == drawn[2]).all()


def test_no_part_repeats_another(enumeration, monkeypatch):
    monkeypatch.setattr(module, 'CHUNK', 1_000)
    seeds, walk = [], module.walk_to_the_end

    def noted(student, starts, generator, even):
        seeds.append(generator.initial_seed())
        return walk(student, starts, generator, even=even)

    monkeypatch.setattr(module, 'walk_to_the_end', noted)
    generators = Generators.of(0, torch.device('cpu'))
    for _ in range(2):
        draw_rows(enumeration.source, 4_321, generators)
    assert len(set(seeds)) == 10


@pytest.mark.parametrize('count', [1, 2])
def test_a_few_rows(enumeration, generators, count):
    table = draw_rows(enumeration.source, count, generators)

    assert table.shape == (count, 5)
    assert table.dtype == np.int32
    assert (table < enumeration.source.layout.cardinalities).all()


def test_a_seed_repeats_and_another_does_not(enumeration):
    first, same, other = (
        draw_rows(enumeration.source, 100, Generators.of(seed, torch.device('cpu'))) for seed in (1, 1, 2)
    )

    assert (first == same).all()
    assert (first != other).any()


def test_frequencies_drift_less_than_those_of_tokens_drawn_one_by_one(enumeration, monkeypatch):
    exact, walk = enumeration.probabilities, module.walk_to_the_end

    def drift():
        """Mean total variation of tables of 2,000 rows from the exact distribution."""
        tables = [draw_rows(enumeration.source, 2_000, Generators.of(seed, torch.device('cpu'))) for seed in range(20)]
        return np.mean([np.abs(enumeration.frequencies(table) - exact).sum() / 2 for table in tables])

    together = drift()
    monkeypatch.setattr(module, 'walk_to_the_end', lambda *given, even: walk(*given, even=False))
    assert together < 0.8 * drift()


@torch.no_grad()
def test_columns_go_where_they_belong(enumeration, generators):
    groups = enumeration.groups
    starts, _ = draw_starts(enumeration.source, groups.combinations, groups.shares, 1, generators)
    walk = walk_to_the_end(enumeration.source.student, starts, generators.torch, even=True)
    walk.tokens, walk.label = torch.tensor([[40, 50]]), torch.tensor([30])

    assert to_table(enumeration.source.layout, walk, np.array([[10, 20]])).tolist() == [[20, 50, 30, 10, 40]]


@pytest.mark.parametrize('enumeration', [(0.5, 1)], ids=str, indirect=True)
def test_columns_are_spread_evenly_inside_groups_and_labels(enumeration, monkeypatch):
    # The variance of their shares over seeds, against that of independent draws. Measured: .35.
    variances = []
    for even in (True, False):
        monkeypatch.setattr(module, 'walk_to_the_end', lambda *given, **_: walk_to_the_end(*given, even=even))  # noqa: B023
        shares = []
        for seed in range(40):
            table = draw_rows(enumeration.source, 1_000, Generators.of(seed, torch.device('cpu')))
            by_group = [(table[table[:, 3] == group, 4]).mean() for group in (0, 1)]
            of_label = [(table[(table[:, 0] == 1) & (table[:, 2] == label), 1] == 1).mean() for label in (0, 1)]
            shares.append(by_group + of_label)
        variances.append(np.var(shares, axis=0).sum())

    assert variances[0] < 0.6 * variances[1]
