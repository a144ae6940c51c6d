"""Scores by boosting: each row by models of other rows, and the same in parts and on any number of cores."""

import numpy as np
import pytest

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views import boosted
from sdv_fairdistill.views.boosted import MANY, Boosted, Quick, cross_scores

ROWS = 900
LAYOUT = Layout((6, 5, 2, 3), (True, False, False, False), sensitive=(2,), target=3)


@pytest.fixture(scope='module')
def tokens():
    chance = np.random.default_rng(0)
    columns = [chance.integers(0, size, ROWS) for size in (6, 5, 2)]
    return np.column_stack([*columns, (columns[0] + columns[1] + chance.integers(0, 2, ROWS)) % 3])


def crossed(tokens, target, outputs, others=None):
    return cross_scores(tokens, target, [0, 1], LAYOUT, outputs, 0, others)


@pytest.mark.parametrize('outputs', [1, 3])
def test_rows_are_scored_by_models_of_other_rows(tokens, outputs, many):
    target = tokens[:, 3] if outputs == 3 else tokens[:, 3] / 2
    scores, theirs = crossed(tokens, target, outputs, tokens[:50])
    changed = target.copy()
    changed[7] = (changed[7] + 1) % 3 if outputs == 3 else 9.0

    again, of_others = crossed(tokens, changed, outputs, tokens[:50])

    assert scores.shape == (ROWS, outputs)
    assert theirs.shape == (50, outputs)
    assert np.array_equal(scores[7], again[7])  # its own half learned from its label, the other half scores it
    assert not np.array_equal(scores, again)
    assert not np.array_equal(theirs, of_others)  # which both halves score


def test_scores_are_the_same_on_any_number_of_cores(tokens, monkeypatch):
    found = {}
    for many in (1, 2, 3):
        monkeypatch.setattr(threads, 'cores', lambda many=many: many)
        found[many] = crossed(tokens, tokens[:, 3], 3, tokens[:50])

    for many in (2, 3):
        assert all(np.array_equal(own, other) for own, other in zip(found[many], found[1], strict=True))


@pytest.mark.parametrize('outputs', [1, 3])
def test_scores_are_the_same_in_parts(tokens, outputs, many, monkeypatch):
    model = Boosted(tokens, tokens[:, 3], [0, 1], LAYOUT, outputs, 0, additive=True)
    whole = model.of(tokens)

    monkeypatch.setattr(boosted, 'CHUNK', 100)

    assert np.array_equal(model.of(tokens), whole)


def test_no_rows_have_no_scores(tokens):
    model = Boosted(tokens, tokens[:, 3], [0, 1], LAYOUT, 3, 0)

    assert model.of(tokens[:0]).shape == (0, 3)


@pytest.mark.parametrize('levels', [3, 60])
def test_single_columns_are_added_up_in_no_more_rounds_than_others_take(levels):
    chance = np.random.default_rng(0)
    target = np.arange(ROWS) % levels
    layout = Layout((6, 5, 2, levels), (True, False, False, False), sensitive=(2,), target=3)
    table = np.column_stack([chance.integers(0, size, ROWS) for size in (6, 5, 2)] + [target])

    (_, whole), (share, single) = Boosted(table, target, [0, 1], layout, levels, 0, additive=True).models

    assert share == boosted.ADDITIVE
    assert single.max_leaf_nodes == 2
    assert single.max_iter == min(boosted.STUMPS, whole.max_iter)
    assert (whole.max_iter < boosted.STUMPS) == (levels == 60)


@pytest.mark.parametrize(('people', 'stops'), [(MANY - 1, True), (MANY, False)])
def test_quick_models_stop_early_where_people_are_few(people, stops):
    chance = np.random.default_rng(0)
    noise = np.column_stack([chance.integers(0, size, 6_000) for size in (6, 5, 2, 2)])  # there is nothing to learn
    quick = Quick.among(people)

    ((_, model),) = Boosted(noise, noise[:, 3], [0, 1], LAYOUT, 2, 0, quick).models

    assert model.learning_rate == quick.rate
    assert (model.n_iter_ < quick.rounds) == stops
    assert Boosted(noise, noise[:, 3], [0, 1], LAYOUT, 2, 0).models[0][1].learning_rate < quick.rate


def test_quick_models_of_both_halves_learn_in_their_steps(monkeypatch):
    chance, seen = np.random.default_rng(0), []
    noise = np.column_stack([chance.integers(0, size, 600) for size in (6, 5, 2, 2)])
    learn = Boosted.__init__
    monkeypatch.setattr(Boosted, '__init__', lambda *given: (seen.append(given[-1]), learn(*given))[1])

    cross_scores(noise, noise[:, 3], [0, 1], LAYOUT, 2, 0, None, Quick(0.5, 20))

    assert seen == [Quick(0.5, 20)] * 2
