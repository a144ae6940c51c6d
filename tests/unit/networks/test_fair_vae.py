"""Teacher and student as a whole: what reaches what."""

import pytest
import torch
from torch.autograd.functional import jacobian

from sdv_fairdistill.networks.encoder import Encoder
from sdv_fairdistill.networks.fair_vae import FairVAE, Sizes, Student

SIZES = Sizes(
    cardinalities=[2, 3, 7], sensitive=2, classes=3, views=2, groups=2, latent=4, features=12, hidden=6, head=5
)
RAW, REPAIRED = torch.zeros(6, dtype=torch.long), torch.ones(6, dtype=torch.long)


@pytest.fixture(params=[FairVAE, lambda sizes: Student(sizes, components=4)], ids=['teacher', 'student'])
def network(request):
    network = request.param(SIZES)
    generator = torch.Generator().manual_seed(0)
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
    _, sensitive, latent = rows

    repaired, raw = (jacobian(lambda s, v=v: network.heads(latent, s, v), sensitive).abs() for v in (REPAIRED, RAW))

    assert repaired.max() == 0
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
        return student.heads(student.sampler.place(component, normal), torch.eye(2)[[group] * 6], view)

    assert torch.equal(label_of(0, REPAIRED), label_of(1, REPAIRED))
    assert not torch.equal(label_of(0, RAW), label_of(1, RAW))


def test_columns_may_follow_the_latent_the_group_the_label_and_the_view(network, rows):
    tokens, sensitive, latent = rows

    def decoded(latent=latent, sensitive=sensitive, label=RAW, view=RAW):
        return network.decoder(tokens, network.context(latent, sensitive, label, view))[-1]

    for changed in ({'latent': latent + 1}, {'sensitive': 1 - sensitive}, {'label': RAW + 1}, {'view': REPAIRED}):
        assert (decoded() - decoded(**changed)).abs().nan_to_num().max() > 1e-3


def test_the_context_by_hand(network):
    context = network.context(
        torch.tensor([[1.0, 2, 3, 4]]), torch.tensor([[5.0, 6]]), torch.tensor([2]), torch.tensor([1])
    )

    assert context.tolist() == [[1, 2, 3, 4, 5, 6, 0, 0, 1, 0, 1]]


@pytest.mark.parametrize('change', [{'classes': 0}, {'sensitive': 0}, {'cardinalities': []}, {'views': 1}])
def test_parts_may_be_missing(change, rows):
    sizes = Sizes(**{**SIZES.__dict__, **change})
    tokens, sensitive, latent = rows
    tokens, sensitive = tokens[:, : len(sizes.cardinalities)], sensitive[:, : sizes.sensitive]
    teacher = FairVAE(sizes)

    mean, log_variance = teacher.encoder(tokens, sensitive)
    blocks = teacher.decoder(tokens, teacher.context(latent, sensitive, RAW, RAW))
    label = teacher.heads(latent, sensitive, RAW)

    assert mean.shape == log_variance.shape == (6, sizes.latent)
    assert label.shape == (6, sizes.classes)
    assert len(blocks) == len(teacher.decoder.softmax.blocks)


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

        assert log_variance.min() == -8
        assert log_variance.max() == 4
