"""One softmax a column: the batched products and the single one agree, and nothing is wasted on padding."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.networks.softmax import UNSEEN, ColumnSoftmax, _similar

cardinalities = st.lists(st.integers(1, 1000), max_size=20)


@given(cardinalities)
def test_blocks_hold_every_column_once_in_order(cardinalities):
    assert [c for block in _similar(cardinalities) for c in range(block.start, block.stop)] == list(
        range(len(cardinalities))
    )


@given(cardinalities)
def test_columns_of_a_block_are_of_similar_size(cardinalities):
    for block in _similar(cardinalities):
        assert max(cardinalities[block]) <= 2 * min(cardinalities[block])


@given(cardinalities, st.integers(1, 8))
def test_no_block_is_longer_than_allowed(cardinalities, longest):
    blocks = _similar(cardinalities, longest)

    assert [c for block in blocks for c in range(block.start, block.stop)] == list(range(len(cardinalities)))
    assert all(block.stop - block.start <= longest for block in blocks)
    assert _similar([4] * len(cardinalities), longest) == [
        slice(begin, min(begin + longest, len(cardinalities))) for begin in range(0, len(cardinalities), longest)
    ]


def test_blocks_by_hand():
    assert _similar([2, 3, 4, 5, 9, 100, 3]) == [slice(0, 3), slice(3, 5), slice(5, 6), slice(6, 7)]


def test_one_large_column_does_not_widen_the_others():
    softmax = ColumnSoftmax([2, 2, 3, 5000], features=4, hidden=4)

    assert sum(parameter.numel() for parameter in softmax.parameters()) < 5000 * 5 + 200


@pytest.fixture(params=[(), (0, 3, 5)], ids=['levels', 'numbers'])
def softmax(request):
    softmax = ColumnSoftmax([3, 4, 5], features=2, hidden=4, bins=request.param)
    for smooth in softmax.smooth.values():  # they begin at 0
        torch.nn.init.normal_(smooth)
    return softmax


def log_probabilities(softmax, states):
    """Those of all blocks, from the state of every column."""
    hidden = [softmax.hidden_of(index, state) for index, state in enumerate(states)]
    return [softmax(number, hidden[block]) for number, block in enumerate(softmax.blocks)]


def test_each_column_has_weights_of_its_own(softmax):
    states = torch.randn(3, 6, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)

    blocks = log_probabilities(softmax, states)

    for index in range(3):
        number = next(n for n, block in enumerate(softmax.blocks) if index in range(block.start, block.stop))
        column = blocks[number][index - softmax.blocks[number].start][:, : softmax.cardinalities[index]]
        torch.testing.assert_close(column.exp(), softmax.column(index, states[index]))
        (slope,) = torch.autograd.grad(column[:, 0].sum(), states, retain_graph=True)
        assert slope.abs().sum((1, 2)).nonzero().flatten().tolist() == [index]


def test_blocks_of_probabilities_match_those_of_log_probabilities():
    softmax = ColumnSoftmax([2, 3, 3, 20], features=2, hidden=4)
    states = torch.randn(4, 6, 2, generator=torch.Generator().manual_seed(0))

    drawn_from = softmax.in_blocks([softmax.column(index, state) for index, state in enumerate(states)])
    trained = log_probabilities(softmax, states)

    assert len(drawn_from) == len(trained) == 2
    for own, other in zip(drawn_from, trained, strict=True):
        torch.testing.assert_close(own, other.exp())


@pytest.mark.parametrize('columns', [[], [1]])
def test_the_smallest_tables(columns):
    blocks = log_probabilities(ColumnSoftmax(columns, 2, 2), torch.zeros(len(columns), 3, 2))

    assert [block.tolist() for block in blocks] == [[[[0.0]] * 3]] * len(columns)


def test_it_starts_at_the_shares_of_the_tokens():
    softmax = ColumnSoftmax([2, 3, 20], features=2, hidden=4)
    counts = [torch.tensor([30, 10]), torch.tensor([0, 0, 9]), torch.arange(20)]

    softmax.start_at(counts)

    for index, count in enumerate(counts):
        drawn = softmax.column(index, torch.zeros(1, 2))[0]  # a state of zeros leaves the biases alone
        seen = count + UNSEEN
        torch.testing.assert_close(drawn, seen / seen.sum())
