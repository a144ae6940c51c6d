"""Sampling from a seed of the user's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer

from sdv_fairdistill.helpers.seeding import seed_sampling


@pytest.fixture(scope='module')
def synthesizer():
    """One of SDV's own, with a key and invented data that may repeat and be missing."""
    columns = {
        'key': {'sdtype': 'id', 'regex_format': 'k[0-9]{3}'},
        'name': {'sdtype': 'name', 'pii': True},
        'x': {'sdtype': 'numerical'},
    }
    metadata = Metadata.load_from_dict({'tables': {'t': {'columns': columns, 'primary_key': 'key'}}})
    names = pd.Series(['Somebody'] * 40).mask(np.arange(40) % 2 == 0)
    table = pd.DataFrame({'key': [f'k{row:03}' for row in range(40)], 'name': names, 'x': np.arange(40.0)})
    synthesizer = GaussianCopulaSynthesizer(metadata)
    synthesizer.fit({'t': table})
    return synthesizer


def draw(synthesizer, seed):
    seed_sampling(synthesizer, seed)
    return synthesizer.sample(20)['t']


def test_a_seed_decides_everything_but_the_keys(synthesizer):
    one, again, other = (draw(synthesizer, seed) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(one, again)
    assert sorted(one['key']) == sorted(other['key']) == [f'k{row:03}' for row in range(20)]
    for name in ('name', 'x'):
        assert not one[name].equals(other[name])
    assert not one['name'].isna().equals(other['name'].isna())


def test_a_number_is_the_sequence_it_begins(synthesizer):
    one, other = draw(synthesizer, 7), draw(synthesizer, np.random.SeedSequence(7))
    pd.testing.assert_frame_equal(one, other)


def test_a_reset_brings_back_the_fixed_rows(synthesizer):
    synthesizer.reset_sampling()
    fixed = synthesizer.sample(20)['t']
    draw(synthesizer, 3)
    synthesizer.reset_sampling()
    pd.testing.assert_frame_equal(synthesizer.sample(20)['t'], fixed)


def test_the_callers_global_generator_is_left_as_it_was(synthesizer):
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    seed_sampling(synthesizer, 1)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
