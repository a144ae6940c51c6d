"""Who can take part in a benchmark, and what is asked of whom."""

from __future__ import annotations

import pytest
from sdv.single_table import TVAESynthesizer

from sdv_fairdistill.benchmark import Contender, fair_distill, sdv_contender
from sdv_fairdistill.errors import FairDistillError

from .conftest import Redraw


def test_an_object_a_class_and_factories_can_be_plugged_in():
    peer = Redraw()
    assert Contender('peer', peer).build('metadata', {}, 0) is peer
    assert isinstance(Contender('peer', Redraw).build('metadata', {}, 0), Redraw)
    given = Contender('peer', lambda metadata, roles, seed: (metadata, roles, seed)).build('metadata', {'a': 1}, 3)
    assert given == ('metadata', {'a': 1}, 3)


@pytest.mark.parametrize('made', [3, lambda one: one, lambda one, two: one])
def test_anything_else_is_refused(made):
    with pytest.raises(FairDistillError, match='give an object with fit and sample, or a function'):
        Contender('peer', made)


@pytest.mark.parametrize(('name', 'samples'), [('real', {'': len}), ('', {'': len}), ('a', {}), ('a', {'real': len})])
def test_a_name_that_cannot_be_told_from_the_real_rows_is_refused(name, samples):
    with pytest.raises(FairDistillError, match='cannot be told from the real rows'):
        Contender(name, Redraw, samples)


def test_ours_has_a_sample_a_notion_and_dial_from_one_fit():
    ours = fair_distill([0, 1], ['demographic_parity', 'unawareness'])
    assert list(ours.samples) == [
        'demographic parity, dial 0',
        'demographic parity, dial 1',
        'unawareness, dial 0',
        'unawareness, dial 1',
    ]
    assert not ours.reference


def test_ours_is_built_with_the_roles_and_the_seed_and_samples_at_its_dials(people):
    ours = fair_distill([0.25], ['unawareness', 'demographic_parity'], epochs=7)
    built = ours.build(people.metadata, people.roles, 5).get_parameters()
    assert built['sensitive_columns'] == ['sex']
    assert built['notions'] == ['unawareness', 'demographic_parity']
    assert (built['epochs'], built['seed']) == (7, 5)


def test_sdvs_own_is_built_with_its_epochs_and_is_a_reference(people):
    tvae = sdv_contender('TVAE', 2)
    built = tvae.build(people.metadata, people.roles, 0)
    assert isinstance(built, TVAESynthesizer)
    assert built.get_parameters()['epochs'] == 2
    assert tvae.reference


def test_an_unknown_synthesizer_of_sdv_is_refused():
    with pytest.raises(FairDistillError, match='name one of CTGAN, TVAE'):
        sdv_contender('GPT')
