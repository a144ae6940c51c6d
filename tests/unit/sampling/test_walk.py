"""Rows on their way: every row by its probability, with the label where its view wants it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from sdv_fairdistill.networks.fair_vae import FairVAE, Sizes
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.networks.links import Link
from sdv_fairdistill.sampling.walk import Starts, Walk, walk_to_the_end

CARDINALITIES = [2, 3, 2]
CLASSES = 2
RATIOS = np.array([[0.5, -1.0], [-2.0, 1.0]], dtype=np.float32)
LINKS = (Link(2, 0, np.arange(2), np.arange(2), RATIOS),)
INPUTS = (LabelInputs(sensitive=True), LabelInputs(columns=1), LabelInputs(columns=2), LabelInputs(False, columns=3))


def network_of(cardinalities=CARDINALITIES, classes=CLASSES, views=INPUTS):
    sizes = Sizes(cardinalities, 2, classes, views, groups=1, latent=2, features=8, hidden=8, head=8, links=LINKS)
    sizes = sizes if cardinalities else replace(sizes, links=())
    network, generator = FairVAE(sizes), torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return network.eval()


@pytest.fixture(scope='module')
def network():
    return network_of()


def starts_of(count, view, latent=(0.5, -1.0), label=0):
    zeros = torch.zeros(count, dtype=torch.long)
    return Starts(
        torch.tensor([[1.0, 0.0]]).expand(count, -1),
        zeros + view,
        zeros,
        torch.tensor([latent]).expand(count, -1),
        zeros + label,
    )


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def distribution(network, view):
    """Every row of columns and a label, and its probability given that the view draws it; the raw label is a 1."""
    every = torch.tensor(list(product(*map(range, CARDINALITIES), range(CLASSES))))
    tokens, label, starts = every[:, :-1], every[:, -1], starts_of(len(every), view)
    blocks = network.decode(tokens, starts.latent, starts.sensitive, label, starts.view)
    columns = (-network.decoder.negative_log_likelihood(blocks, tokens)).exp()
    own = network.heads(starts.latent, starts.sensitive, tokens, starts.view).exp().gather(1, label[:, None])[:, 0]
    return every, columns * (own if view else (label == 1))


@pytest.mark.parametrize('even', [False, True])
@pytest.mark.parametrize('view', range(4))
@torch.no_grad()
def test_rows_are_drawn_by_their_probability(network, view, even):
    every, wanted = distribution(network, view)
    assert float(wanted.sum()) == pytest.approx(1, abs=1e-5)

    walk = walk_to_the_end(network, starts_of(20_000, view, label=int(view == 0)), generator(), even)

    drawn = torch.column_stack([walk.tokens, walk.label])
    place = drawn @ torch.tensor([12, 4, 2, 1])
    counts, expected = np.bincount(place, minlength=len(every)), wanted.double().numpy()
    possible = expected > 0
    assert counts[~possible].sum() == 0
    assert chisquare(counts[possible], 20_000 * expected[possible] / expected.sum()).pvalue > 1e-3


@torch.no_grad()
def test_tokens_are_spread_evenly_among_the_rows_of_one_view_group_and_label(network, monkeypatch):
    monkeypatch.setattr(network.decoder, 'probabilities', lambda _, running, tokens: torch.full((len(running), 2), 0.5))
    block = torch.arange(4 * 3 * 2).repeat_interleave(64)[torch.randperm(4 * 3 * 2 * 64, generator=generator())]
    starts = starts_of(len(block), 0)
    starts.view, starts.group, starts.label = block // 6, block // 2 % 3, block % 2

    def drawn(even):
        walk = Walk(network, starts, generator(), even)
        walk.draw_column(0)
        return torch.bincount(block, walk.tokens[:, 0].double()).tolist()

    assert drawn(even=True) == [32] * 24
    assert drawn(even=False) != [32] * 24


@torch.no_grad()
def test_the_frequencies_of_two_latents_differ(network):
    starts = starts_of(10_000, 2)
    starts.latent = torch.tensor([[0.5, -1.0], [-2.0, 2.0]]).repeat_interleave(5000, dim=0)

    drawn = walk_to_the_end(network, starts, generator(), even=False).tokens.double()

    assert (drawn[:5000].mean(0) - drawn[5000:].mean(0)).abs().max() > 0.1


@torch.no_grad()
def test_the_way_agrees_with_what_was_trained(network):
    # The running sum on the way gives each column the probability that one pass over the finished row gives it.
    view = torch.arange(40) % 4
    starts = starts_of(40, 0)
    starts.view, starts.label = view, torch.where(view == 0, 1, 0)
    seen, given = [], network.decoder.probabilities
    network.decoder.probabilities = lambda *state: (seen.append(given(*state)), seen[-1])[1]
    try:
        walk = walk_to_the_end(network, starts, generator(), even=False)
    finally:
        del network.decoder.probabilities

    blocks = network.decode(walk.tokens, walk.latent, walk.sensitive, walk.label, walk.view)
    trained = [column for block in blocks for column in block.exp()]
    for own, other, cardinality in zip(seen, trained, CARDINALITIES, strict=True):
        torch.testing.assert_close(own, other[:, :cardinality], rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_a_label_is_drawn_once_where_its_view_wants_it(network):
    starts = starts_of(400, 0)
    starts.view = torch.arange(400) % 4
    walk = Walk(network, starts, generator(), even=False)

    for column in range(4):
        before = walk.label.clone()
        walk.draw_label(column, fixed=torch.ones(400, dtype=torch.long))
        assert (walk.label != before).tolist() == ((walk.view == column) & (walk.view > 0)).tolist()
        if column < 3:
            walk.draw_column(column)


@torch.no_grad()
def test_what_is_fixed_is_taken_and_its_probability_given(network):
    starts = starts_of(4, 0)
    starts.view = torch.arange(4)
    walk = Walk(network, starts, generator(), even=False)
    labels, tokens, logs = torch.tensor([1, 1, 0, 1]), torch.tensor([0, 1, 0, 1]), []
    for column in range(4):
        logs.append(walk.draw_label(column, fixed=labels) * torch.ones(4))
        if column < 3:
            logs.append(walk.draw_column(column, fixed=tokens))

    assert walk.tokens.tolist() == [[token] * 3 for token in tokens]
    assert walk.label.tolist() == [0, 1, 0, 1]  # the first view's label is part of what the row starts with
    scores = network.heads(walk.latent, walk.sensitive, walk.tokens, walk.view)
    own = scores[torch.arange(4), labels] * (walk.view > 0)
    blocks = network.decode(walk.tokens, walk.latent, walk.sensitive, walk.label, walk.view)
    expected = own - network.decoder.negative_log_likelihood(blocks, walk.tokens)
    torch.testing.assert_close(torch.stack(logs).sum(0), expected)


@torch.no_grad()
def test_going_on_with_some_rows(network):
    starts = starts_of(4, 0)
    starts.view = torch.arange(4)
    walk = Walk(network, starts, generator(), even=False)
    walk.draw_column(0)
    tokens = walk.tokens.clone()

    walk.choose(torch.tensor([3, 3, 0]))

    assert len(walk) == 3
    assert walk.view.tolist() == [3, 3, 0]
    assert walk.position.tolist() == [3, 3, 0]
    assert torch.equal(walk.tokens, tokens[[3, 3, 0]])


def test_without_columns():
    walk = walk_to_the_end(network_of([], views=INPUTS[:1]), starts_of(3, 0, label=1), generator(), even=True)

    assert walk.tokens.shape == (3, 0)
    assert walk.label.tolist() == [1, 1, 1]


@torch.no_grad()
def test_without_a_label():
    walk = walk_to_the_end(network_of(classes=0), starts_of(3, 3), generator(), even=True)

    assert walk.late == set()
    assert walk.label.tolist() == [0, 0, 0]
