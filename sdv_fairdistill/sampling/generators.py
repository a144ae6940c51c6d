"""The random generators of a sampling session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

__all__ = ['Generators', 'several']


@dataclass
class Generators:
    """One generator for numpy, one for torch on the sampling device; the global ones are never touched."""

    numpy: np.random.Generator
    torch: torch.Generator

    @classmethod
    def of(cls, state: int | tuple[Any, Any] | None, device: torch.device) -> Generators:
        """Makes generators from what SDV hands over.

        Args:
            state: A seed, a pair ``(numpy.random.RandomState, torch.Generator)``, or None for fresh entropy.
            device: Where torch draws.
        """
        if isinstance(state, tuple):
            legacy, generator = state
            drawn = torch.randint(2**31, (1,), generator=generator, device=generator.device)
            entropy: Any = [int(legacy.randint(2**31)), int(drawn)]
        else:
            entropy = state
        numpy_seed, torch_seed = np.random.SeedSequence(entropy).spawn(2)
        generator = torch.Generator(device).manual_seed(int(torch_seed.generate_state(1, np.uint64)[0]) >> 1)
        return cls(np.random.default_rng(numpy_seed), generator)


def several(generator: torch.Generator, count: int) -> list[torch.Generator]:
    """Makes generators that are independent of each other, from one; a single one is the generator itself."""
    device = generator.device
    if count < 2:
        return [generator] * count
    seeds = torch.randint(2**62, (count,), generator=generator, device=device).tolist()
    return [torch.Generator(device).manual_seed(seed) for seed in seeds]
