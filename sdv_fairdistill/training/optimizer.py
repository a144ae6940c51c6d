"""AdamW in one cycle of the learning rate, with nothing around torch's own step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim.adamw import adamw

__all__ = ['OneCycleAdamW', 'one_cycle']

START, END = 25.0, 1e4  # the rate begins at the peak over the first, and ends at that over the second
LEAST_MOMENTUM, MOST_MOMENTUM = 0.85, 0.95  # the momentum is least where the rate is at its peak
SQUARES = 0.99  # decay of the mean of squared gradients
TINY = 1e-8


def one_cycle(step: int, steps: int, peak: float, warm_up: float) -> tuple[float, float]:
    """Gives the learning rate and the momentum of a step: half a cosine up, half a cosine down (Smith, 2018).

    They are those of ``torch.optim.lr_scheduler.OneCycleLR``.

    Args:
        step: Number of the step, from 0.
        steps: Number of steps.
        peak: Largest learning rate.
        warm_up: Share of the steps in which the rate rises, 0 to 1.

    Example:
        >>> [round(one_cycle(step, 11, 1.0, 0.5)[0], 2) for step in (0, 4, 5, 10)]
        [0.04, 0.97, 0.98, 0.0]
    """
    top, last = warm_up * steps - 1, steps - 1
    start, end = peak / START, peak / START / END
    if step <= top:
        part = step / top
        return _between(start, peak, part), _between(MOST_MOMENTUM, LEAST_MOMENTUM, part)
    part = (step - top) / (last - top)
    return _between(peak, end, part), _between(LEAST_MOMENTUM, MOST_MOMENTUM, part)


def _between(first: float, last: float, part: float) -> float:
    return last + (first - last) / 2 * (1 + math.cos(math.pi * part))


@dataclass
class _Group:
    """Parameters with one decay, all numbers of theirs in one vector, with running means of gradients and squares."""

    decay: float
    parameters: Sequence[nn.Parameter]
    numbers: Tensor = field(init=False)
    mean: Tensor = field(init=False)
    square: Tensor = field(init=False)
    steps: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = parameters_to_vector(self.parameters).detach()
        vector_to_parameters(self.numbers, self.parameters)  # each becomes a part of the vector, and moves with it
        self.mean, self.square = torch.zeros_like(self.numbers), torch.zeros_like(self.numbers)
        self.steps = torch.zeros((), device=self.numbers.device)

    def gather(self) -> Tensor:
        """Gives the vector, with the gradients of its parts as its own; the parts forget theirs."""
        gradients = [torch.zeros_like(part) if part.grad is None else part.grad for part in self.parameters]
        self.numbers.grad = parameters_to_vector(gradients)
        for part in self.parameters:
            part.grad = None
        return self.numbers


class OneCycleAdamW:
    """AdamW (Loshchilov and Hutter, 2019) over a known number of steps, gradients clipped.

    The step is torch's own fused one, as a function. The class around it, ``torch.optim.AdamW``, loads torch's compiler
    at the first use in a process, which took two seconds, a third of a small table's fit. All parameters of one decay
    become parts of one vector, which is clipped and moved as a whole: tensor by tensor a step of Adult's teacher took a
    twelfth longer.

    Args:
        groups: The parameters, by the decay of their weights. One that never has a gradient is left as it is.
        steps: Number of steps.
        peak: Largest learning rate.
        warm_up: Share of the steps in which the rate rises, 0 to 1.
        clip_norm: Norm of all gradients together beyond which they are made smaller.
    """

    def __init__(
        self,
        groups: Mapping[float, Sequence[nn.Parameter]],
        steps: int,
        peak: float,
        warm_up: float,
        clip_norm: float = math.inf,
    ) -> None:
        self.waiting = {decay: list(group) for decay, group in groups.items()}  # for a gradient
        self.groups: list[_Group] = []
        self.steps, self.peak, self.warm_up, self.clip_norm, self.done = steps, peak, warm_up, clip_norm, 0

    @torch.no_grad()
    def step(self) -> None:
        """Moves every parameter along its gradient, and forgets the gradients."""
        self._take_up()
        rate, momentum = one_cycle(self.done, self.steps, self.peak, self.warm_up)
        nn.utils.clip_grad_norm_([group.gather() for group in self.groups], self.clip_norm)
        for group in self.groups:
            adamw(
                [group.numbers],
                [group.numbers.grad],
                [group.mean],
                [group.square],
                [],
                [group.steps],
                fused=True,
                amsgrad=False,
                beta1=momentum,
                beta2=SQUARES,
                lr=rate,
                weight_decay=group.decay,
                eps=TINY,
                maximize=False,
            )
        self.done += 1

    def _take_up(self) -> None:
        """Makes groups of parameters that have a gradient for the first time."""
        for decay, waiting in self.waiting.items():
            found = [parameter for parameter in waiting if parameter.grad is not None]
            if found:
                self.groups.append(_Group(decay, found))
                self.waiting[decay] = [parameter for parameter in waiting if parameter.grad is None]
