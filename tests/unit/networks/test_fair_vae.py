"""Teacher and student as a whole: what reaches what."""

from dataclasses import replace

import pytest
import torch
from torch.autograd.functional import jacobian

from sdv_fairdistill.networks.encoder import Encoder
from sdv_fairdistill.networks.fair_vae import FairVAE, Sizes, Student
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.networks.places import places

RAW, REPAIRED, LATE, LAST = torch.arange(4)[:, None].expand(-1, 6)
INPUTS = (LabelInputs(sensitive=True), LabelInputs(), LabelInputs(columns=1), LabelInputs(latent=False, columns=3))
SIZES = Sizes(
    cardinalities=[2, 3, 7], sensitive=2, classes=3, views=INPUTS, groups=2, latent=4, features=12, hidden=6, head=5
)


@pytest.fixture(params=[FairVAE, lambda sizes: Student(sizes, components=4)], ids=['teacher', 'student'])
def network(request):
    network = request.param(SIZES)
    generator = torch.Generator().manual_seed(1)
    for parameter in network.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) / 2
    return network.eval()


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(1)
    tokens = torch.stack([torch.randint(size, (6,), generator=generator) for size in SIZES.cardinalities], dim=1)
    sensitive = torch.eye(2)[torch.tensor([0, 1, 0, 1, 0, 1])]
    return tokens, sensitive, torch.randn(6, SIZES.latent, generator=generator)


def test_a_repaired_label_has_a_zero_jacobian_to_the_sensitive_columns(network, rows):
    tokens, sensitive, latent = rows

    raw, *repaired = (
        jacobian(lambda s, v=v: network.heads(latent, s, tokens, v), sensitive).abs()
        for v in (RAW, REPAIRED, LATE, LAST)
    )

    assert [slopes.max() for slopes in repaired] == [0, 0, 0]
    assert raw.amax((1, 2, 3)).min() > 1e-3


def test_nothing_drawn_before_the_columns_knows_the_group_in_a_repaired_view(rows):
    # From the same random numbers both groups get the same latent and the same label.
    student = Student(SIZES, components=4)
    generator = torch.Generator().manual_seed(0)
    for parameter in student.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    normal, uniform = rows[2], torch.rand(6, 1, generator=generator)

    def label_of(group, view):
        weights = student.sampler.log_weights(view, torch.full((6,), group)).exp()
        component = (weights.cumsum(1) < uniform).sum(1)
        return student.heads(student.sampler.place(component, normal), torch.eye(2)[[group] * 6], rows[0], view)

    assert torch.equal(label_of(0, REPAIRED), label_of(1, REPAIRED))
    assert not torch.equal(label_of(0, RAW), label_of(1, RAW))


def test_columns_may_follow_the_latent_the_group_the_label_and_the_view(network, rows):
    tokens, sensitive, latent = rows

    def decoded(latent=latent, sensitive=sensitive, label=RAW, view=RAW):
        return network.decode(tokens, latent, sensitive, label, view)[-1]

    for changed in ({'latent': latent + 1}, {'sensitive': 1 - sensitive}, {'label': RAW + 1}, {'view': REPAIRED}):
        assert (decoded() - decoded(**changed)).abs().nan_to_num().max() > 1e-3


def test_the_context_by_hand(network):
    latent, sensitive = torch.tensor([[1.0, 2, 3, 4]] * 2), torch.tensor([[5.0, 6]] * 2)

    context = network.context(latent, sensitive, torch.tensor([2, 2]), torch.tensor([1, 3]))

    # The label, then the view; a label that is drawn later is not known yet.
    assert context.tolist() == [[1, 2, 3, 4, 5, 6, 0, 0, 1, 0, 1, 0, 0], [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 1]]


def decoded(network, rows, label, view):
    """The log-probabilities of each column, without the padding."""
    tokens, sensitive, latent = rows
    blocks = network.decode(tokens, latent, sensitive, label, view)
    columns = [column for block in blocks for column in block]
    return [column[:, :size] for column, size in zip(columns, SIZES.cardinalities, strict=True)]


@pytest.mark.parametrize(('view', 'after'), [(RAW, 0), (REPAIRED, 0), (LATE, 1), (LAST, 3)])
def test_columns_follow_the_label_only_if_they_are_drawn_after_it(network, rows, view, after):
    first, second = (decoded(network, rows, label, view) for label in (RAW, RAW + 1))

    for column, (one, other) in enumerate(zip(first, second, strict=True)):
        change = (one - other).abs().amax(1)
        assert (change == 0).all() if column < after else (change > 1e-5).all()


def test_rows_of_one_batch_take_their_labels_where_their_views_want_them(network, rows):
    view, label = torch.tensor([0, 1, 2, 3, 2, 0]), torch.tensor([0, 1, 2, 0, 1, 2])

    together = decoded(network, rows, label, view)

    for row in range(6):
        alone = decoded(network, [part[row : row + 1] for part in rows], label[row : row + 1], view[row : row + 1])
        for one, other in zip(together, alone, strict=True):
            torch.testing.assert_close(one[row], other[0], atol=1e-5, rtol=1e-4)


def test_a_network_whose_labels_all_come_first_or_last_has_no_weights_for_later_ones():
    for inputs in (INPUTS[:2], (INPUTS[0], INPUTS[3])):
        assert FairVAE(Sizes(**{**SIZES.__dict__, 'views': inputs})).decoder.label is None
    assert FairVAE(SIZES).decoder.label.weight.shape == (3, 12)


@pytest.mark.parametrize('change', [{'classes': 0}, {'sensitive': 0}, {'cardinalities': []}, {'views': INPUTS[:1]}])
def test_parts_may_be_missing(change, rows):
    sizes = Sizes(**{**SIZES.__dict__, **change})
    tokens, sensitive, latent = rows
    tokens, sensitive = tokens[:, : len(sizes.cardinalities)], sensitive[:, : sizes.sensitive]
    if not sizes.cardinalities:
        sizes = replace(sizes, views=tuple(replace(view, columns=0) for view in sizes.views))
    teacher = FairVAE(sizes)

    mean, log_variance = teacher.encoder(tokens, sensitive)
    blocks = teacher.decode(tokens, latent, sensitive, RAW, RAW)
    label = teacher.heads(latent, sensitive, tokens, RAW)

    assert mean.shape == log_variance.shape == (6, sizes.latent)
    assert label.shape == (6, sizes.classes)
    assert len(blocks) == len(teacher.decoder.softmax.blocks)


def test_a_numeric_label_tells_the_columns_its_place():
    sizes = Sizes(**{**SIZES.__dict__, 'classes': 5, 'label_bins': 4})
    student, view = FairVAE(sizes), torch.zeros(5, dtype=torch.long)

    told = student.context(torch.zeros(5, 4), torch.zeros(5, 2), torch.arange(5), view)[:, 6 : -len(INPUTS)]

    torch.testing.assert_close(told, torch.cat([torch.eye(5), places(5, 4)], dim=1))


def test_the_encoder_may_be_narrower_than_the_decoder():
    wide, narrow = (FairVAE(replace(SIZES, encoder=width)) for width in (0, 5))

    def layers(network):
        return [tuple(part.weight.shape) for part in network.encoder.network if isinstance(part, torch.nn.Linear)]

    latent = 2 * SIZES.latent
    assert layers(narrow) == [(5, 5), (latent, 5)]
    assert layers(wide) == [(SIZES.features, SIZES.features), (latent, SIZES.features)]
    assert [one.shape for one in narrow.decoder.parameters()] == [one.shape for one in wide.decoder.parameters()]


class TestEncoder:
    def test_it_reads_every_column_and_the_sensitive_ones(self, rows):
        tokens, sensitive, _ = rows
        encoder = Encoder(SIZES.cardinalities, 2, latent=4, features=12).eval()
        mean = encoder(tokens, sensitive)[0]

        for column, cardinality in enumerate(SIZES.cardinalities):
            changed = tokens.clone()
            changed[:, column] = (changed[:, column] + 1) % cardinality
            assert (encoder(changed, sensitive)[0] - mean).abs().amax(1).min() > 1e-4
        assert (encoder(tokens, 1 - sensitive)[0] - mean).abs().amax(1).min() > 1e-4

    def test_variances_stay_finite(self, rows):
        tokens, sensitive, _ = rows
        encoder = Encoder(SIZES.cardinalities, 2, latent=4, features=12)
        for parameter in encoder.parameters():
            parameter.data *= 1e6

        log_variance = encoder(tokens, sensitive)[1]

        assert set(log_variance.unique().tolist()) <= {-8, 4}  # which of the two is the weights' chance
