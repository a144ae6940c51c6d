"""Teacher and student: an encoder, label heads and a decoder around one latent; the student adds a latent sampler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from sdv_fairdistill.networks.decoder import Decoder
from sdv_fairdistill.networks.encoder import Encoder
from sdv_fairdistill.networks.heads import LabelHeads, LabelInputs
from sdv_fairdistill.networks.links import Link
from sdv_fairdistill.networks.mixture import LatentMixture
from sdv_fairdistill.networks.places import FUNCTIONS, places

__all__ = ['RAW', 'FairVAE', 'Sizes', 'Student']

RAW = 0  # number of the raw view


@dataclass(frozen=True)
class Sizes:
    """Sizes of the inputs and layers of a :class:`FairVAE`, and what its decoder is given.

    Attributes:
        cardinalities: Number of tokens of each drawn column.
        sensitive: Number of sensitive features.
        classes: Number of classes of the label, 0 without a target.
        views: What the label of each view may read, the raw view first.
        groups: Number of groups.
        latent: Size of the latent.
        features: Size of the decoder's running sum.
        hidden: Size of a column's own hidden layer.
        head: Size of a label head's hidden layer.
        dropout: Share of hidden features hidden in training.
        links: What single drawn columns say about later ones.
        bins: How many tokens of each drawn column, the first ones, are in order; none of any if empty.
        label_bins: How many of the label's classes, the first ones, are in order: 0 unless it is a number or date.
        encoder: Size of the encoder's layers; 0 for that of the running sum, as in files of before.
        block: Columns whose logits are computed in one product at most; 0 for any number, as in files of before.
    """

    cardinalities: list[int]
    sensitive: int
    classes: int
    views: tuple[LabelInputs, ...]
    groups: int
    latent: int
    features: int
    hidden: int
    head: int
    dropout: float = 0.0
    links: tuple[Link, ...] = ()
    bins: tuple[int, ...] = ()
    label_bins: int = 0
    encoder: int = 0
    block: int = 0


class FairVAE(nn.Module):
    """The teacher: a variational autoencoder whose latent is trained to be independent of the sensitive columns.

    After Sikder et al., arXiv 2408.10755, with an autoregressive decoder and label views.

    Args:
        sizes: Sizes of inputs and layers.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(
            sizes.cardinalities,
            sizes.sensitive,
            sizes.latent,
            sizes.encoder or sizes.features,
            sizes.dropout,
            sizes.bins,
        )
        label_places = places(sizes.classes, sizes.label_bins)[:, : FUNCTIONS if sizes.label_bins else 0]
        self.register_buffer('label_places', label_places, persistent=False)
        context = sizes.latent + sizes.sensitive + sizes.classes + label_places.shape[1] + len(sizes.views)
        positions = [view.columns for view in sizes.views]
        self.register_buffer('positions', torch.tensor(positions), persistent=False)
        self.late = sorted({position for position in positions if position > 0}) if sizes.classes else []
        self.decoder = Decoder(
            sizes.cardinalities,
            context,
            sizes.features,
            sizes.hidden,
            sizes.dropout,
            sizes.classes if any(position < len(sizes.cardinalities) for position in self.late) else 0,
            sizes.links,
            sizes.bins,
            sizes.block,
        )
        self.heads = LabelHeads(
            sizes.views,
            sizes.latent,
            sizes.sensitive,
            sizes.cardinalities,
            sizes.classes,
            sizes.head,
            sizes.bins,
            sizes.label_bins,
        )

    def context(self, latent: Tensor, sensitive: Tensor, label: Tensor, view: Tensor) -> Tensor:
        """Gives what the decoder conditions on from the start, ``(batch, context)``.

        That is the latent, the sensitive features, the view and, in the views that draw it first, the label: its class
        and, of a number, smooth functions of its place.
        """
        first = (self.positions[view] == 0)[:, None]
        told = [self._one_hot(label, self.sizes.classes)]
        if self.sizes.label_bins:
            told.append(self.label_places[label])
        told = [part * first for part in told]
        return torch.cat([latent, sensitive, *told, self._one_hot(view, len(self.sizes.views))], dim=1)

    def decode(self, tokens: Tensor, latent: Tensor, sensitive: Tensor, label: Tensor, view: Tensor) -> list[Tensor]:
        """Gives the log-probabilities of every column given its predecessors; see :meth:`Decoder.forward`."""
        return self.decoder(tokens, self.context(latent, sensitive, label, view), label, self._joins(view))

    def decoding_loss(
        self,
        tokens: Tensor,
        latent: Tensor,
        sensitive: Tensor,
        label: Tensor,
        view: Tensor,
        loss_of: Callable[[int, Tensor], Tensor],
    ) -> Tensor:
        """Gives a loss of these log-probabilities, a scalar; see :meth:`Decoder.loss`."""
        context = self.context(latent, sensitive, label, view)
        return self.decoder.loss(tokens, context, label, self._joins(view), loss_of)

    def running(
        self, tokens: Tensor, latent: Tensor, sensitive: Tensor, label: Tensor, view: Tensor
    ) -> Iterator[Tensor]:
        """Gives the decoder's running sum before every column; see :meth:`Decoder.running`."""
        return self.decoder.running(tokens, self.context(latent, sensitive, label, view), label, self._joins(view))

    def _joins(self, view: Tensor) -> dict[int, Tensor]:
        """Gives by number of a column the rows whose label is drawn before it, booleans ``(batch,)``."""
        position = self.positions[view]
        return {column: position == column for column in self.late}

    @staticmethod
    def _one_hot(values: Tensor, classes: int) -> Tensor:
        if classes == 0:
            return torch.zeros(len(values), 0, device=values.device)
        return one_hot(values, classes).float()


class Student(FairVAE):
    """The student: a small :class:`FairVAE` with a latent sampler; all that is kept after a fit.

    Args:
        sizes: Sizes of inputs and layers.
        components: Number of Gaussians of the latent sampler.
    """

    def __init__(self, sizes: Sizes, components: int) -> None:
        super().__init__(sizes)
        self.sampler = LatentMixture(components, sizes.latent, len(sizes.views), sizes.groups)
