"""Drawing tokens: the right class for a uniform number, and the right frequencies for a whole row."""

from itertools import product

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from sdv_fairdistill.networks.decoder import Decoder
from sdv_fairdistill.sampling.columns import class_at, draw_class, draw_columns

CARDINALITIES = [2, 3, 2]


@pytest.fixture(scope='module')
def decoder():
    decoder = Decoder(CARDINALITIES, 2, features=8, hidden=8)
    generator = torch.Generator().manual_seed(0)
    for parameter in decoder.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return decoder.eval()


@pytest.mark.parametrize(
    ('uniform', 'expected'), [(0.0, 1), (0.1999, 1), (0.2, 2), (0.69, 2), (0.71, 4), (1 - 1e-7, 4)]
)
def test_the_class_where_the_distribution_passes_a_number(uniform, expected):
    assert class_at(torch.tensor([[0.0, 0.2, 0.5, 0.0, 0.3]]), torch.tensor([[uniform]])).tolist() == [expected]


def test_weights_need_not_sum_to_one():
    weights = torch.tensor([[1.0, 1.0, 2.0]] * 4)

    assert class_at(weights, torch.tensor([[0.2], [0.3], [0.6], [0.99]])).tolist() == [0, 1, 2, 2]


def test_classes_are_drawn_by_their_probabilities():
    probabilities = torch.tensor([0.1, 0.0, 0.6, 0.3])

    drawn = draw_class(probabilities.expand(20_000, -1), torch.Generator().manual_seed(0))

    counts = np.bincount(drawn, minlength=4)
    assert counts[1] == 0
    assert chisquare(counts[[0, 2, 3]], [2000, 12_000, 6000]).pvalue > 1e-3


@torch.no_grad()
def test_rows_are_drawn_by_their_probability(decoder):
    context = torch.tensor([0.5, -1.0])
    every = torch.tensor(list(product(*map(range, CARDINALITIES))))
    repeated = context.expand(len(every), -1)
    wanted = (-decoder.negative_log_likelihood(decoder(every, repeated), every)).exp()
    assert float(wanted.sum()) == pytest.approx(1, abs=1e-5)

    drawn = draw_columns(decoder, context.expand(20_000, -1), torch.Generator().manual_seed(1))

    place = drawn @ torch.tensor([6, 2, 1])
    expected = wanted.double().numpy()
    assert chisquare(np.bincount(place, minlength=12), 20_000 * expected / expected.sum()).pvalue > 1e-3


@torch.no_grad()
def test_the_frequencies_of_two_contexts_differ(decoder):
    contexts = torch.tensor([[0.5, -1.0], [-2.0, 2.0]]).repeat_interleave(5000, dim=0)

    drawn = draw_columns(decoder, contexts, torch.Generator().manual_seed(1)).double()

    assert (drawn[:5000].mean(0) - drawn[5000:].mean(0)).abs().max() > 0.1


def test_without_columns():
    drawn = draw_columns(Decoder([], 2, 4, 4), torch.zeros(3, 2), torch.Generator())

    assert drawn.shape == (3, 0)
