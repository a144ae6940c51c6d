"""Mechanisms and counterfactuals: which effects of a known structural model are gone, and which stay."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sdv_fairdistill.sampling.counterfactual import Counterfactual, Counterfactuals
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.mechanisms import learn_mechanisms, paths_of

SEX, ROLE, JOB, PAY, MONEY = range(5)
LAYOUT = Layout(
    (2, 3, 12, 2, 10), (False, False, True, False, True), sensitive=(SEX,), target=PAY, admissible=(JOB,),
    with_missing=(JOB,),
    edges=((SEX, ROLE), (SEX, JOB), (ROLE, JOB), (SEX, PAY), (ROLE, PAY), (JOB, PAY)), cut_edges=((ROLE, PAY),),
)  # fmt: skip
NOTIONS = ['no_direct_effect', 'no_unresolved_effect', 'no_total_effect', 'cut_edges']
ROWS = 6_000
CONFIG = replace(FitConfig(), repair_passes=8.0, least_repair_batch=200)


def pay_of(sex, role, job):
    return 0.1 + 0.2 * sex + 0.2 * (role == 1) + 0.3 * np.where(job == 11, 5, job) / 10


def world(seed=0):
    """The noise of people, and what follows from it for any sex that role and job are told."""
    random = np.random.default_rng(seed)
    u, v, lacks = random.random(ROWS), random.normal(size=ROWS), random.random(ROWS)

    def role_of(sex):
        return np.where(u < 0.2 + 0.5 * sex, 1, np.where(u < 0.9, 0, 2))

    def job_of(sex, role):
        job = np.clip(np.floor(4 + 1.5 * sex + 1.5 * (role == 1) + 1.5 * v), 0, 10)
        return np.where(lacks < 0.04 + 0.04 * sex, 11, job).astype(int)

    return role_of, job_of, random


@pytest.fixture(scope='module')
def learned():
    role_of, job_of, random = world()
    sex = random.integers(0, 2, ROWS)
    role = role_of(sex)
    job = job_of(sex, role)
    pay = random.random(ROWS) < pay_of(sex, role, job)
    rows = np.column_stack([sex, role, job, pay, np.zeros(ROWS)]).astype(np.int64)
    groups, _ = Groups.fit(rows, LAYOUT)
    graph, paths = paths_of(NOTIONS, LAYOUT)
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    network = learn_mechanisms(rows, LAYOUT, graph, paths, CONFIG, generator)
    return Counterfactuals(network, paths, dict.fromkeys(NOTIONS)), rows, groups


def rate(learned, notion, sex, role, job, seed=0):
    """The rate of the label that the notion gives people with these columns."""
    counterfactuals, _, groups = learned
    counterfactual = counterfactuals.of(notion, LAYOUT, groups)
    generators = Generators.of(seed, torch.device('cpu'))
    pay = np.random.default_rng(1).random(ROWS) < pay_of(sex, role, job)
    rows = np.column_stack([np.full(ROWS, sex), role, job, pay, np.zeros(ROWS)]).astype(np.int64)
    changed, seen = counterfactual.columns(rows, counterfactual.references(ROWS, generators), generators)
    return counterfactual.label_probabilities(rows, changed, seen)[:, 1].mean()


def effects(pay):
    """Effects in a label: direct, through role alone, through job alone (averaged over what the others are)."""
    role_of, job_of, _ = world(2)
    roles = [role_of(sex) for sex in (0, 1)]
    jobs = [job_of(sex, roles[sex]) for sex in (0, 1)]
    mean = np.mean
    return {
        'direct': mean([pay(1, roles[k], jobs[k]) - pay(0, roles[k], jobs[k]) for k in (0, 1)]),
        'unresolved': mean([pay(1, roles[1], jobs[k]) - pay(0, roles[0], jobs[k]) for k in (0, 1)]),
        'resolved': mean([pay(k, roles[k], jobs[1]) - pay(k, roles[k], jobs[0]) for k in (0, 1)]),
        'total': pay(1, roles[1], jobs[1]) - pay(0, roles[0], jobs[0]),
    }


@pytest.mark.parametrize(
    ('notion', 'gone', 'stays'),
    [
        ('no_direct_effect', 'direct', 'resolved'),
        ('no_unresolved_effect', 'unresolved', 'resolved'),
        ('no_total_effect', 'total', None),
        ('cut_edges', None, None),
    ],
)
def test_what_is_cut_is_gone_and_the_rest_stays(learned, notion, gone, stays):
    truth = effects(lambda *given: pay_of(*given).mean())
    found = effects(lambda *given: rate(learned, notion, *given))

    if gone:
        assert abs(found[gone]) < 0.15 * truth[gone]
    if stays:
        assert found[stays] == pytest.approx(truth[stays], rel=0.25)
    if notion == 'cut_edges':
        assert found['unresolved'] == pytest.approx(truth['direct'], rel=0.2)


def test_changed_columns_do_not_depend_on_the_sensitive_one(learned):
    counterfactuals, rows, groups = learned
    generators = Generators.of(0, torch.device('cpu'))
    fair = counterfactuals.of('no_total_effect', LAYOUT, groups).change(
        rows, rows[:, SEX], generators, even=True, with_columns=True
    )

    def gaps(table):
        known = table[:, JOB] != 11
        parts = (table[:, ROLE] == 1, table[:, JOB] == 11, table[:, PAY] == 1)
        shares = [part[table[:, SEX] == 1].mean() - part[table[:, SEX] == 0].mean() for part in parts]
        return [*shares, np.diff([table[known & (table[:, SEX] == sex), JOB].mean() for sex in (0, 1)])[0] / 10]

    for before, after in zip(gaps(rows), gaps(fair), strict=True):
        assert abs(after) < max(0.15 * abs(before), 0.03)
        assert abs(before) > 0.03
    np.testing.assert_array_equal(fair[:, SEX], rows[:, SEX])
    assert np.corrcoef(fair[:, JOB], rows[:, JOB])[0, 1] > 0.6  # people keep their place


def test_resolving_columns_stay_and_labels_alone_change(learned):
    counterfactuals, rows, groups = learned
    counterfactual = counterfactuals.of('no_unresolved_effect', LAYOUT, groups)
    for with_columns in (True, False):
        fair = counterfactual.change(rows, rows[:, SEX], Generators.of(0, torch.device('cpu')), False, with_columns)
        np.testing.assert_array_equal(fair[:, [SEX, JOB, MONEY]], rows[:, [SEX, JOB, MONEY]])
        assert (fair[:, ROLE] != rows[:, ROLE]).any() == with_columns
        assert (fair[:, PAY] != rows[:, PAY]).any()


def test_a_network_reads_causes_and_nothing_else(learned):
    network, rows = learned[0].network, torch.from_numpy(learned[1][:50].copy())
    before, rows[:, MONEY] = network(PAY, rows), 1
    torch.testing.assert_close(network(PAY, rows), before)
    rows[:, ROLE] = 2 - rows[:, ROLE]
    assert not torch.allclose(network(PAY, rows), before)


def test_what_is_saved_says_the_same(learned):
    rows = torch.from_numpy(learned[1][:50])
    restored = Counterfactuals.of_state(learned[0].state())

    for column in (ROLE, JOB, PAY):
        torch.testing.assert_close(restored.network(column, rows), learned[0].network(column, rows))
    assert restored.paths == learned[0].paths


def test_a_reference_that_is_the_row_itself_changes_nothing(learned):
    counterfactuals, rows, groups = learned
    counterfactual = Counterfactual(counterfactuals.network, counterfactuals.paths['no_total_effect'], LAYOUT, groups)
    changed, seen = counterfactual.columns(rows, rows[:, [SEX]], Generators.of(0, torch.device('cpu')))

    np.testing.assert_array_equal(changed, rows)
    probabilities = counterfactual.label_probabilities(rows, changed, seen)
    np.testing.assert_allclose(probabilities[np.arange(ROWS), rows[:, PAY]], 1)
