"""What is kept of the notions that change labels of drawn rows: one network of scores, and how labels follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.helpers.threads import in_threads
from sdv_fairdistill.networks.repairer import Repairer
from sdv_fairdistill.sampling.repair import LabelChange

__all__ = ['OWN', 'Repair', 'RepairSizes', 'Repairs']

OWN = 0  # number of the head that scores labels as they are drawn
CHUNK = 8_192  # rows scored at once


@dataclass(frozen=True)
class RepairSizes:
    """Sizes of a :class:`Repairer`, in the order of its arguments."""

    cardinalities: list[int]
    sensitive: int
    outputs: int
    reads_sensitive: tuple[bool, ...]
    features: int
    hidden: int
    bins: tuple[int, ...] = ()  # files that were saved before there were any have none

    def build(self) -> Repairer:
        """Makes the network, untrained."""
        return Repairer(
            self.cardinalities,
            self.sensitive,
            self.outputs,
            self.reads_sensitive,
            self.features,
            self.hidden,
            self.bins,
        )


@dataclass(frozen=True)
class Repair:
    """The change that one notion makes.

    Attributes:
        network: Scores rows.
        head: Number of the head of the repaired score.
        how: How labels follow the scores.
    """

    network: Repairer
    head: int
    how: LabelChange

    @torch.no_grad()
    def scores(self, tokens: Tensor, sensitive: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Gives the own and the repaired score ``(rows, outputs)``, float64, of rows.

        Args:
            tokens: Drawn columns ``(rows, columns)``.
            sensitive: Sensitive features ``(rows, width)``.
        """

        def both(rows: Tensor, features: Tensor) -> list[Tensor]:
            return [scored(output) for output in self.network(rows, features, (OWN, self.head))]

        parts = in_threads(both, tokens.split(CHUNK), sensitive.split(CHUNK))
        own, repaired = (torch.cat(part).cpu().numpy() for part in zip(*parts, strict=True))
        return own, repaired


def scored(output: Tensor) -> Tensor:
    """Gives scores, float64, of what a head gives: probabilities of logits, or an expected rank as it is."""
    return output.double().softmax(1) if output.shape[1] > 1 else output.double()


class Repairs:
    """The changes of all notions of a fit.

    Args:
        network: Scores rows, trained.
        sizes: Its sizes.
        heads: For each notion the number of its head.
        changes: For each notion how labels follow its score.
    """

    def __init__(
        self, network: Repairer, sizes: RepairSizes, heads: dict[str, int], changes: dict[str, LabelChange]
    ) -> None:
        self.network, self.sizes, self.heads, self.changes = network, sizes, heads, changes

    def of(self, notion: str) -> Repair:
        """Gives the change that a notion makes."""
        return Repair(self.network, self.heads[notion], self.changes[notion])

    def state(self) -> dict[str, Any]:
        """Gives what is saved: the network as numbers on the CPU."""
        weights = {name: value.cpu().numpy() for name, value in self.network.state_dict().items()}
        return {'weights': weights, 'sizes': self.sizes, 'heads': self.heads, 'changes': self.changes}

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> Repairs:
        """Makes them again of what was saved, on the CPU; initial weights are drawn from torch's global generator."""
        network = state['sizes'].build()
        network.load_state_dict({name: torch.from_numpy(value) for name, value in state['weights'].items()})
        return cls(network.eval(), state['sizes'], state['heads'], state['changes'])
