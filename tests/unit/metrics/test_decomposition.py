"""The parts of a difference between groups: known truths, sums, names, and what is undefined or refused."""

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.metrics import EFFECTS, decompose_disparity
from sdv_fairdistill.metrics.effects import _one_step

ROWS = 2_000
GRAPH = [('group', 'job'), ('age', 'job'), ('age', 'label'), ('job', 'label'), ('group', 'label')]


def people(direct=0.3, indirect=0.3, confounding=0.4, seed=0, rows=ROWS):
    """Rows whose effects are what the arguments say, but for the confounding, which adds 0.3 × its strength."""
    random = np.random.default_rng(seed)
    age = random.integers(0, 2, rows)
    group = random.random(rows) < 0.5 - confounding / 2 + confounding * age
    job = random.random(rows) < 0.2 + 0.6 * group
    label = random.random(rows) < 0.1 + direct * group + indirect / 0.6 * job + 0.05 * age
    return pd.DataFrame({
        'group': np.where(group, 'b', 'a'), 'age': age, 'job': np.where(job, 'good', 'bad'), 'label': label,
    })  # fmt: skip


@pytest.fixture(scope='module')
def table():
    return people()


@pytest.fixture(scope='module')
def found(table):
    return decompose_disparity(table, 'group', 'label', True, causal_graph=GRAPH, confidence=1 - 1e-9)


def test_the_truth_is_inside_of_the_intervals_and_zero_is_outside(found):
    truth = {'direct': 0.3, 'indirect': 0.3, 'spurious': 0.05 * 0.4}
    truth['total variation'] = sum(truth.values())

    for effect in EFFECTS:
        low, high = found.interval(effect)
        assert low <= truth[effect] <= high
        assert high - low < 0.6
    assert found.interval('direct')[0] > 0
    assert found.interval('indirect')[0] > 0


def test_the_parts_add_up_exactly(found, table):
    rates = table.groupby('group')['label'].mean()

    assert found.value('total variation') == pytest.approx(rates['b'] - rates['a'], abs=1e-12)
    assert sum(found.value(effect) for effect in EFFECTS[1:]) == pytest.approx(found.value(EFFECTS[0]), abs=1e-12)


def test_a_graph_and_lists_of_columns_say_the_same(found, table):
    listed = decompose_disparity(
        table, ['group'], 'label', True, confounders='age', mediators=['job'], confidence=1 - 1e-9
    )

    pd.testing.assert_frame_equal(listed.effects, found.effects)
    assert listed.paths == found.paths
    assert (found.paths.confounders, found.paths.mediators) == (('age',), ('job',))


def test_other_names_and_another_order_of_columns_change_nothing(found, table):
    renamed = table.assign(group=table['group'].map({'a': 'zebra', 'b': 'ant'}))[['label', 'job', 'age', 'group']]
    other = decompose_disparity(renamed, 'group', 'label', True, causal_graph=GRAPH, confidence=1 - 1e-9)

    np.testing.assert_allclose(other.effects['Value'], found.effects['Value'])
    assert set(other.effects['Group']) == {'zebra'}


def test_nothing_between_makes_all_of_it_direct(table):
    found = decompose_disparity(table, 'group', 'label', True, confounders=[], mediators=[])

    assert found.value('direct') == pytest.approx(found.value('total variation'))
    assert found.value('indirect') == found.value('spurious') == 0


def test_several_groups_are_each_compared_to_the_reference(table):
    three = table.assign(group=np.where(np.arange(len(table)) % 5 == 0, 'c', table['group']))
    three.loc[:2, 'group'] = 'rare'
    found = decompose_disparity(three, 'group', 'label', True, confounders='age', mediators='job', reference='a')

    assert set(found.effects['Group']) == {'b', 'c'}
    assert set(found.effects['Against']) == {'a'}
    assert any("'rare' has 3 rows" in note for note in found.notes)
    with pytest.raises(FairDistillError, match='is not compared'):
        found.value('direct', 'a')
    with pytest.raises(FairDistillError, match='is not known'):
        found.value('directly')


def test_a_number_is_compared_by_its_mean():
    random = np.random.default_rng(0)
    group, job = np.arange(ROWS) % 2, random.normal(size=ROWS)
    job = job + group
    table = pd.DataFrame(
        {'group': group.astype(str), 'job': job, 'pay': 3 * group + 2 * job + random.normal(size=ROWS)}
    )
    found = decompose_disparity(table, 'group', 'pay', mediators='job', confidence=1 - 1e-9)

    assert found.interval('direct')[0] < 3 < found.interval('direct')[1]
    assert found.interval('indirect')[0] < 2 < found.interval('indirect')[1]
    assert found.interval('direct')[0] > 1


def test_rows_without_anybody_comparable_widen_and_then_end_the_estimate(table):
    alone = table.copy()
    lonely = (np.arange(len(table)) % 8 == 0) & (table['group'] == 'a')
    alone.loc[lonely, 'job'] = 'nobody else has it'
    some = decompose_disparity(alone, 'group', 'label', True, confounders='age', mediators='job')
    full = decompose_disparity(table, 'group', 'label', True, confounders='age', mediators='job')
    widths = [np.diff(one.interval('direct'))[0] for one in (some, full)]
    assert widths[0] > widths[1] + 0.04
    assert any('widened' in note for note in some.notes)
    assert full.notes == ()

    alone['job'] = np.where(table['group'] == 'a', 'this', 'that')
    none = decompose_disparity(alone, 'group', 'label', True, confounders='age', mediators='job')
    assert np.isnan([none.value('direct'), none.value('indirect'), *none.interval('direct')]).all()
    assert not np.isnan([none.value('total variation'), none.value('spurious')]).any()
    assert any('nobody comparable' in note for note in none.notes)


def test_one_step_by_hand():
    """Two rows of the first group, expected 0 and 1; two of the second, each off by .5 and as likely here as there."""
    outcome, second = np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, False, True, True])
    found = _one_step(outcome, second, np.array([0.0, 1.0, 0.5, 0.5]), np.full(4, 0.5))

    assert found.value == pytest.approx(0.5 + 0.5)
    np.testing.assert_allclose(found.influence, [-2.0, 0.0, 1.0, 1.0])
    assert (found.alone, found.least, found.most) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ('arguments', 'error', 'said'),
    [
        ({}, FairDistillError, 'either causal_graph, or'),
        ({'causal_graph': GRAPH, 'mediators': 'job'}, FairDistillError, 'either causal_graph, or'),
        ({'mediators': 'rank'}, RoleError, 'no column'),
        ({'mediators': 'job', 'confounders': 'job'}, RoleError, 'one of confounders already'),
        ({'mediators': 'group'}, RoleError, 'sensitive_column already'),
        ({'mediators': 'job', 'favorable_value': 'yes'}, RoleError, 'parts no rows'),
        ({'mediators': 'job', 'target_column': 'pay'}, RoleError, 'no column'),
        ({'mediators': 'job', 'confidence': 1}, FairDistillError, 'confidence=1 is not allowed'),
        ({'mediators': 'job', 'reference': 'z'}, FairDistillError, "reference='z' is not allowed"),
        ({'mediators': 'group', 'sensitive_column': 'job', 'target_column': 'group', 'favorable_value': None},
         RoleError, 'target_column already'),
        ({'mediators': 'age', 'target_column': 'job', 'favorable_value': None}, RoleError, 'is needed'),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(table, arguments, error, said):
    given = {'sensitive_column': 'group', 'target_column': 'label', 'favorable_value': True, **arguments}
    with pytest.raises(error, match=said):
        decompose_disparity(table, **given)


def test_one_group_is_refused(table):
    with pytest.raises(FairDistillError, match='between groups'):
        decompose_disparity(table.assign(group='a'), 'group', 'label', True, mediators='job')
