"""The label heads: that of a repaired view reads what its notion allows, and never the sensitive columns."""

import pytest
import torch
from torch.autograd.functional import jacobian
from torch.nn.functional import silu

from sdv_fairdistill.networks.heads import LabelHead, LabelHeads, LabelInputs

CARDINALITIES = [2, 3, 4]
INPUTS = {
    'raw': LabelInputs(sensitive=True),
    'demographic parity': LabelInputs(),
    'conditional parity': LabelInputs(columns=2),
    'unawareness': LabelInputs(latent=False, columns=3),
    'raw, last': LabelInputs(latent=False, sensitive=True, columns=3, layers=2),
}
VIEWS = {name: number for number, name in enumerate(INPUTS)}
REPAIRED = [name for name in INPUTS if 'raw' not in name]


@pytest.fixture
def inputs():
    """Latents, sensitive features and tokens of five rows."""
    generator = torch.Generator().manual_seed(0)
    tokens = torch.stack([torch.randint(size, (5,), generator=generator) for size in CARDINALITIES], dim=1)
    return torch.randn(5, 4, generator=generator), torch.randn(5, 2, generator=generator), tokens


@pytest.fixture
def heads():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return LabelHeads(tuple(INPUTS.values()), 4, 2, CARDINALITIES, classes=3, hidden=8)


def slope_to(heads, latent, sensitive, tokens, view, what):
    """Largest slope of any row's log-probabilities, in absolute value."""
    views = torch.full((5,), VIEWS[view])
    functions = {
        'sensitive': (lambda given: heads(latent, given, tokens, views), sensitive),
        'latent': (lambda given: heads(given, sensitive, tokens, views), latent),
    }
    return jacobian(*functions[what]).abs().max()


@torch.no_grad()
def change_by_column(heads, latent, sensitive, tokens, view):
    """Largest change of any log-probability when one column gets its next token, for each column."""
    views, changes = torch.full((5,), VIEWS[view]), []
    before = heads(latent, sensitive, tokens, views)
    for column, size in enumerate(CARDINALITIES):
        changed = tokens.clone()
        changed[:, column] = (changed[:, column] + 1) % size
        changes.append(float((heads(latent, sensitive, changed, views) - before).abs().max()))
    return changes


@pytest.mark.parametrize('view', REPAIRED)
def test_a_repaired_label_has_a_zero_jacobian_to_the_sensitive_columns(heads, inputs, view):
    assert slope_to(heads, *inputs, view, 'sensitive') == 0


@pytest.mark.parametrize('view', ['raw', 'raw, last'])
def test_the_raw_label_may_depend_on_the_sensitive_columns(heads, inputs, view):
    assert slope_to(heads, *inputs, view, 'sensitive') > 1e-3


@pytest.mark.parametrize('view', ['raw', 'demographic parity', 'conditional parity'])
def test_a_label_depends_on_the_latent(heads, inputs, view):
    assert slope_to(heads, *inputs, view, 'latent') > 1e-3


@pytest.mark.parametrize('view', ['unawareness', 'raw, last'])
def test_one_that_reads_all_columns_does_not(heads, inputs, view):
    assert slope_to(heads, *inputs, view, 'latent') == 0


@pytest.mark.parametrize('view', INPUTS)
def test_of_the_columns_a_label_reads_the_first_ones_that_it_may(heads, inputs, view):
    changes = change_by_column(heads, *inputs, view)

    allowed = INPUTS[view].columns
    assert all(change > 1e-3 for change in changes[:allowed])
    assert changes[allowed:] == [0] * (3 - allowed)


def test_repaired_rows_beside_raw_ones_stay_blind(heads, inputs):
    # One batch holds rows of all views.
    latent, sensitive, tokens = inputs
    view = torch.tensor([0, 1, 2, 3, 0])

    slopes = jacobian(lambda given: heads(latent, given, tokens, view), sensitive).abs().amax((1, 2, 3))

    assert (slopes[view > 0] == 0).all()
    assert (slopes[view == 0] > 1e-3).all()


def test_every_view_has_a_head_of_its_own(heads, inputs):
    answers = [heads(*inputs, torch.full((5,), view)) for view in VIEWS.values()]

    for first in range(len(VIEWS)):
        torch.testing.assert_close(answers[first].exp().sum(1), torch.ones(5))
        for second in range(first):
            assert (answers[first] - answers[second]).abs().max() > 1e-3


def test_a_head_by_hand(inputs):
    head = LabelHead(LabelInputs(latent=True, sensitive=True, columns=1), 4, 2, CARDINALITIES, 3, 8)
    latent, sensitive, tokens = inputs

    hidden = head.bias + latent @ head.latent.weight.T + sensitive @ head.sensitive.weight.T
    hidden = hidden + head.columns.table.weight[tokens[:, 0]]
    expected = hidden * hidden.sigmoid() @ head.out[1].weight.T + head.out[1].bias

    torch.testing.assert_close(head(*inputs), expected)


def test_a_deeper_head_by_hand(inputs):
    head = LabelHead(LabelInputs(latent=False, columns=1, layers=2), 4, 2, CARDINALITIES, 3, 8)

    hidden = silu(head.out[1](silu(head.bias + head.columns.table.weight[inputs[2][:, 0]])))

    torch.testing.assert_close(head(*inputs), head.out[3](hidden))
    assert [tuple(head.out[layer].weight.shape) for layer in (1, 3)] == [(8, 8), (3, 8)]


def test_a_head_has_no_weights_for_what_it_may_not_read():
    head = LabelHead(LabelInputs(latent=False, columns=2), 4, 2, CARDINALITIES, 3, 8)

    assert head.latent is None
    assert head.sensitive is None
    assert head.columns.table.weight.shape == (5, 8)


def test_a_head_that_reads_nothing_gives_every_row_the_same(inputs):
    head = LabelHead(LabelInputs(latent=False), 4, 2, CARDINALITIES, 3, 8)

    assert torch.equal(head(*inputs), head(*inputs)[:1].expand(5, -1))
