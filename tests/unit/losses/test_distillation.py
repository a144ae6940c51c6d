"""The student's two losses: zero where the student is the teacher, else the divergence that they claim to be."""

import pytest
import torch
from torch.distributions import Categorical, kl_divergence

from sdv_fairdistill.losses.distillation import entropy_of, latent_quality, utility

CARDINALITIES = [2, 4, 3]
BATCH = 5


def decoded(seed, scale=1.0):
    """What a decoder gives: one block of three padded columns, then the label."""
    generator = torch.Generator().manual_seed(seed)
    columns = scale * torch.randn(3, BATCH, 4, generator=generator)
    for column, cardinality in enumerate(CARDINALITIES):
        columns[column, :, cardinality:] = -1e4  # as the networks pad
    label = scale * torch.randn(BATCH, 2, generator=generator)
    return [columns.requires_grad_(), label.requires_grad_()]


def divergence(teacher, student):
    """The utility loss of logits."""
    wanted = [part.softmax(-1) for part in teacher]
    return utility(wanted, entropy_of(wanted), [part.log_softmax(-1) for part in student])


class TestUtility:
    def test_it_is_the_divergence_of_what_is_decoded(self):
        teacher, student = decoded(0), decoded(1)

        expected = sum(
            kl_divergence(
                Categorical(logits=teacher[0][column, :, :cardinality]),
                Categorical(logits=student[0][column, :, :cardinality]),
            ).mean()
            for column, cardinality in enumerate(CARDINALITIES)
        )
        expected += kl_divergence(Categorical(logits=teacher[1]), Categorical(logits=student[1])).mean()

        torch.testing.assert_close(divergence(teacher, student), expected)

    def test_it_is_zero_for_the_teacher_itself(self):
        assert divergence(decoded(0), decoded(0)).item() == pytest.approx(0, abs=1e-5)

    @pytest.mark.parametrize('part', [0, 1])
    def test_it_is_positive_if_any_part_differs(self, part):
        student = decoded(0)
        student[part] = decoded(1)[part]

        assert divergence(decoded(0), student).item() > 0.01

    def test_it_is_not_symmetric(self):
        certain, torn = [torch.tensor([[50.0, 0.0]])], [torch.tensor([[0.0, 0.0]])]

        assert float(divergence(certain, torn)) == pytest.approx(0.6931, abs=1e-3)
        assert float(divergence(torn, certain)) > 20

    def test_padding_leaves_gradients_finite(self):
        student = decoded(1)

        divergence(decoded(0), student).backward()

        for column, cardinality in enumerate(CARDINALITIES):
            assert torch.isfinite(student[0].grad[column]).all()
            assert (student[0].grad[column, :, cardinality:] == 0).all()
            assert (student[0].grad[column, :, :cardinality] != 0).all()

    def test_its_gradient_is_the_gap_between_the_probabilities(self):
        teacher, student = decoded(0), decoded(1)

        divergence(teacher, student).backward()

        torch.testing.assert_close(student[1].grad, (student[1].softmax(1) - teacher[1].softmax(1)).detach() / BATCH)


class TestLatentQuality:
    def test_by_hand(self):
        student, teacher = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[1.0, 0.0], [3.0, 0.0]])

        assert float(latent_quality(student, teacher, torch.tensor([-1.0, -3.0]))) == pytest.approx((4 + 9) / 2 + 2)

    def test_it_is_least_where_the_latents_agree_and_the_sampler_is_right(self):
        latent = torch.randn(4000, 2, generator=torch.Generator().manual_seed(0))

        def loss(shift, scale):
            density = torch.distributions.Normal(0.0, scale).log_prob(latent).sum(1)
            return float(latent_quality(latent + shift, latent, density))

        assert loss(0, 1) < min(loss(0.2, 1), loss(-0.2, 1), loss(0, 0.8), loss(0, 1.25))
