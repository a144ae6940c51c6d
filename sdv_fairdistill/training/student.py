"""The student's stage: the teacher is distilled, in the latent space, from rows that it draws itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

import torch
from torch import Tensor

from sdv_fairdistill.helpers.threads import in_threads
from sdv_fairdistill.losses.distillation import cross_entropy_of, entropy_of, latent_quality, utility
from sdv_fairdistill.networks.fair_vae import FairVAE, Student
from sdv_fairdistill.sampling.classes import draw_class
from sdv_fairdistill.sampling.generators import several
from sdv_fairdistill.sampling.walk import Starts, walk_to_the_end
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.loop import Losses, Plan, batches, train
from sdv_fairdistill.training.mixture import fit_mixture
from sdv_fairdistill.training.pruning import prune
from sdv_fairdistill.training.tables import DrawnRows, TrainingRows
from sdv_fairdistill.training.teacher import independence, reparameterized

__all__ = ['StudentStage', 'distillation_batches', 'draw_from_teacher', 'draw_latents', 'train_student']


@torch.no_grad()
def draw_latents(teacher: FairVAE, rows: TrainingRows, row: Tensor, generator: torch.Generator) -> Tensor:
    """Draws a latent from the teacher's posterior of each of some rows.

    Args:
        teacher: The trained teacher.
        rows: The training rows.
        row: Numbers of the rows ``(count,)``.
        generator: Draws the latents.

    Returns:
        Latents ``(count, latent)``.
    """
    return reparameterized(*teacher.encoder(rows.tokens[row], rows.sensitive[row]), generator)


@torch.no_grad()
def draw_from_teacher(teacher: FairVAE, rows: TrainingRows, row: Tensor, generator: torch.Generator) -> DrawnRows:
    """Draws rows from the teacher: latents from its posterior, labels from its heads, columns from its decoder.

    Args:
        teacher: The trained teacher.
        rows: The training rows.
        row: Numbers of the rows whose sensitive values and latents are used ``(count,)``.
        generator: Draws everything.
    """
    latent, sensitive, group = draw_latents(teacher, rows, row, generator), rows.sensitive[row], rows.group[row]
    view = torch.randint(rows.views, (len(row),), generator=generator, device=row.device)
    label = torch.zeros_like(view)
    if rows.classes:
        label = draw_class(teacher.heads(latent, sensitive, rows.tokens[row], view).exp(), generator)
        label = label * (teacher.positions[view] == 0)  # the others are drawn on the way
    walk = walk_to_the_end(teacher, Starts(sensitive, view, group, latent, label), generator, even=False, keep=True)
    encoded = teacher.encoder(walk.tokens, sensitive)[0]
    label_target = teacher.heads(latent, sensitive, walk.tokens, view).exp()
    targets = [*teacher.decoder.softmax.in_blocks(walk.probabilities), label_target, label_target]
    return DrawnRows(walk.tokens, sensitive, group, view, latent, encoded, walk.label, targets, entropy_of(targets))


def distillation_batches(
    teacher: FairVAE, rows: TrainingRows, config: FitConfig, generator: torch.Generator
) -> Iterator[DrawnRows]:
    """Gives batches of rows that the teacher draws, for ever; each is given a few times before new ones are drawn.

    Args:
        teacher: The trained teacher.
        rows: The training rows.
        config: Sizes of batch and pool.
        generator: Draws everything.
    """
    pool_batches = config.pool_of(sum(teacher.sizes.cardinalities))
    numbers = batches(len(rows.tokens), config.batch, generator, rows.tokens.device)
    while True:
        chosen, chances = list(islice(numbers, pool_batches)), several(generator, pool_batches)
        pool = in_threads(lambda row, chance: draw_from_teacher(teacher, rows, row, chance), chosen, chances)
        for _ in range(config.pool_passes):
            yield from pool


class StudentStage:
    """One step of the student: rows drawn from the teacher in, quality and utility losses out.

    Args:
        student: The network that learns.
        config: Weights of the losses.
    """

    def __init__(self, student: Student, config: FitConfig) -> None:
        self.student, self.config = student, config

    def __call__(self, rows: DrawnRows) -> Losses:
        """Gives the losses of a batch of drawn rows."""
        student, config = self.student, self.config
        own_latent = student.encoder(rows.tokens, rows.sensitive)[0]
        log_density = student.sampler.log_density(rows.latent, rows.group)
        losses = {
            'Quality': latent_quality(own_latent, rows.encoded, log_density),
            'Utility': self._utility(rows, own_latent),
            'Independence': independence(own_latent, rows.sensitive, config.independence_rows),
        }
        losses['Loss'] = (
            config.quality_weight * losses['Quality']
            + config.utility_weight * losses['Utility']
            + config.student_independence_weight * losses['Independence']
        )
        return losses

    def _utility(self, rows: DrawnRows, own_latent: Tensor) -> Tensor:
        """Compares what is decoded: columns and label from the teacher's latents, the label from the student's too."""
        student = self.student

        def missed(number: int, log_probabilities: Tensor) -> Tensor:
            return cross_entropy_of(rows.targets[number], log_probabilities)

        columns = student.decoding_loss(rows.tokens, rows.latent, rows.sensitive, rows.label, rows.view, missed)
        given = [student.heads(latent, rows.sensitive, rows.tokens, rows.view) for latent in (rows.latent, own_latent)]
        return columns + utility(rows.targets[-len(given) :], rows.entropy, given)


def train_student(
    teacher: FairVAE, rows: TrainingRows, config: FitConfig, generator: torch.Generator, seed: int, verbose: bool
) -> tuple[Student, list[dict]]:
    """Distils a teacher into a student.

    Args:
        teacher: The trained teacher.
        rows: The training rows; the teacher's latents of them and their sensitive values are used.
        config: Numbers of the fit.
        generator: Draws everything random but the initial weights.
        seed: Seed of the mixture's start.
        verbose: Whether to show a progress bar.

    Returns:
        The student, and its losses a step.
    """
    sizes = replace(
        teacher.sizes,
        features=config.student_features,
        hidden=config.student_hidden,
        head=config.student_head,
        dropout=0.0,
        encoder=config.student_encoder,
    )
    student = Student(sizes, config.components_of(len(rows.tokens))).to(rows.tokens.device)
    source = distillation_batches(teacher, rows, config, generator)
    first = list(islice(source, -(-config.pruning_rows // config.batch)))
    prune(teacher, student, first)
    if config.quality_weight > 0:
        row = next(batches(len(rows.tokens), config.mixture_rows, generator, rows.tokens.device))
        fit_mixture(student.sampler, draw_latents(teacher, rows, row, generator), rows.group[row], seed)
    plan = Plan(
        'Student', config.student_steps, config.student_learning_rate, config.warm_up, config.clip_norm, 0.0, verbose
    )
    stage = StudentStage(student, config)
    return student, train(student, lambda drawn, _: stage(drawn), chain(first, source), plan)
