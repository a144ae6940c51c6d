"""Links: how much more often each token of a column occurs beside each token of one column before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ['Link', 'Links']


@dataclass(frozen=True, eq=False)
class Link:
    """What one column, the parent, says about a column that is drawn later, in counts of levels.

    A level is a token, or a range of tokens of a column that is in order.

    Attributes:
        column: Number of the later column.
        parent: Number of the parent.
        level_of: Level of each token of the column ``(cardinality,)``.
        parent_level_of: Level of each token of the parent ``(parent's cardinality,)``.
        log_ratio: Log of how much more often a level occurs beside a parent's level than in all rows ``(parent's
            levels, levels)``, float32.
    """

    column: int
    parent: int
    level_of: np.ndarray
    parent_level_of: np.ndarray
    log_ratio: np.ndarray


class Links(nn.Module):
    """Adds to a column's logits what its parent says, at most one parent a column. Nothing here is trained.

    With the frequencies as biases this is the Bayesian network of a tree (Chow and Liu, 1968).

    Args:
        links: At most one for each later column.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        super().__init__()
        self.parents = {link.column: link.parent for link in links}
        for link in links:
            ratios = torch.from_numpy(link.log_ratio[link.parent_level_of][:, link.level_of])
            self.register_buffer(f'ratios_{link.column}', ratios, persistent=False)

    def of(self, column: int, tokens: Tensor) -> Tensor | None:
        """Gives what is added to the logits of a column, ``(batch, cardinality)``; None without a parent.

        Args:
            column: Number of the column.
            tokens: ``(batch, columns)``; only the parent's are looked at.
        """
        if column not in self.parents:
            return None
        return getattr(self, f'ratios_{column}')[tokens[:, self.parents[column]]]
