"""AdamW in one cycle of the learning rate, with nothing around torch's own step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
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
class _Moments:
    """Running means of a parameter's gradients and of their squares, and the number of its steps."""

    parameter: nn.Parameter
    mean: Tensor = field(init=False)
    square: Tensor = field(init=False)
    steps: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.mean, self.square = torch.zeros_like(self.parameter), torch.zeros_like(self.parameter)
        self.steps = torch.zeros((), device=self.parameter.device)


class OneCycleAdamW:
    """AdamW (Loshchilov and Hutter, 2019) over a known number of steps.

    The step is torch's own fused one, as a function. The class around it, ``torch.optim.AdamW``, loads torch's compiler
    at the first use in a process, which took two seconds, a third of a small table's fit.

    Args:
        groups: The parameters, by the decay of their weights.
        steps: Number of steps.
        peak: Largest learning rate.
        warm_up: Share of the steps in which the rate rises, 0 to 1.
    """

    def __init__(self, groups: Mapping[float, Sequence[nn.Parameter]], steps: int, peak: float, warm_up: float) -> None:
        self.groups = {decay: [_Moments(parameter) for parameter in group] for decay, group in groups.items()}
        self.steps, self.peak, self.warm_up, self.done = steps, peak, warm_up, 0

    def zero_grad(self) -> None:
        """Forgets the gradients."""
        for group in self.groups.values():
            for moments in group:
                moments.parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Moves every parameter that has a gradient."""
        rate, momentum = one_cycle(self.done, self.steps, self.peak, self.warm_up)
        for decay, group in self.groups.items():
            moved = [moments for moments in group if moments.parameter.grad is not None]
            if moved:
                adamw(
                    [moments.parameter for moments in moved],
                    [moments.parameter.grad for moments in moved],
                    [moments.mean for moments in moved],
                    [moments.square for moments in moved],
                    [],
                    [moments.steps for moments in moved],
                    fused=True,
                    amsgrad=False,
                    beta1=momentum,
                    beta2=SQUARES,
                    lr=rate,
                    weight_decay=decay,
                    eps=TINY,
                    maximize=False,
                )
        self.done += 1
