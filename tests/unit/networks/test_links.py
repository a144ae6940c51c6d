"""Links add to a column's logits what its parent says, and nothing else."""

import numpy as np
import torch

from sdv_fairdistill.networks.links import Link, Links

RATIOS = np.array([[1.0, -1.0, 0.5], [0.0, 2.0, -3.0]], dtype=np.float32)
LINK = Link(2, 1, level_of=np.array([0, 0, 1, 2]), parent_level_of=np.array([1, 0, 0]), log_ratio=RATIOS)


def test_each_row_gets_what_its_parent_s_level_says_about_each_token():
    tokens = torch.tensor([[9, 0, 3], [9, 1, 0], [8, 2, 1]])

    assert Links([LINK]).of(2, tokens).tolist() == [[0, 0, 2, -3], [1, 1, -1, 0.5], [1, 1, -1, 0.5]]


def test_only_the_parent_is_looked_at():
    before, after = torch.tensor([[0, 1, 0]]), torch.tensor([[5, 1, 3]])

    assert torch.equal(Links([LINK]).of(2, before), Links([LINK]).of(2, after))


def test_columns_without_a_parent_get_nothing():
    tokens = torch.zeros(4, 3, dtype=torch.long)

    assert Links([LINK]).of(0, tokens) is None
    assert Links([LINK]).of(1, tokens) is None


def test_nothing_is_trained():
    assert list(Links([LINK]).parameters()) == []
