"""A new notion is one class: registered, it is repaired for, learned and drawn from like the others."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_notions
from sdv_fairdistill.method.model import FairDistillModel
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.table.roles import Roles
from sdv_fairdistill.views import NOTIONS, Notion, Reads, Relabelling, register

ROLES = Roles(('sex',), 'income')


class AllAlike(Notion):
    """Everybody gets the overall rates."""

    name = 'all_alike'
    reads = Reads.LATENT

    def repair_score(self, evidence):
        return np.tile(evidence.score.mean(0), (len(evidence.score), 1))

    def repair_ordered(self, evidence):
        return np.full_like(evidence.labels, np.median(evidence.labels))


@pytest.fixture
def all_alike():
    assert register(AllAlike) is AllAlike
    yield AllAlike.name
    del NOTIONS[AllAlike.name]


def fit(tokens, layout, config, notions):
    return FairDistillModel.fit(tokens, layout, notions, config, 0, torch.device('cpu'))


def gap(table, column, target=3):
    return table[table[:, column] == 1, target].mean() - table[table[:, column] == 0, target].mean()


def test_it_is_learned_and_drawn(all_alike, unfair, layout, small_config):
    assert check_notions(all_alike, None, ROLES) == (all_alike,)

    model = fit(unfair, layout, small_config, [all_alike, 'demographic_parity'])
    model.set_random_state(0)
    table = model.sample(8_000, all_alike, 1.0)

    assert model.recipes == {all_alike: (1, 1.0)}
    assert model.repair_recipes == {'demographic_parity': ('demographic_parity', 1.0)}
    assert gap(unfair, 0) > 0.4
    assert abs(gap(table, 0)) < 0.05
    assert table[:, 3].mean() == pytest.approx(unfair[:, 3].mean(), abs=0.03)
    assert (model.sample(30, all_alike, 1.0, {0: 1, 3: 0})[:, [0, 3]] == [1, 0]).all()


class Tossed(Relabelling):
    """Everybody gets the overall rates, or the mean rank, once the columns are drawn."""

    name = 'tossed'
    reads_sensitive = True

    def repair_score(self, evidence, among=None):
        return np.tile(evidence.score.mean(0), (len(evidence.score), 1))


@pytest.fixture
def tossed():
    assert register(Tossed) is Tossed
    yield Tossed.name
    del NOTIONS[Tossed.name]


def test_one_that_changes_labels(tossed, unfair, layout, small_config):
    model = fit(unfair, layout, small_config, [tossed])
    model.set_random_state(0)
    table = model.sample(8_000, tossed, 1.0)

    assert model.repair_recipes == {tossed: (tossed, 1.0)}
    assert abs(gap(table, 0)) < 0.02
    assert table[:, 3].mean() == pytest.approx(unfair[:, 3].mean(), abs=0.02)
    assert (model.sample(30, tossed, 1.0, {0: 1, 3: 0})[:, [0, 3]] == [1, 0]).all()


def test_an_ordered_target_too(all_alike, unfair, small_config):
    config = replace(small_config, most_steps=3, student_steps=3, mixture_rows=300, pool_batches=1)
    layout = Layout((2, 4, 3, 2), (False, True, False, False), sensitive=(0,), target=1)

    assert fit(unfair, layout, config, [all_alike]).sample(50, all_alike, 1.0).shape == (50, 4)


def test_what_is_registered_in_a_test_is_gone_after_it():
    assert AllAlike.name not in NOTIONS
    with pytest.raises(FairDistillError, match="'all_alike' is not known"):
        check_notions(AllAlike.name, None, ROLES)


def test_the_notions_that_come_with_the_package():
    assert sorted(NOTIONS) == [
        'blind_parity',
        'conditional_parity',
        'cut_edges',
        'demographic_parity',
        'equalized_odds',
        'no_direct_effect',
        'no_total_effect',
        'no_unresolved_effect',
        'unawareness',
    ]
    assert all(NOTIONS[name].name == name for name in NOTIONS)
    assert [name for name in NOTIONS if NOTIONS[name].needs_admissible] == [
        'conditional_parity',
        'no_unresolved_effect',
    ]
