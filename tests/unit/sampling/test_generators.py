"""Generators: repeatable from a seed or a pair, fresh from None, and the global ones untouched."""

import numpy as np
import pytest
import torch

from sdv_fairdistill.sampling.generators import Generators

CPU = torch.device('cpu')


def numbers(generators):
    return (*generators.numpy.random(3), *torch.rand(3, generator=generators.torch).tolist())


def pair(first=0, second=0):
    return np.random.RandomState(first), torch.Generator().manual_seed(second)


@pytest.mark.parametrize('state', [0, 42, np.int64(7), 2**40])
def test_a_seed_repeats(state):
    assert numbers(Generators.of(state, CPU)) == numbers(Generators.of(state, CPU))


def test_seeds_differ():
    assert len({numbers(Generators.of(seed, CPU)) for seed in range(20)}) == 20


def test_both_halves_of_a_pair_count():
    drawn = {numbers(Generators.of(pair(*seeds), CPU)) for seeds in ((0, 0), (0, 1), (1, 0))}

    assert len(drawn) == 3
    assert numbers(Generators.of(pair(), CPU)) in drawn


def test_a_pair_moves_on():
    state = pair()

    assert numbers(Generators.of(state, CPU)) != numbers(Generators.of(state, CPU))


def test_none_is_new_every_time():
    assert numbers(Generators.of(None, CPU)) != numbers(Generators.of(None, CPU))


@pytest.mark.parametrize('state', [3, None, 'pair'])
def test_the_global_generators_stay_as_they_are(state):
    before, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002

    numbers(Generators.of(pair() if state == 'pair' else state, CPU))

    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == legacy).all()  # noqa: NPY002


def test_numpy_and_torch_do_not_share_a_stream():
    generators = Generators.of(0, CPU)

    assert generators.torch.initial_seed() != int(np.random.SeedSequence(0).generate_state(1)[0])
    assert len(set(numbers(generators))) == 6
