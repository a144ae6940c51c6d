"""The script that shows what ε buys: what it says is public, and its picture; fits are tested elsewhere."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.datasets import BUNDLED
from sdv_fairdistill.evaluation import LINES

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / 'tutorials' / 'what_epsilon_buys.py'))


@pytest.mark.parametrize('name', BUNDLED)
def test_every_column_has_public_levels_or_bounds(name):
    dataset = BUNDLED[name]()
    public = SCRIPT['public_of'](dataset)

    assert {*public['levels'], *public['bounds']} == set(dataset.table)
    assert not set(public['levels']) & set(public['bounds'])
    for column, levels in public['levels'].items():
        assert set(dataset.table[column].dropna()) == set(levels)
    for column, (low, high) in public['bounds'].items():
        assert dataset.table[column].between(low, high).all()


def test_the_picture_has_a_line_a_dial_and_kind_of_model():
    epsilons = [0.5, 2.0]
    names = [f'{fit}, dial {dial}' for fit in ('ε = 0.5', 'ε = 2', 'no privacy') for dial in (0, 1)]
    values = np.random.default_rng(0).random((len(LINES), len(names)))
    table = pd.DataFrame(values, index=list(LINES), columns=names)
    picture = SCRIPT['picture_of'](table, epsilons, 'title')

    assert len(picture.data) == 2 + 4 + 4
    shown = next(trace for trace in picture.data if trace.name == 'dial 1')
    assert list(shown.x) == epsilons
    assert list(shown.y) == table.loc['Quality (SDMetrics)', ['ε = 0.5, dial 1', 'ε = 2, dial 1']].tolist()
    assert len({trace.name for trace in picture.data if trace.showlegend}) == 4
