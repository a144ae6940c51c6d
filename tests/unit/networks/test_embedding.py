"""One embedding table for all columns: a row is the sum of its own tokens' rows of the table."""

import torch

from sdv_fairdistill.networks.embedding import RowEmbedding

TOKENS = torch.tensor([[0, 2, 1], [1, 0, 4]])


def test_columns_do_not_share_rows_of_the_table():
    embedding = RowEmbedding([2, 3, 5], features=4)

    by_hand = [embedding.table.weight[[0, 4, 6]].sum(0), embedding.table.weight[[1, 2, 9]].sum(0)]

    torch.testing.assert_close(embedding(TOKENS), torch.stack(by_hand))


def test_without_columns_the_sum_is_zero():
    embedding = RowEmbedding([], features=4)

    assert embedding(torch.zeros(3, 0, dtype=torch.long)).tolist() == [[0.0] * 4] * 3
