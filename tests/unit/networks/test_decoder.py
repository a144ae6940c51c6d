"""The decoder is autoregressive, its probabilities are probabilities, and drawing uses the ones it was trained with."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.helpers.threads import one_thread
from sdv_fairdistill.networks.decoder import Decoder
from sdv_fairdistill.networks.links import Link, Links

CONTEXT = 3
CARDINALITIES = [[2, 3, 3, 7, 20], [5, 2, 40, 1, 3], [4, 4], [1, 1, 2], [6]]

shapes = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def make(cardinalities, seed=0, dropout=0.0, classes=0, block=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        links = linked(cardinalities, seed)
        sizes, bins = list(cardinalities), in_order(cardinalities)
        decoder = Decoder(sizes, CONTEXT, 16, 12, dropout, classes, links, bins, block).eval()
        for smooth in decoder.softmax.smooth.values():  # they begin at 0
            torch.nn.init.normal_(smooth, std=0.3)
        return decoder


def in_order(cardinalities):
    """Larger columns are numbers, and the last token of the largest stands for missing values."""
    return [size - (size > 6) if size > 3 else 0 for size in cardinalities]


def linked(cardinalities, seed):
    """A link from the first column to the last."""
    if len(cardinalities) < 2:
        return []
    first, last = cardinalities[0], cardinalities[-1]
    ratios = np.random.default_rng(seed).normal(size=(first, last)).astype(np.float32)
    return [Link(len(cardinalities) - 1, 0, np.arange(last), np.arange(first), ratios)]


def rows(cardinalities, batch=9, seed=1):
    generator = torch.Generator().manual_seed(seed)
    tokens = [torch.randint(size, (batch,), generator=generator) for size in cardinalities]
    return torch.stack(tokens, dim=1), torch.randn(batch, CONTEXT, generator=generator)


def by_column(decoder, blocks):
    """The padded log-probabilities ``(batch, width)`` of each column."""
    assert [column for block in decoder.softmax.blocks for column in range(block.start, block.stop)] == list(
        range(decoder.columns)
    )
    return [column for block in blocks for column in block]


@pytest.mark.parametrize('cardinalities', CARDINALITIES)
def test_a_column_depends_on_all_its_predecessors_and_on_nothing_else(cardinalities):
    decoder, (tokens, context) = make(cardinalities), rows(cardinalities)
    embedded = {}
    for number, embedding in enumerate(decoder.embeddings):
        embedding.register_forward_hook(lambda module, given, result, number=number: embedded.update({number: result}))
    context.requires_grad_()
    columns = by_column(decoder, decoder(tokens, context))

    for index, column in enumerate(columns):
        weighed = column[:, : cardinalities[index]] * torch.arange(1.0, cardinalities[index] + 1)
        inputs = [*embedded.values(), context]
        *slopes, slope = torch.autograd.grad(weighed.sum(), inputs, retain_graph=True, materialize_grads=True)
        assert all((slope == 0).all() for slope in slopes[index:])
        if cardinalities[index] > 1:
            assert all(slope.abs().sum() > 0 for slope in slopes[:index])
            assert slope.abs().sum() > 0


@settings(max_examples=40)
@given(shapes, st.data())
def test_later_tokens_change_nothing(cardinalities, data):
    decoder, (tokens, context) = make(cardinalities), rows(cardinalities)
    index = data.draw(st.integers(0, len(cardinalities) - 1))
    changed = tokens.clone()
    changed[:, index:] = rows(cardinalities, seed=2)[0][:, index:]

    before, after = (by_column(decoder, decoder(given, context)) for given in (tokens, changed))

    for own, other in zip(before[: index + 1], after[: index + 1], strict=True):
        assert torch.equal(own, other)


@settings(max_examples=40)
@given(shapes)
def test_probabilities_sum_to_one_and_padding_has_none(cardinalities):
    decoder, (tokens, context) = make(cardinalities), rows(cardinalities)

    columns = by_column(decoder, decoder(tokens, context))

    for cardinality, column in zip(cardinalities, columns, strict=True):
        assert torch.isfinite(column[:, :cardinality]).all()
        assert (column[:, cardinality:].exp() == 0).all()
        torch.testing.assert_close(column.exp().sum(1), torch.ones(len(column)))


@settings(max_examples=40)
@given(shapes)
def test_drawing_uses_the_trained_probabilities(cardinalities):
    decoder, (tokens, context) = make(cardinalities), rows(cardinalities)
    trained = by_column(decoder, decoder(tokens, context))

    running = decoder.begin(context)
    for index, cardinality in enumerate(cardinalities):
        torch.testing.assert_close(
            decoder.probabilities(index, running, tokens), trained[index].exp()[:, :cardinality], rtol=1e-4, atol=1e-6
        )
        running = decoder.advance(index, running, tokens[:, index])


def test_a_link_adds_its_ratios_to_the_logits_of_its_column():
    cardinalities = [3, 2, 4]
    decoder, (tokens, context) = make(cardinalities), rows(cardinalities)
    linked_too = by_column(decoder, decoder(tokens, context))
    ratios = decoder.links.of(2, tokens)

    decoder.links = Links([])

    *before, last = by_column(decoder, decoder(tokens, context))
    assert all(torch.equal(own, other) for own, other in zip(before, linked_too, strict=False))
    torch.testing.assert_close(linked_too[2], (last + ratios).log_softmax(1))
    assert (linked_too[2] - last).abs().max() > 0.1


@pytest.mark.parametrize('cardinalities', CARDINALITIES)
def test_the_likelihood_is_the_product_of_the_columns(cardinalities):
    decoder, (tokens, context) = make(cardinalities), rows(cardinalities)
    blocks = [block.detach() for block in decoder(tokens, context)]

    by_hand = [
        -sum(float(column[row, tokens[row, index]]) for index, column in enumerate(by_column(decoder, blocks)))
        for row in range(len(tokens))
    ]

    assert decoder.negative_log_likelihood(blocks, tokens).tolist() == pytest.approx(by_hand, rel=1e-5, abs=1e-6)


def test_without_columns_there_is_nothing_to_draw():
    decoder = make([])
    tokens = torch.zeros(4, 0, dtype=torch.long)

    blocks = decoder(tokens, torch.zeros(4, CONTEXT))

    assert blocks == []
    assert decoder.negative_log_likelihood(blocks, tokens).tolist() == [0, 0, 0, 0]


def test_dropout_works_in_training_only():
    decoder, (tokens, context) = make([4, 5], dropout=0.5), rows([4, 5])

    assert torch.equal(decoder(tokens, context)[0], decoder(tokens, context)[0])
    decoder.train()
    assert not torch.equal(decoder(tokens, context)[0], decoder(tokens, context)[0])


class TestLateLabels:
    CARDINALITIES = (3, 2, 5, 4)
    POSITION = torch.arange(9) % 5  # before each column, and after the last
    JOINS = {position: torch.arange(9) % 5 == position for position in range(1, 5)}  # noqa: RUF012

    @pytest.fixture
    def decoder(self):
        return make(self.CARDINALITIES, classes=3)

    def test_columns_before_a_label_do_not_depend_on_it_and_those_after_it_do(self, decoder):
        tokens, context = rows(self.CARDINALITIES)
        label = torch.zeros(9, dtype=torch.long)

        first, second = (
            by_column(decoder, decoder(tokens, context, given, self.JOINS)) for given in (label, label + 1)
        )

        for column, cardinality in enumerate(self.CARDINALITIES):
            change = (first[column] - second[column])[:, :cardinality].abs().amax(1)
            joined = (self.POSITION > 0) & (column >= self.POSITION)  # a label at 0 is part of the context
            assert (change[~joined] == 0).all()
            assert (change[joined] > 1e-4).all()

    def test_the_gradient_reaches_the_labels_that_join_and_no_other(self, decoder):
        tokens, context = rows(self.CARDINALITIES)
        label = torch.tensor([0, 1, 1, 1, 0, 0, 1, 1, 1])  # those at 0 and at the end are zeros; nobody has a 2

        decoder.negative_log_likelihood(decoder(tokens, context, label, self.JOINS), tokens).sum().backward()

        slopes = decoder.label.weight.grad.abs().sum(1)
        assert slopes[0] == slopes[2] == 0
        assert slopes[1] > 0

    def test_drawing_uses_the_trained_probabilities(self, decoder):
        tokens, context = rows(self.CARDINALITIES)
        label = torch.arange(9) % 3
        trained = by_column(decoder, decoder(tokens, context, label, self.JOINS))

        running = decoder.begin(context)
        for index, cardinality in enumerate(self.CARDINALITIES):
            if index:
                running = decoder.join(running, label, index == self.POSITION)
            torch.testing.assert_close(
                decoder.probabilities(index, running, tokens),
                trained[index].exp()[:, :cardinality],
                rtol=1e-4,
                atol=1e-6,
            )
            running = decoder.advance(index, running, tokens[:, index])


def loss_and_gradients(decoder, tokens, context, label, joins):
    """A loss of :meth:`Decoder.loss`, with its gradients in the context and in all parameters."""
    decoder.zero_grad()
    context = context.clone().requires_grad_()

    def loss_of(number, block):
        columns = torch.arange(decoder.columns)[decoder.softmax.blocks[number]]
        return (block.exp().square().sum((1, 2)) * (columns + 1)).sum()

    with one_thread():
        loss = decoder.loss(tokens, context, label, joins, loss_of)
        loss.backward()
    return [loss.detach(), context.grad, *(parameter.grad for parameter in decoder.parameters())]


@pytest.mark.parametrize('cardinalities', CARDINALITIES)
@pytest.mark.parametrize('block', [0, 1, 2])
def test_the_loss_is_of_what_forward_gives_and_the_same_on_any_number_of_cores(cardinalities, block, monkeypatch):
    decoder, (tokens, context) = make(cardinalities, classes=3, block=block), rows(cardinalities)
    label, joins = torch.arange(9) % 3, {len(cardinalities) // 2: torch.arange(9) % 2 == 0}
    context = context.requires_grad_()
    columns = by_column(decoder, decoder(tokens, context, label, joins))
    by_hand = sum((place + 1) * column.exp().square().sum() for place, column in enumerate(columns))
    wanted = torch.autograd.grad(by_hand, [context, *decoder.parameters()])

    found = {}
    for many in (1, 2, 3):
        monkeypatch.setattr(threads, 'cores', lambda many=many: many)
        found[many] = loss_and_gradients(decoder, tokens, context.detach(), label, joins)

    for own, other in zip(found[1], (by_hand.detach(), *wanted), strict=True):
        torch.testing.assert_close(own, other)
    for many in (2, 3):
        assert all(torch.equal(own, other) for own, other in zip(found[many], found[1], strict=True))


def test_dropout_hides_the_same_on_any_number_of_cores(monkeypatch):
    decoder, (tokens, context) = make([2, 3, 3, 7, 20], dropout=0.5).train(), rows([2, 3, 3, 7, 20])

    def on(many, seed):
        monkeypatch.setattr(threads, 'cores', lambda: many)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return loss_and_gradients(decoder, tokens, context, torch.zeros(9, dtype=torch.long), {})

    first, second, other = on(1, 0), on(2, 0), on(1, 1)
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))
    assert first[0] != other[0]


def test_without_columns_there_is_nothing_to_lose():
    decoder = Decoder([], CONTEXT, 16, 12)

    nothing = decoder.loss(torch.zeros(9, 0, dtype=torch.long), torch.zeros(9, CONTEXT), torch.zeros(9), {}, None)

    assert nothing == 0
