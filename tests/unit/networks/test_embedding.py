"""One embedding table for all columns: the three ways to read it agree."""

import torch

from sdv_fairdistill.networks.embedding import RowEmbedding

TOKENS = torch.tensor([[0, 2, 1], [1, 0, 4]])


def test_columns_do_not_share_rows_of_the_table():
    embedding = RowEmbedding([2, 3, 5], features=4)

    rows = [embedding.table.weight[[first, second]] for first, second in ((0, 1), (4, 2), (6, 9))]

    assert torch.equal(embedding(TOKENS), torch.stack(rows))


def test_the_three_ways_agree():
    embedding = RowEmbedding([2, 3, 5], features=4)
    embedded = embedding(TOKENS)

    torch.testing.assert_close(embedding.summed(TOKENS), embedded.sum(0))
    for index in range(3):
        assert torch.equal(embedding.column(index, TOKENS[:, index]), embedded[index])


def test_without_columns_the_sum_is_zero():
    embedding = RowEmbedding([], features=4)

    assert embedding.summed(torch.zeros(3, 0, dtype=torch.long)).tolist() == [[0.0] * 4] * 3
