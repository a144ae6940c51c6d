"""The teacher's stage: its losses, what they reach, and a latent that no longer tells the group."""

from dataclasses import replace

import pytest
import torch

from sdv_fairdistill.losses.independence import distance_correlation, standardised
from sdv_fairdistill.networks.fair_vae import FairVAE
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.training import teacher as module
from sdv_fairdistill.training.teacher import TeacherStage, independence, train_teacher

PARTS = {'Reconstruction': None, 'KL': 'kl_weight', 'Label': 'label_weight', 'Independence': 'independence_weight'}


@pytest.fixture
def stage(training_rows, sizes, small_config):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        teacher = FairVAE(sizes)
    return TeacherStage(teacher, training_rows, small_config, torch.Generator().manual_seed(0))


def test_the_losses_have_names_and_the_loss_is_their_weighted_sum(stage):
    losses = stage(torch.arange(200), 1.0)

    assert set(losses) == {*PARTS, 'Loss'}
    weighted = sum((getattr(stage.config, weight) if weight else 1) * losses[part] for part, weight in PARTS.items())
    torch.testing.assert_close(losses['Loss'], weighted)


@pytest.mark.parametrize(('progress', 'share'), [(0.05, 0.25), (0.2, 1), (0.9, 1)])
def test_the_kl_term_gains_its_weight_in_the_warm_up(stage, progress, share):
    stage.config = replace(stage.config, kl_weight=10.0, kl_warm_up=0.2, label_weight=0.0, independence_weight=0.0)

    losses = stage(torch.arange(200), progress)

    torch.testing.assert_close(losses['Loss'] - losses['Reconstruction'], share * 10 * losses['KL'])


def test_gradients_reach_every_parameter(stage):
    stage(torch.arange(400), 1.0)['Loss'].backward()

    untouched = [name for name, weight in stage.teacher.named_parameters() if not weight.grad.abs().sum() > 0]
    assert untouched == []


@pytest.mark.parametrize(
    ('part', 'reached'),
    [
        ('Reconstruction', {'encoder', 'decoder'}),
        ('KL', {'encoder'}),
        ('Label', {'encoder', 'heads'}),
        ('Independence', {'encoder'}),
    ],
)
def test_a_part_reaches_the_networks_that_it_is_about(stage, part, reached):
    stage(torch.arange(400), 1.0)[part].backward()

    assert {
        name.split('.')[0]
        for name, weight in stage.teacher.named_parameters()
        if weight.grad is not None and weight.grad.abs().sum() > 0
    } == reached


@pytest.fixture
def last(training_rows, sizes, small_config):
    """One whose raw label is drawn last."""
    reads = LabelInputs(latent=False, sensitive=True, columns=len(sizes.cardinalities), layers=2)
    return TeacherStage(
        FairVAE(replace(sizes, views=(reads, LabelInputs()))), training_rows, small_config, torch.Generator()
    )


class TestALabelThatIsDrawnLast:
    def test_the_latent_is_asked_for_it_all_the_same(self, last, training_rows):
        training_rows = replace(training_rows, probabilities=[None], labels=training_rows.labels[:1])  # the raw view
        last.rows = training_rows

        last(torch.arange(400), 1.0)['Label'].backward()

        assert any(weight.grad.abs().sum() > 0 for weight in last.teacher.encoder.parameters())
        assert all(weight.grad.abs().sum() > 0 for weight in last.informed.parameters())

    def test_but_not_for_that_of_a_notion(self, last):
        view = torch.arange(400) % 2
        latent, sensitive = torch.randn(400, last.config.latent), last.rows.sensitive[:400]
        soft = torch.eye(2)[last.rows.labels[0, :400]]
        loss = last._label_loss(latent, sensitive, last.rows.tokens[:400], view, soft)

        both = [last.teacher.heads(latent, sensitive, last.rows.tokens[:400], view)]
        both.append(last.informed(latent, sensitive, last.rows.tokens[:400]).log_softmax(1))
        parts = [-(soft * part).sum(1) for part in both]
        torch.testing.assert_close(loss, (parts[0] + parts[1] * (view == 0)).mean())

    def test_the_head_for_it_is_trained_and_then_left(self, last, stage):
        assert set(last.trained.parameters()) == {*last.teacher.parameters(), *last.informed.parameters()}
        assert list(stage.trained.parameters()) == list(stage.teacher.parameters())


def test_without_a_label_or_a_sensitive_column_their_parts_are_zero(training_rows, sizes, small_config):
    rows = replace(training_rows, sensitive=training_rows.sensitive[:, :0], probabilities=[None], classes=0)
    teacher = FairVAE(replace(sizes, sensitive=0, classes=0, views=sizes.views[:1]))

    losses = TeacherStage(teacher, rows, small_config, torch.Generator())(torch.arange(50), 1.0)

    assert losses['Label'] == losses['Independence'] == 0
    assert losses['Loss'] > 0


def test_a_batch_too_small_to_compare_has_no_dependence():
    points = torch.randn(7, 2)

    assert independence(points, points, 100) == 0
    assert independence(points.repeat(2, 1), points.repeat(2, 1), 100) > 0.5


def test_of_many_rows_the_first_are_compared():
    first, rest = torch.randn(20, 2), torch.randn(30, 2)
    one, other = torch.cat([first, rest]), torch.cat([first, torch.randn(30, 2)])

    assert independence(one, other, 20) == independence(first, first, 20)
    assert independence(one, other, 50) < independence(first, first, 20)


def test_a_step_compares_as_many_rows_as_it_may(training_rows, sizes, small_config, monkeypatch):
    compared = []
    monkeypatch.setattr(
        module, 'distance_correlation', lambda *pair: compared.append([*map(len, pair)]) or pair[0].sum()
    )
    stage = TeacherStage(FairVAE(sizes), training_rows, replace(small_config, independence_rows=20), torch.Generator())

    stage(torch.arange(50), 1.0)

    assert compared == [[20, 20]]


def test_the_history_names_every_part(training_rows, sizes, small_config):
    config = replace(small_config, most_steps=3)

    teacher, history = train_teacher(training_rows, sizes, config, torch.Generator().manual_seed(0), False)

    assert [set(losses) for losses in history] == [{*PARTS, 'Loss'}] * 3
    assert not teacher.training


def test_its_products_are_the_fast_ones(training_rows, sizes, small_config, monkeypatch):
    seen, step = set(), TeacherStage.__call__

    def noted(stage, *given):
        seen.add(torch.get_float32_matmul_precision())
        return step(stage, *given)

    monkeypatch.setattr(TeacherStage, '__call__', noted)
    before = torch.get_float32_matmul_precision()
    train_teacher(training_rows, sizes, replace(small_config, most_steps=3), torch.Generator(), False)

    assert seen == {'medium'}
    assert torch.get_float32_matmul_precision() == before != 'medium'


def test_the_decoder_starts_at_how_often_tokens_occur(training_rows, sizes, small_config):
    config = replace(small_config, most_steps=1, least_steps=1, learning_rate=0.0)

    teacher, _ = train_teacher(training_rows, sizes, config, torch.Generator().manual_seed(0), False)

    shares = training_rows.tokens[:, 0].bincount(minlength=sizes.cardinalities[0]) / len(training_rows.tokens)
    torch.testing.assert_close(teacher.decoder.softmax.biases[0][0, 0, : len(shares)].exp(), shares, rtol=0, atol=1e-3)


@pytest.mark.parametrize('seed', [0, 1])
def test_the_independence_term_takes_the_group_out_of_the_latent(training_rows, sizes, small_config, seed):
    @torch.no_grad()
    def dependence(weight):
        config = replace(small_config, independence_weight=weight, kl_weight=0.1, most_steps=150)
        with torch.enable_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            generator = torch.Generator().manual_seed(seed)
            teacher, _ = train_teacher(training_rows, sizes, config, generator, False)
        mean, _ = teacher.encoder(training_rows.tokens, training_rows.sensitive)
        return distance_correlation(standardised(mean), training_rows.sensitive).item()

    without, with_term = dependence(0.0), dependence(20.0)

    assert without > 0.05
    assert with_term < 0.25 * without
