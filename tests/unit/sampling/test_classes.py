"""Drawing a class: the right one for a uniform number, and each as often as its probability says."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from sdv_fairdistill.sampling.classes import class_at, draw_class


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
