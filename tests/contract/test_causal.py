"""Causal notions: what is cut is gone from the labels, the rest stays; several notions of one fit; what is refused."""

from __future__ import annotations

import copy
import pickle

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
from sdv.sampling import Condition

from sdv_fairdistill.errors import FairDistillError, RoleError

ROWS = 500
NOTIONS = ['no_direct_effect', 'no_unresolved_effect', 'no_total_effect', 'cut_edges', 'demographic_parity']
GRAPH = [
    ('sex', 'role'), ('sex', 'job'), ('age', 'job'), ('role', 'job'), ('sex', 'pay'), ('role', 'pay'), ('job', 'pay'),
    ('age', 'pay'),
]  # fmt: skip
COLUMNS = {
    'sex': {'sdtype': 'categorical'},
    'age': {'sdtype': 'numerical'},
    'role': {'sdtype': 'categorical'},
    'job': {'sdtype': 'numerical'},
    'other': {'sdtype': 'categorical'},
    'pay': {'sdtype': 'categorical'},
}
ROLES = {'sensitive_columns': ['sex'], 'target_column': 'pay', 'favorable_value': 'high'}
CAUSAL = {'causal_graph': GRAPH, 'admissible_columns': ['job'], 'notions': NOTIONS, 'cut_edges': [('role', 'pay')]}


def table(rows=ROWS):
    random = np.random.default_rng(0)
    sex = random.integers(0, 2, rows)
    age, role = random.normal(size=rows), random.random(rows) < 0.2 + 0.6 * sex
    job = 0.5 * sex + 0.5 * role + 0.3 * age + random.normal(size=rows)
    pay = random.random(rows) < np.clip(0.25 + 0.2 * sex + 0.2 * role + 0.1 * job, 0, 1)
    return pd.DataFrame({
        'sex': np.where(sex, 'm', 'f'), 'age': age, 'role': np.where(role, 'head', 'none'), 'job': job,
        'other': random.choice(['x', 'y'], rows), 'pay': np.where(pay, 'high', 'low'),
    })  # fmt: skip


@pytest.fixture(scope='module')
def shared(tiny):
    return tiny.fit(table(), COLUMNS, **ROLES, **CAUSAL)


@pytest.fixture
def several(shared):
    synthesizer = copy.deepcopy(shared)
    synthesizer.reset_sampling()
    return synthesizer


def drawn(synthesizer, notion, dial=1.0, rows=400):
    synthesizer.reset_sampling()
    synthesizer.set_fairness(notion, dial=dial)
    return synthesizer.sample(rows)['table']


def test_columns_are_the_same_whatever_is_cut(several):
    raw = drawn(several, NOTIONS[0], 0)
    seen = {notion: drawn(several, notion) for notion in NOTIONS[:4]}

    for rows in seen.values():
        pd.testing.assert_frame_equal(rows.drop(columns='pay'), raw.drop(columns='pay'))
    pd.testing.assert_frame_equal(drawn(several, NOTIONS[0]), seen[NOTIONS[0]])
    paths = several._model.counterfactuals.paths
    assert list(paths) == NOTIONS[:4]
    assert len(set(paths.values())) == 4


def test_a_label_without_a_direct_effect_is_a_function_of_the_other_columns(shared):
    """The mean probability over references does not depend on the sex that a row has."""
    model = shared._model
    counterfactual = model.counterfactuals.of('no_direct_effect', model.layout, model.groups)
    layout, chances = model.layout, {}
    rows = model.sample(200, 'none', 0.0).astype(np.int64)
    for sex in (0, 1):
        rows[:, layout.sensitive] = sex
        reference = np.full((len(rows), 1), 1)
        changed, seen = counterfactual.columns(rows, reference, model.generators)
        own = np.exp(counterfactual.network(layout.target, torch.from_numpy(rows)).detach().numpy())
        chances[sex] = sum(
            own[:, label, None] * counterfactual.label_probabilities(_labelled(rows, layout, label), changed, seen)
            for label in range(layout.classes)
        )

    np.testing.assert_allclose(chances[0], chances[1], atol=1e-5)


def _labelled(rows, layout, label):
    rows = rows.copy()
    rows[:, layout.target] = label
    return rows


@pytest.mark.parametrize('notion', NOTIONS[:4])
def test_conditions_are_met(several, notion):
    several.set_fairness(notion, dial=1)
    wanted = [Condition({'pay': 'high', 'sex': 'f'}, num_rows=8), Condition({'role': 'head'}, num_rows=8)]
    rows = several.sample_from_conditions(wanted)['table']

    assert (rows['pay'][:8] == 'high').all()
    assert (rows['sex'][:8] == 'f').all()
    assert (rows['role'][8:] == 'head').all()


def test_a_saved_one_draws_the_same(several):
    restored = pickle.loads(cloudpickle.dumps(several))

    for notion in NOTIONS[1:3]:
        pd.testing.assert_frame_equal(drawn(restored, notion), drawn(several, notion))


def test_without_a_causal_notion_nothing_is_drawn_differently(tiny):
    plain = tiny.fit(table(300), COLUMNS, **ROLES, notion='demographic_parity')
    both = tiny.fit(
        table(300), COLUMNS, **ROLES, notions=['demographic_parity', 'no_direct_effect'], causal_graph=GRAPH
    )

    pd.testing.assert_frame_equal(drawn(plain, 'demographic_parity'), drawn(both, 'demographic_parity'))


@pytest.fixture(scope='module')
def repaired(tiny):
    given = {**CAUSAL, 'notions': NOTIONS[1:3], 'cut_edges': None}
    return tiny.fit(table(), COLUMNS, **ROLES, **given, repair_columns=True)


def test_resolving_columns_are_not_repaired(repaired):
    raw, fair = drawn(repaired, 'no_unresolved_effect', 0), drawn(repaired, 'no_unresolved_effect', 1)

    pd.testing.assert_series_equal(raw['job'], fair['job'])
    assert not raw['role'].equals(fair['role']) or not raw['pay'].equals(fair['pay'])


def test_conditions_on_repaired_columns_are_refused(repaired):
    repaired.set_fairness('no_total_effect', dial=1)
    with pytest.raises(FairDistillError) as caught:
        repaired.sample_from_conditions([Condition({'role': 'head'}, num_rows=3)])
    assert 'repair_columns=True' in str(caught.value.__cause__ or caught.value.__context__)
    assert len(repaired.sample_from_conditions([Condition({'sex': 'f'}, num_rows=3)])['table']) == 3


def test_a_number_for_a_label_and_missing_values(tiny):
    rows = table(500)
    rows['pay'] = 2.0 * (rows['sex'] == 'm') + rows['job']
    rows.loc[::9, 'pay'] = np.nan
    rows.loc[::7, 'job'] = np.nan
    columns = {**COLUMNS, 'pay': {'sdtype': 'numerical'}}
    roles = {**ROLES, 'favorable_value': None, 'notion': 'no_total_effect'}
    synthesizer = tiny.fit(rows, columns, **roles, causal_graph=GRAPH)
    found = drawn(synthesizer, None, 1.0, 500)

    assert 0 < found['pay'].isna().mean() < 0.5
    assert found['pay'].between(rows['pay'].min(), rows['pay'].max())[found['pay'].notna()].all()


def test_several_sensitive_columns_and_numbers(tiny):
    roles = {**ROLES, 'sensitive_columns': ['sex', 'age'], 'notions': NOTIONS[:3], 'admissible_columns': ['job']}
    synthesizer = tiny.fit(table(300), COLUMNS, **roles, causal_graph=GRAPH)

    assert all(len(drawn(synthesizer, notion, rows=50)) == 50 for notion in NOTIONS[:3])


@pytest.mark.parametrize(
    ('given', 'error', 'said'),
    [
        ({'notion': 'no_direct_effect'}, FairDistillError, 'needs a causal_graph'),
        ({'causal_graph': GRAPH}, FairDistillError, 'would not be used'),
        ({'causal_graph': [('sex', 'hat'), ('sex', 'pay')], 'notion': 'no_total_effect'}, RoleError, 'hat'),
        ({'causal_graph': GRAPH, 'notion': 'no_unresolved_effect'}, FairDistillError, 'needs admissible_columns'),
        ({'causal_graph': GRAPH, 'notion': 'cut_edges'}, FairDistillError, 'nothing to cut'),
        ({'causal_graph': [('sex', 'job'), ('job', 'pay')], 'notion': 'no_direct_effect'}, FairDistillError,
         'no such edge'),
        ({'causal_graph': GRAPH, 'notion': 'no_direct_effect', 'cut_edges': [('sex', 'pay')]}, FairDistillError,
         'would not be used'),
        ({'causal_graph': GRAPH, 'notion': 'cut_edges', 'cut_edges': [('age', 'job')]}, FairDistillError,
         'no effect reaches'),
        ({'repair_columns': True}, FairDistillError, 'needs a causal_graph'),
        ({'causal_graph': GRAPH, 'notion': 'no_total_effect', 'repair_columns': 'yes'}, FairDistillError,
         'True or False'),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_before_any_work(tiny, given, error, said):
    with pytest.raises(error, match=said):
        tiny.make(tiny.metadata(COLUMNS), **ROLES, **given)


def test_labels_of_real_rows_are_not_known_under_a_causal_notion(several):
    rows = table(20)
    several.set_fairness('no_total_effect', dial=1.0)

    with pytest.raises(FairDistillError, match=r"The label of a real row is not known under 'no_total_effect'"):
        several.predict_proba(rows)
    with pytest.raises(FairDistillError, match='A missing label of a real row'):
        several.impute(rows.assign(pay=None))
    assert several.impute(rows.assign(role=None))['role'].notna().all()
    assert several.predict_proba(rows, dial=0.0).sum(axis=1).to_numpy() == pytest.approx(1)
