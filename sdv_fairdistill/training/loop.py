"""A training loop that knows no model."""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from sdv_fairdistill.errors import TrainingError
from sdv_fairdistill.training.optimizer import OneCycleAdamW

__all__ = ['Plan', 'batches', 'train']

Losses = dict[str, Tensor]

CHECK = 25  # steps between looks at the losses: each look waits for a GPU
LOWER_RATE = 0.25  # of the learning rate, for a second try after a loss that is no number


@dataclass(frozen=True)
class Plan:
    """How to train: steps, peak learning rate, warm-up share, clipping norm, weight decay, and what the bar says.

    ``decays`` gives parameters whose names hold one of its keys, the first that they do, a decay of their own. Biases
    never decay.
    """

    title: str
    steps: int
    learning_rate: float
    warm_up: float
    clip_norm: float
    weight_decay: float
    verbose: bool
    decays: Mapping[str, float] = field(default_factory=dict)

    def decay_of(self, name: str) -> float:
        """Gives the decay of the parameter of that name."""
        if 'bias' in name:  # a decaying bias would make rare tokens, whose biases are far from zero, too frequent
            return 0.0
        return next((decay for part, decay in self.decays.items() if part in name), self.weight_decay)


def train(module: nn.Module, step: Callable[[Any, float], Losses], source: Iterator[Any], plan: Plan) -> list[dict]:
    """Minimises ``step(next(source), progress)['Loss']`` over a module's parameters, in one cycle of the learning rate.

    If the loss stops being a finite number, the training begins once more at a lower rate.

    Args:
        module: What is trained; left in evaluation mode.
        step: Gives the losses of a batch, ``'Loss'`` and its parts, at a share of the training between 0 and 1.
        source: Batches.
        plan: How to train.

    Returns:
        The losses of every step.

    Raises:
        TrainingError: If the loss is not a finite number at the lower rate either.
    """
    start = copy.deepcopy(module.state_dict())
    module.train()
    try:
        history = _run(module, step, source, plan)
    except TrainingError:
        module.load_state_dict(start)
        history = _run(module, step, source, replace(plan, learning_rate=plan.learning_rate * LOWER_RATE))
    module.eval()
    return history


def _run(module: nn.Module, step: Callable[[Any, float], Losses], source: Iterator[Any], plan: Plan) -> list[dict]:
    parameters = defaultdict(list)
    for name, parameter in module.named_parameters():
        parameters[plan.decay_of(name)].append(parameter)
    warm_up = min(max(plan.warm_up, 2 / plan.steps), 0.9)  # a warm-up of exactly one step would divide by zero
    optimizer = OneCycleAdamW(parameters, plan.steps, plan.learning_rate, warm_up, plan.clip_norm)
    names: list[str] = []
    history: list[Tensor] = []
    with tqdm(total=plan.steps, desc=plan.title, disable=not plan.verbose) as progress:
        for number in range(1, plan.steps + 1):
            losses = step(next(source), number / plan.steps)
            losses['Loss'].backward()
            optimizer.step()
            names = list(losses)
            history.append(torch.stack([value.detach() for value in losses.values()]))
            progress.update()
            if number % CHECK == 0 or number == plan.steps:
                recent = torch.stack(history[-CHECK:])[:, names.index('Loss')].tolist()
                _check(plan.title, recent, number - len(recent))
                progress.set_postfix(loss=f'{recent[-1]:.3f}', refresh=False)
    return [dict(zip(names, values, strict=True)) for values in torch.stack(history).tolist()]


def _check(title: str, losses: list[float], before: int) -> None:
    """Looks for losses that are no finite number among those of the last steps; so many steps came before them."""
    bad = next((number for number, loss in enumerate(losses, start=1) if not math.isfinite(loss)), None)
    if bad is not None:
        raise TrainingError(
            f"The {title.lower()}'s loss became {losses[bad - 1]} at step {before + bad}, at a lower learning rate too."
            ' Look for extreme values in the data, or fit again with another seed.'
        )


def batches(rows: int, size: int, generator: torch.Generator, device: torch.device) -> Iterator[Tensor]:
    """Gives batches of row numbers for ever: every row once before any comes again, each time in a new order."""
    order = torch.empty(0, dtype=torch.long, device=device)
    while True:
        while len(order) < size:
            order = torch.cat([order, torch.randperm(rows, generator=generator, device=generator.device).to(device)])
        yield order[:size]
        order = order[size:]
