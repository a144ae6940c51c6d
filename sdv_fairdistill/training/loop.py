"""A training loop that knows no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from sdv_fairdistill.errors import TrainingError

__all__ = ['Plan', 'batches', 'train']

Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Plan:
    """How to train: steps, peak learning rate, warm-up share, clipping norm, weight decay, and what the bar says."""

    title: str
    steps: int
    learning_rate: float
    warm_up: float
    clip_norm: float
    weight_decay: float
    verbose: bool


def train(module: nn.Module, step: Callable[[Any], Losses], source: Iterator[Any], plan: Plan) -> list[dict]:
    """Minimises ``step(next(source))['Loss']`` over a module's parameters, with one cycle of the learning rate.

    Args:
        module: What is trained; left in evaluation mode.
        step: Gives the losses of a batch, ``'Loss'`` and its parts.
        source: Batches.
        plan: How to train.

    Returns:
        The losses of every step.

    Raises:
        TrainingError: If the loss is not a finite number.
    """
    optimizer = torch.optim.AdamW(
        module.parameters(), lr=plan.learning_rate, betas=(0.9, 0.99), weight_decay=plan.weight_decay, fused=True
    )
    warm_up = min(max(plan.warm_up, 2 / plan.steps), 0.9)  # a warm-up of exactly one step divides by zero in torch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.learning_rate, total_steps=plan.steps, pct_start=warm_up
    )
    history = []
    module.train()
    with tqdm(total=plan.steps, desc=plan.title, disable=not plan.verbose) as progress:
        for number in range(plan.steps):
            losses = step(next(source))
            optimizer.zero_grad(set_to_none=True)
            losses['Loss'].backward()
            nn.utils.clip_grad_norm_(module.parameters(), plan.clip_norm)
            optimizer.step()
            schedule.step()
            history.append({name: float(value.detach()) for name, value in losses.items()})
            if not np.isfinite(history[-1]['Loss']):
                raise TrainingError(
                    f"The {plan.title.lower()}'s loss became {history[-1]['Loss']} at step {number + 1}."
                    ' Look for extreme values in the data, or fit again with another seed.'
                )
            progress.set_postfix(loss=f'{history[-1]["Loss"]:.3f}', refresh=False)
            progress.update()
    module.eval()
    return history


def batches(rows: int, size: int, generator: torch.Generator, device: torch.device) -> Iterator[Tensor]:
    """Gives batches of row numbers for ever: each pass in a new order, a last short batch left out."""
    while True:
        order = torch.randperm(rows, generator=generator, device=generator.device).to(device)
        yield from order[: rows - rows % size].split(size)
