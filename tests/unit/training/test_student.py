"""The student's stage: it learns from the teacher alone, and each of its losses does what it is there for."""

from dataclasses import replace
from itertools import islice

import pytest
import torch

from sdv_fairdistill.networks.fair_vae import Student
from sdv_fairdistill.training import student as student_stage
from sdv_fairdistill.training import teacher as teacher_stage
from sdv_fairdistill.training.pruning import prune
from sdv_fairdistill.training.student import StudentStage, distillation_batches, draw_from_teacher, train_student
from sdv_fairdistill.training.teacher import train_teacher

SMALLER = {'student_features': 6, 'student_hidden': 4, 'student_head': 4}
PARTS = {
    'Quality': 'quality_weight', 'Utility': 'utility_weight', 'Independence': 'student_independence_weight'
}  # fmt: skip


@pytest.fixture(scope='module')
def teacher(training_rows, sizes, small_config):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return train_teacher(training_rows, sizes, small_config, torch.Generator().manual_seed(0), False)[0]


def draw(teacher, rows, count, seed):
    """So many rows drawn from the latents of the training rows, each in its turn."""
    return draw_from_teacher(teacher, rows, torch.arange(count) % len(rows.tokens), torch.Generator().manual_seed(seed))


@pytest.fixture
def drawn(teacher, training_rows):
    return draw(teacher, training_rows, 500, seed=1)


@pytest.fixture
def stage(sizes, small_config):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        student = Student(sizes, components=4)
        for parameter in student.sampler.parameters():  # components that are alike would have no gradient apart
            torch.nn.init.normal_(parameter)
        return StudentStage(student, small_config)


def distil(teacher, rows, config, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return train_student(teacher, rows, config, torch.Generator().manual_seed(seed), seed, False)


@pytest.fixture(scope='module')
def judged(training_rows, sizes, small_config):
    """How far students are from their teacher: in their latents, their sampler, and what they decode.

    What the losses do is seen best in those that start at random. The teacher's KL term is weak, so that its latents
    say much about the rows and do not fill a standard normal.
    """
    config = replace(small_config, kl_weight=0.05, most_steps=200, student_steps=120)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        teacher, _ = train_teacher(training_rows, sizes, config, torch.Generator().manual_seed(0), False)
    rows = draw(teacher, training_rows, 2_000, seed=9)

    def judge(pruned=False, **changes):
        with pytest.MonkeyPatch.context() as patch:
            if not pruned:
                patch.setattr(student_stage, 'prune', lambda *_: None)
            student, _ = distil(teacher, training_rows, replace(config, **changes))
        with torch.no_grad():
            gap = student.encoder(rows.tokens, rows.sensitive)[0] - rows.encoded
            density = student.sampler.log_density(rows.latent, rows.group)
            return {
                'latents': gap.square().sum(1).mean().item(),
                'sampler': -density.mean().item(),
                'decoded': StudentStage(student, config)(rows)['Utility'].item(),
            }

    return {
        'full': judge(),
        'no quality': judge(quality_weight=0.0),
        'no utility': judge(utility_weight=0.0),
        'pruned': judge(pruned=True),
        'pruned, smaller': judge(pruned=True, **SMALLER),
        'pruned, smaller, not trained': judge(pruned=True, student_learning_rate=0.0, **SMALLER),
    }


class TestDrawnRows:
    def test_the_targets_are_the_teachers_probabilities_of_what_was_drawn(self, teacher, drawn):
        blocks = teacher.decode(drawn.tokens, drawn.latent, drawn.sensitive, drawn.label, drawn.view)

        label = teacher.heads(drawn.latent, drawn.sensitive, drawn.tokens, drawn.view)
        for target, block in zip(drawn.targets, [*blocks, label, label], strict=True):
            torch.testing.assert_close(target, block.exp().detach())

    def test_they_come_with_the_latents_as_which_the_teacher_encodes_them(self, teacher, drawn):
        with torch.no_grad():
            mean, _ = teacher.encoder(drawn.tokens, drawn.sensitive)

        torch.testing.assert_close(drawn.encoded, mean)
        assert not torch.equal(drawn.encoded, drawn.latent)

    def test_they_resemble_the_data(self, teacher, training_rows):
        drawn = draw(teacher, training_rows, 8_000, seed=0)

        for column in range(training_rows.tokens.shape[1]):
            own, real = (t[:, column].bincount(minlength=4) / len(t) for t in (drawn.tokens, training_rows.tokens))
            assert (own - real).abs().max() < 0.05
        assert (drawn.group.double().mean() - training_rows.group.double().mean()).abs() < 0.02
        assert drawn.view.double().mean().item() == pytest.approx(0.5, abs=0.02)

    def test_a_seed_repeats(self, teacher, training_rows):
        first, same, other = (draw(teacher, training_rows, 50, seed) for seed in (1, 1, 2))

        assert torch.equal(first.tokens, same.tokens)
        assert torch.equal(first.latent, same.latent)
        assert not torch.equal(first.latent, other.latent)

    def test_they_carry_no_graph(self, drawn):
        assert not any(part.requires_grad for part in [*drawn.targets, drawn.latent, drawn.encoded])

    def test_batches_come_for_ever_and_are_renewed(self, teacher, training_rows, small_config):
        config = replace(small_config, pool_batches=2, pool_passes=3, batch=32)
        source = distillation_batches(teacher, training_rows, config, torch.Generator().manual_seed(0))

        latents = [batch.latent for batch in islice(source, 7)]

        assert all(len(latent) == 32 for latent in latents)
        assert not any(torch.equal(latents[6], latent) for latent in latents[:6])

    def test_every_row_has_its_turn_before_any_comes_again(self, teacher, training_rows, small_config):
        config = replace(small_config, pool_batches=1, batch=len(training_rows.tokens))

        drawn = next(distillation_batches(teacher, training_rows, config, torch.Generator().manual_seed(0)))

        assert torch.equal(drawn.sensitive.sort(0).values, training_rows.sensitive.sort(0).values)
        assert torch.equal(drawn.group.bincount(), training_rows.group.bincount())


class TestLosses:
    def test_they_have_names_and_the_loss_is_their_weighted_sum(self, stage, drawn):
        losses = stage(drawn)

        assert set(losses) == {*PARTS, 'Loss'}
        weighted = sum(getattr(stage.config, weight) * losses[part] for part, weight in PARTS.items())
        torch.testing.assert_close(losses['Loss'], weighted)

    def test_it_compares_as_many_rows_as_it_may(self, stage, drawn, monkeypatch):
        compared = []
        monkeypatch.setattr(
            teacher_stage, 'distance_correlation', lambda *pair: compared.append([*map(len, pair)]) or pair[0].sum()
        )
        StudentStage(stage.student, replace(stage.config, independence_rows=20))(drawn)

        assert compared == [[20, 20]]

    def test_gradients_reach_every_parameter(self, stage, drawn):
        stage(drawn)['Loss'].backward()

        for name, weight in stage.student.named_parameters():
            assert weight.grad.abs().sum() > 0, name

    @pytest.mark.parametrize(
        ('part', 'reached'), [('Quality', {'encoder', 'sampler'}), ('Utility', {'encoder', 'decoder', 'heads'})]
    )
    def test_a_part_reaches_the_networks_that_it_is_about(self, stage, drawn, part, reached):
        stage(drawn)[part].backward()

        assert {
            name.split('.')[0]
            for name, weight in stage.student.named_parameters()
            if weight.grad is not None and weight.grad.abs().sum() > 0
        } == reached


class TestDistillation:
    def test_it_does_not_see_the_labels_of_the_data(self, teacher, training_rows, small_config):
        config = replace(small_config, student_steps=5)
        shuffled = replace(
            training_rows,
            labels=1 - training_rows.labels,
            probabilities=[p if p is None else p.flip(1) for p in training_rows.probabilities],
        )

        first, second = (distil(teacher, rows, config)[0] for rows in (training_rows, shuffled))

        for one, other in zip(first.parameters(), second.parameters(), strict=True):
            assert torch.equal(one, other)

    def test_the_teacher_stays_as_it_is(self, teacher, training_rows, small_config):
        before = [parameter.clone() for parameter in teacher.parameters()]

        distil(teacher, training_rows, replace(small_config, student_steps=5))

        assert all(torch.equal(a, b) for a, b in zip(before, teacher.parameters(), strict=True))

    def test_its_encoder_has_a_width_of_its_own(self, teacher, training_rows, small_config):
        config = replace(small_config, student_steps=1, student_encoder=7)
        student, _ = distil(teacher, training_rows, config)

        assert student.encoder.embedding.table.embedding_dim == 7
        assert student.decoder.context[2].out_features == config.student_features != 7

    @pytest.mark.parametrize(('rows', 'batches'), [(1, 1), (64, 2), (65, 3)])
    def test_it_starts_as_its_teacher_pruned_by_the_first_batches(
        self, teacher, training_rows, small_config, monkeypatch, rows, batches
    ):
        seen = []
        monkeypatch.setattr(student_stage, 'prune', lambda *given: prune(*given) or seen.append(given))
        monkeypatch.setattr(student_stage, 'train', lambda student, step, source, plan: list(islice(source, 4)))
        config = replace(small_config, batch=32, pruning_rows=rows)

        student, source = distil(teacher, training_rows, config)

        assert [(given[0] is teacher, given[1] is student) for given in seen] == [(True, True)]
        assert [id(batch) for batch in seen[0][2]] == [id(batch) for batch in source[:batches]]

    def test_the_history_names_every_part(self, teacher, training_rows, small_config):
        student, history = distil(teacher, training_rows, replace(small_config, student_steps=4))

        assert [set(losses) for losses in history] == [{*PARTS, 'Loss'}] * 4
        assert not student.training

    def test_the_student_decodes_nearly_what_the_teacher_does(self, judged):
        assert judged['full']['decoded'] < 0.1

    def test_the_quality_loss_brings_the_latents_to_the_teachers(self, judged):
        assert judged['full']['latents'] < 0.7 * judged['no quality']['latents']

    def test_the_quality_loss_fits_the_sampler(self, judged):
        assert judged['full']['sampler'] < judged['no quality']['sampler'] - 0.1

    def test_the_utility_loss_brings_what_is_decoded_to_the_teachers(self, judged):
        assert judged['full']['decoded'] < 0.2 * judged['no utility']['decoded']

    def test_a_pruned_start_ends_nearer_to_the_teacher(self, judged):
        assert judged['pruned']['decoded'] < judged['full']['decoded']
        assert judged['pruned']['latents'] < 0.1 * judged['full']['latents']

    def test_from_there_the_losses_go_on(self, judged):
        start, end = judged['pruned, smaller, not trained'], judged['pruned, smaller']

        assert start['decoded'] < 0.05 * judged['no utility']['decoded']
        assert end['decoded'] < 0.8 * start['decoded']
        assert end['sampler'] < start['sampler'] - 0.005
