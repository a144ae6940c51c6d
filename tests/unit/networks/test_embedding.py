"""One embedding table for all columns: a row is the sum of its own tokens' rows of the table, and of their places."""

import torch

from sdv_fairdistill.networks.embedding import RowEmbedding
from sdv_fairdistill.networks.places import places

TOKENS = torch.tensor([[0, 2, 1], [1, 0, 4]])


def test_columns_do_not_share_rows_of_the_table():
    embedding = RowEmbedding([2, 3, 5], features=4)

    by_hand = [embedding.table.weight[[0, 4, 6]].sum(0), embedding.table.weight[[1, 2, 9]].sum(0)]

    torch.testing.assert_close(embedding(TOKENS), torch.stack(by_hand))


def test_without_columns_the_sum_is_zero():
    embedding = RowEmbedding([], features=4)

    assert embedding(torch.zeros(3, 0, dtype=torch.long)).tolist() == [[0.0] * 4] * 3


def test_places_of_numbers_are_added():
    embedding = RowEmbedding([2, 3, 5], features=4, bins=[0, 3, 4])

    table = embedding.table.weight
    own = torch.stack([table[[0, 4, 6]].sum(0), table[[1, 2, 9]].sum(0)])
    first, second = embedding.smooth.unbind(1)
    of_places = [first @ places(3, 3)[2] + second @ places(5, 4)[1], first @ places(3, 3)[0]]  # 4 has no place

    torch.testing.assert_close(embedding(TOKENS), own + torch.stack(of_places))


def test_without_numbers_there_is_nothing_more():
    assert {name for name, _ in RowEmbedding([2, 3], 4, [0, 0]).named_parameters()} == {'table.weight'}
