"""Rows under conditions follow the exact conditional distribution, and never violate a condition."""

from itertools import combinations

import numpy as np
import pytest
import torch

from sdv_fairdistill.sampling import particles as module
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.particles import draw_conditioned

ROWS = 10_000  # enough for the bounds below: rows are drawn evenly
OF_MANY_KINDS = 20_000
CONDITIONS = [
    {4: 0}, {1: 0}, {1: 2}, {2: 1}, {3: 1}, {0: 1},
    {4: 0, 1: 0}, {2: 0, 1: 2}, {3: 0, 2: 1}, {0: 1, 3: 0, 4: 1}, {0: 0, 1: 1, 2: 1, 4: 0},
]  # fmt: skip


def meets(table, fixed):
    return (table[:, list(fixed)] == list(fixed.values())).all(1)


@pytest.mark.parametrize('fixed', CONDITIONS, ids=str)
def test_rows_follow_the_conditional_distribution(enumeration, generators, fixed):
    joint = enumeration.probabilities * meets(enumeration.rows, fixed)
    expected = joint / joint.sum()

    table = draw_conditioned(enumeration.source, ROWS, fixed, generators)

    assert table.shape == (ROWS, 5)
    assert meets(table, fixed).all()
    assert np.abs(enumeration.frequencies(table) - expected).sum() / 2 < 0.03


@pytest.mark.parametrize('enumeration', [(1.0, 1)], ids=str, indirect=True)
@pytest.mark.parametrize(('fixed', 'even'), [({3: 0}, True), ({2: 1}, False)], ids=str)
def test_conditions_that_are_set_leave_the_draws_even(enumeration, fixed, even):
    joint = enumeration.probabilities * meets(enumeration.rows, fixed)
    share = joint[enumeration.rows[:, 4] == 1].sum() / joint.sum()
    generators = [Generators.of(seed, torch.device('cpu')) for seed in range(20)]

    drawn = [draw_conditioned(enumeration.source, 2_000, fixed, seeded)[:, 4].mean() for seeded in generators]

    spread = np.std(drawn) / np.sqrt(share * (1 - share) / 2_000)  # 1 for rows drawn each by itself
    assert bool(spread < 0.5) == even


@pytest.mark.parametrize(('column', 'token'), [(1, 0), (1, 2), (4, 0)])
def test_the_conditions_matter(enumeration, column, token):
    # A condition that hardly moves the other columns could not tell a right sampler from a wrong one.
    joint = enumeration.probabilities.reshape(enumeration.source.layout.cardinalities)

    given = joint.take(token, axis=column)

    assert np.abs(given / given.sum() - joint.sum(column)).sum() / 2 > 0.1


@pytest.mark.parametrize('count', [1, 3, 50])
def test_conditions_hold_for_any_number_of_rows_and_any_columns(enumeration, generators, count):
    for size in range(1, 6):
        for columns in combinations(range(5), size):
            fixed = dict.fromkeys(columns, 1)
            table = draw_conditioned(enumeration.source, count, fixed, generators)
            assert table.shape == (count, 5)
            assert meets(table, fixed).all()


def test_a_combination_of_sensitive_values_that_was_never_seen(enumeration, generators):
    fixed = {3: 1, 0: 0}
    assert not (enumeration.groups.combinations == [1, 0]).all(1).any()

    table = draw_conditioned(enumeration.source, 500, fixed, generators)

    assert meets(table, fixed).all()
    assert set(table[:, 2]) == {0, 1}


@pytest.mark.parametrize('enumeration', [(0.6, 1), (0.6, 2), (0.6, 3)], ids=str, indirect=True)
def test_a_single_row_is_chosen_among_many(enumeration):
    # One row a call: its distribution must be the conditional one too, not that of a single weighted latent.
    fixed = {1: 2, 2: 1}
    joint = enumeration.probabilities * meets(enumeration.rows, fixed)

    drawn = [
        draw_conditioned(enumeration.source, 1, fixed, Generators.of(seed, torch.device('cpu'))) for seed in range(300)
    ]

    found = enumeration.frequencies(np.concatenate(drawn))
    assert np.abs(found - joint / joint.sum()).sum() / 2 < 0.12


def test_without_weights_it_would_be_wrong(enumeration, generators, monkeypatch):
    # The same bound as above, and particles that ignore the weights.
    fixed = {1: 2}
    joint = enumeration.probabilities * meets(enumeration.rows, fixed)
    monkeypatch.setattr(module.Particles, 'weigh', lambda particles, log_probabilities: None)

    table = draw_conditioned(enumeration.source, ROWS, fixed, generators)

    assert np.abs(enumeration.frequencies(table) - joint / joint.sum()).sum() / 2 > 0.03


@pytest.mark.parametrize('columns', [(1,), (4, 1), (3, 2), (0, 3, 4)], ids=str)
def test_rows_that_differ_follow_their_own_distributions(enumeration, generators, columns):
    sizes = [enumeration.source.layout.cardinalities[column] for column in columns]
    kinds = np.stack(np.meshgrid(*map(np.arange, sizes), indexing='ij'), axis=-1).reshape(-1, len(columns))
    kind = np.random.default_rng(0).permutation(np.resize(np.arange(len(kinds)), OF_MANY_KINDS))

    table = draw_conditioned(
        enumeration.source, OF_MANY_KINDS, dict(zip(columns, kinds[kind].T, strict=True)), generators
    )

    assert (table[:, list(columns)] == kinds[kind]).all()
    for number, tokens in enumerate(kinds):
        joint = enumeration.probabilities * meets(enumeration.rows, dict(zip(columns, tokens, strict=True)))
        found = enumeration.frequencies(table[kind == number])
        if joint.sum() > 0:
            assert np.abs(found - joint / joint.sum()).sum() / 2 < 0.06  # of fewer rows than above


@pytest.mark.parametrize('enumeration', [(0.6, 1), (0.6, 3)], ids=str, indirect=True)
def test_many_cells_of_a_row_each_in_several_batches(enumeration, generators, monkeypatch):
    monkeypatch.setattr(module, 'MOST_PARTICLES', 2_000)
    tokens = np.random.default_rng(0).integers(0, [2, 3, 2, 2, 2], (200, 5))
    fixed = {column: tokens[:, column] for column in (1, 2, 4)}

    table = draw_conditioned(enumeration.source, 200, fixed, generators)

    assert (table[:, [1, 2, 4]] == tokens[:, [1, 2, 4]]).all()


@pytest.mark.parametrize(
    ('raw_enumeration', 'more'), [('label first', False), ('label last', True)], indirect=['raw_enumeration']
)
def test_a_rare_label_that_is_drawn_last_is_looked_for_longer(raw_enumeration, generators, monkeypatch, more):
    with torch.no_grad():
        raw_enumeration.source.student.heads.heads[0].out[-1].bias += torch.tensor([4.5, 0.0])
    joint = raw_enumeration.probabilities * (raw_enumeration.rows[:, 2] == 1)
    assert 0.005 < joint.sum() < 0.05
    tried, draw = {}, module._draw

    def noted(source, batch, wants, generators):
        tried.update(zip(wants[2], batch.particles / batch.rows, strict=True))
        return draw(source, batch, wants, generators)

    monkeypatch.setattr(module, '_draw', noted)
    label = np.arange(ROWS) % 2
    table = draw_conditioned(raw_enumeration.source, ROWS, {2: label}, generators)

    assert (table[:, 2] == label).all()
    assert tried[0] == module.PARTICLES
    assert (tried[1] > module.FOUND / joint.sum() / 2) == more
    assert np.abs(raw_enumeration.frequencies(table[label == 1]) - joint / joint.sum()).sum() / 2 < 0.05


def test_rows_come_in_random_order(enumeration, generators):
    sensitive = draw_conditioned(enumeration.source, 1_000, {1: 1}, generators)[:, 3]

    share = sensitive.mean()
    assert np.abs(np.diff(sensitive)).sum() > 1_000 * share * (1 - share)


def test_a_seed_repeats_and_another_does_not(enumeration):
    first, same, other = (
        draw_conditioned(enumeration.source, 100, {1: 1}, Generators.of(seed, torch.device('cpu')))
        for seed in (1, 1, 2)
    )

    assert (first == same).all()
    assert (first != other).any()
