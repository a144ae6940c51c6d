"""A graph that is proposed: the tiers hold, what is independent has no edge, and it is called a proposal."""

import sys

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.causal import discover_causal_graph
from sdv_fairdistill.errors import FairDistillError, RoleError

METADATA = {
    'columns': {
        'person': {'sdtype': 'id'}, 'sex': {'sdtype': 'categorical'}, 'job': {'sdtype': 'categorical'},
        'skill': {'sdtype': 'numerical'}, 'noise': {'sdtype': 'numerical'}, 'pay': {'sdtype': 'boolean'},
    }
}  # fmt: skip


def table(rows=3_000):
    random = np.random.default_rng(0)
    sex, noise = random.integers(0, 2, rows), random.normal(size=rows)
    job = random.random(rows) < 0.15 + 0.7 * sex
    skill = 2.0 * job + random.normal(size=rows)
    pay = random.random(rows) < np.where(skill > 1, 0.9, 0.1)
    names = {'sex': np.where(sex, 'm', 'f'), 'job': np.where(job, 'boss', 'clerk')}
    return pd.DataFrame({'pay': pay, 'skill': skill, 'noise': noise, **names, 'person': range(rows)})


def test_a_chain_is_found_in_its_order_and_called_a_proposal():
    pytest.importorskip('causallearn')
    with pytest.warns(UserWarning, match='is a proposal'):
        graph = discover_causal_graph({'people': table()}, METADATA, 'sex', 'pay')

    assert {('sex', 'job'), ('job', 'skill'), ('skill', 'pay')} <= set(graph.edges)
    assert 'noise' not in graph.nodes
    assert graph.parents('sex') == graph.children('pay') == ()


def test_what_cannot_be_is_refused(monkeypatch):
    with pytest.raises(RoleError, match='hat'):
        discover_causal_graph(table(), METADATA, 'hat', 'pay')
    with pytest.raises(RoleError, match='person'):
        discover_causal_graph(table(), METADATA, 'sex', 'pay', columns=['person'])
    with pytest.raises(FairDistillError, match='alpha=2'):
        discover_causal_graph(table(), METADATA, 'sex', 'pay', alpha=2)
    monkeypatch.setitem(sys.modules, 'causallearn', None)
    monkeypatch.setitem(sys.modules, 'causallearn.graph.GraphNode', None)
    with pytest.raises(FairDistillError, match=r'sdv-fairdistill\[causal\]'):
        discover_causal_graph(table(), METADATA, 'sex', 'pay')
