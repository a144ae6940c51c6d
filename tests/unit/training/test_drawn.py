"""The rows that repairs and mechanisms learn from are drawn once, of the raw view, and repeat with a seed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sdv_fairdistill.networks.fair_vae import Student
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.training import drawn
from sdv_fairdistill.training.drawn import Drawn


@pytest.fixture
def rows(unfair, layout, sizes, small_config):
    config = replace(small_config, repair_rows=2, least_repair_rows=1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        student = Student(sizes, 3).eval()
    return Drawn(student, 400, Groups.fit(unfair, layout)[0], layout, config, torch.Generator(), 5)


def test_both_stages_see_the_same_rows_drawn_when_they_are_asked_for(rows, monkeypatch):
    sources, draw = [], drawn.draw_rows
    monkeypatch.setattr(drawn, 'draw_rows', lambda source, *rest: sources.append(source) or draw(source, *rest))
    assert not sources

    first, second = rows.rows, rows.rows

    assert first is second
    assert [(source.view, source.dial) for source in sources] == [(0, 0.0)]
    assert first.shape == (800, 4)
    assert (rows.group == rows.groups.of(first[:, [0]])).all()


def test_a_seed_repeats_and_leaves_the_generator_of_batches_alone(rows):
    before = rows.generator.get_state()

    again, other = replace(rows), replace(rows, seed=6)

    assert (again.rows == rows.rows).all()
    assert not np.array_equal(other.rows, rows.rows)
    assert torch.equal(rows.generator.get_state(), before)


@pytest.mark.parametrize(('column', 'most'), [(0, 300), (2, 500)])  # of two groups, and of three
def test_more_groups_may_have_more_rows(rows, unfair, layout, column, most, monkeypatch):
    monkeypatch.setattr(drawn, 'draw_rows', lambda source, count, generators: np.zeros((count, 4)))
    groups = Groups.fit(unfair, replace(layout, sensitive=(column,)))[0]
    config = replace(rows.config, most_repair_rows=300, most_groups_rows=500)

    assert len(replace(rows, groups=groups, config=config).rows) == most
