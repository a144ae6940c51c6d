"""The teacher's stage: a fair VAE learns the raw and the repaired views together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sdv_fairdistill.helpers.products import fast_products
from sdv_fairdistill.losses.elbo import cross_entropy, gaussian_kl
from sdv_fairdistill.losses.independence import distance_correlation, standardised
from sdv_fairdistill.networks.fair_vae import RAW, FairVAE, Sizes
from sdv_fairdistill.networks.heads import LabelHead, LabelInputs
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.loop import Losses, Plan, batches, train
from sdv_fairdistill.training.tables import TrainingRows

__all__ = ['TeacherStage', 'independence', 'reparameterized', 'train_teacher']

LEAST_COMPARED = 8  # rows; between fewer a correlation is noise


class TeacherStage:
    """One step of the teacher: rows, views and labels in, losses out.

    Where the label of the raw view is drawn last, from the columns, nothing asks the latent for it. So a head of the
    latent and the sensitive features learns it as well; it is trained with the teacher and then left.

    Args:
        teacher: The network.
        rows: The training rows.
        config: Weights of the losses.
        generator: Draws views, labels and latents.
    """

    def __init__(self, teacher: FairVAE, rows: TrainingRows, config: FitConfig, generator: torch.Generator) -> None:
        self.teacher, self.rows, self.config, self.generator = teacher, rows, config, generator
        self.informed = _head_of_latents(teacher.sizes).to(rows.tokens.device) if teacher.positions[RAW] > 0 else None

    @property
    def trained(self) -> nn.ModuleList:
        """The networks that learn."""
        return nn.ModuleList([self.teacher] if self.informed is None else [self.teacher, self.informed])

    def __call__(self, batch: Tensor, progress: float) -> Losses:
        """Gives the losses of a batch of row numbers; the KL term gains its weight as the training goes on."""
        teacher, config = self.teacher, self.config
        tokens, sensitive = self.rows.tokens[batch], self.rows.sensitive[batch]
        view, label, soft = self.rows.draw_labels(batch, self.generator)
        mean, log_variance = teacher.encoder(tokens, sensitive)
        latent = reparameterized(mean, log_variance, self.generator)

        def missed(number: int, log_probabilities: Tensor) -> Tensor:
            return teacher.decoder.softmax.negative_log_likelihood(number, log_probabilities, tokens).mean()

        losses = {
            'Reconstruction': teacher.decoding_loss(tokens, latent, sensitive, label, view, missed),
            'KL': gaussian_kl(mean, log_variance).mean(),
            'Label': self._label_loss(latent, sensitive, tokens, view, soft),
            'Independence': independence(mean, sensitive, config.independence_rows),
        }
        losses['Loss'] = (
            losses['Reconstruction']
            + config.kl_weight * min(1.0, progress / config.kl_warm_up) * losses['KL']
            + config.label_weight * losses['Label']
            + config.independence_weight * losses['Independence']
        )
        return losses

    def _label_loss(self, latent: Tensor, sensitive: Tensor, tokens: Tensor, view: Tensor, soft: Tensor) -> Tensor:
        if not soft.shape[1]:
            return latent.new_zeros(())
        missed = cross_entropy(self.teacher.heads(latent, sensitive, tokens, view), soft)
        if self.informed is not None:
            known = self.informed(latent, sensitive, tokens).log_softmax(1)
            missed = missed + cross_entropy(known, soft) * (view == RAW)
        return missed.mean()


def _head_of_latents(sizes: Sizes) -> LabelHead:
    given = LabelInputs(latent=True, sensitive=True)
    shape = sizes.latent, sizes.sensitive, sizes.cardinalities, sizes.classes, sizes.head, sizes.bins, sizes.label_bins
    return LabelHead(given, *shape)


def reparameterized(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Draws latents ``(batch, latent)`` from their posteriors so that gradients pass (Kingma and Welling, 2014)."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + noise * (0.5 * log_variance).exp()


def independence(latent: Tensor, sensitive: Tensor, most: int) -> Tensor:
    """Gives the distance correlation of latents and sensitive features; 0 where there is nothing to compare.

    Args:
        latent: ``(batch, latent)``, rows in random order.
        sensitive: Sensitive features ``(batch, width)``.
        most: How many rows are compared at most.
    """
    latent, sensitive = latent[:most], sensitive[:most]
    if not sensitive.shape[1] or len(latent) < LEAST_COMPARED:
        return latent.new_zeros(())
    return distance_correlation(standardised(latent), sensitive)


def train_teacher(
    rows: TrainingRows, sizes: Sizes, config: FitConfig, generator: torch.Generator, verbose: bool
) -> tuple[FairVAE, list[dict]]:
    """Trains a teacher.

    Args:
        rows: The training rows.
        sizes: Sizes of the network.
        config: Numbers of the fit.
        generator: Draws everything random but the initial weights and dropout.
        verbose: Whether to show a progress bar.

    Returns:
        The teacher, and its losses a step.
    """
    count, device = len(rows.tokens), rows.tokens.device
    teacher = FairVAE(sizes).to(device)
    teacher.decoder.softmax.start_at(rows.token_counts(sizes.cardinalities))
    plan = Plan(
        'Teacher',
        config.steps_of(count),
        config.learning_rate,
        config.warm_up,
        config.clip_norm,
        config.weight_decay,
        verbose,
        {
            'smooth': config.weight_decay,
            **dict.fromkeys(('decoder.embeddings', 'decoder.softmax'), config.decoder_decay),
        },
    )
    stage = TeacherStage(teacher, rows, config, generator)
    with fast_products():
        return teacher, train(stage.trained, stage, batches(count, config.batch_of(count), generator, device), plan)
