"""Which combinations of columns are counted: those that the relaxed table has most wrong, found by a noisy maximum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sdv_fairdistill.privacy.ledger import Ledger
from sdv_fairdistill.privacy.mechanisms import noisy_counts, noisy_maximum, noisy_scale
from sdv_fairdistill.privacy.relaxed import Measure, RelaxedTable, positions_of

__all__ = ['ProxyConfig', 'candidates_of', 'measure_adaptively']

FINENESS = 1.0, 1.8  # with less than usual the noise joins tokens anyway; with more, time is the limit
SCARCEST = 0.3  # rows of a table are never taken for scarcer: some combinations must be left
MOST_COUNTING = 0.5  # share of the budget for single columns at most, unless more is asked for
EXPECTED = (2 / np.pi) ** 0.5  # mean distance from 0 of a normal deviate, in standard deviations


@dataclass(frozen=True)
class ProxyConfig:
    """Numbers of the private stage.

    Attributes:
        sizing: Share of the budget for the number of rows, by which the rest is divided.
        counting: Share of the budget for the columns by themselves, ranges and levels included; more where rows are
            scarce.
        choosing: Share of a round's budget that goes into the choice (AUC on Adult .904 and .903, at .1 .900 and .899).
        rounds: Combinations that are counted, at least; fewer where rows are scarce.
        rounds_per_column: And so many for each column, if that is more.
        parts: Parts of the relaxed table: as many as fit the time; more help little (measured on Adult).
        rate: Learning rate of Adam.
        steps: Steps of all rounds together; fewer where rows are scarce.
        last_steps: Steps at the end; likewise.
        tokens: The most tokens of a column.
        usual: Rows over the noise that the whole budget could buy, at which rounds and tokens are those above (Adult at
            ε = 1): both grow with its cube root.
        noise: Standard deviations of noise that a token should have at least, or it is joined with others.
        cells: The most cells of a combination.
        considered: The most combinations that a round looks at; of more, so many drawn at random.
        scarce: Scarcity of rows at which every label is drawn from a model of the label, instead of from the relaxed
            table, which learns much of the noise then. At ε = .3 (scarcity .64) models that learned Adult's proxy knew
            the label with an AUC of .895 for .886; of .895 as well with seven tenths of the labels, as now.
        plenty: Scarcity at which none is: at ε = 1 (.95) the model was better by .005 of AUC, but models that learned
            the repaired labels were as good, and the ratio of their rates was .91 for .96.
        label_steps: Steps of that model; more of them moved its probabilities by .002 on Adult (root mean square).
        others: What errors of combinations without the label count, beside 1 for those with it: models live on the
            label (AUC on Adult .905 and .901, at 1 .899 and .896).
    """

    sizing: float = 0.01
    counting: float = 0.15
    choosing: float = 0.2
    rounds: int = 20
    rounds_per_column: float = 1.0
    parts: int = 3_000
    rate: float = 0.1
    steps: int = 900
    last_steps: int = 200
    tokens: int = 16
    usual: float = 7_500.0
    noise: float = 4.0
    cells: int = 4_096
    considered: int = 500
    scarce: float = 0.5
    plenty: float = 0.94
    label_steps: int = 160
    others: float = 0.5

    def counting_of(self, scarcity: float) -> float:
        """Gives the share of the budget for single columns: of few rows hardly more than these can be told."""
        return max(self.counting, min(self.counting / scarcity, MOST_COUNTING))

    def modelled_of(self, scarcity: float) -> float:
        """Gives the share of the rows whose label is drawn from a model of the label, 0 to 1."""
        return float(np.clip((self.plenty - scarcity) / (self.plenty - self.scarce), 0.0, 1.0))

    def steps_of(self, steps: int, scarcity: float) -> int:
        """Gives how many steps are taken: where rows are scarce fewer, as what they learn is noise."""
        return max(1, round(steps * scarcity**2))

    def rounds_of(self, columns: int, fineness: float) -> int:
        """Gives the most combinations that are counted of a table with so many columns."""
        return max(1, round(max(self.rounds, self.rounds_per_column * columns) * fineness))

    def tokens_of(self, fineness: float) -> int:
        """Gives the most tokens of a column."""
        return max(2, round(self.tokens * fineness))

    def fineness(self, rows: float, noise: float) -> float:
        """Gives how much finer than usual a table can be counted.

        Args:
            rows: Noisy number of its rows.
            noise: Standard deviation of the noise if the whole budget went into one count.
        """
        return float(np.clip(self._relative(rows, noise), *FINENESS))

    def scarcity(self, rows: float, noise: float) -> float:
        """Gives how much fewer combinations than usual can be counted, at most 1; arguments as for ``fineness``."""
        return float(np.clip(self._relative(rows, noise), SCARCEST, 1.0))

    def _relative(self, rows: float, noise: float) -> float:
        return (max(rows, 1.0) / noise / self.usual) ** (1 / 3)


def candidates_of(sizes: Sequence[int], target: int | None, most_cells: int) -> list[tuple[int, ...]]:
    """Gives the combinations that may be counted: pairs of columns, and pairs with the target.

    Example:
        >>> candidates_of([2, 3, 2], target=2, most_cells=10)
        [(0, 1), (0, 2), (1, 2)]
    """
    pairs = list(combinations(range(len(sizes)), 2))
    triples = [] if target is None else [(*pair, target) for pair in pairs if target not in pair]
    return [columns for columns in pairs + triples if np.prod([sizes[column] for column in columns]) <= most_cells]


def measure_adaptively(
    tokens: np.ndarray,
    table: RelaxedTable,
    measures: list[Measure],
    total: float,
    candidates: Sequence[tuple[int, ...]],
    ledger: Ledger,
    rows: int,
    rho: float,
    config: ProxyConfig,
    generator: np.random.Generator,
    tell: Callable[[], None],
    target: int | None = None,
) -> None:
    """Counts the combinations that the table has most wrong, one a round, and fits the table to them.

    After McKenna, Mullins, Sheldon and Miklau, "AIM: An Adaptive and Iterative Mechanism for Differentially Private
    Synthetic Data" (2022).

    Args:
        tokens: The real rows, as tokens ``(rows, columns)``.
        table: Is fitted.
        measures: What was counted so far; what is counted here is added.
        total: Noisy number of rows.
        candidates: What may be counted.
        ledger: What is charged.
        rows: The most rows of one person.
        rho: What all of it may cost.
        config: Numbers of the stage.
        generator: Draws which combinations a round considers, if there are too many.
        tell: Called after each round.
        target: Place of the label, combinations with which count for more.
    """
    sizes = table.sizes
    noise = noisy_scale(rho, rows)
    scarcity = config.scarcity(total, noise)
    rounds = config.rounds_of(len(sizes), config.fineness(total, noise) * scarcity)
    of_choice, of_counts = (rho / rounds * share for share in (config.choosing, 1 - config.choosing))
    scale = noisy_scale(of_counts, rows)
    exact: dict[tuple[int, ...], np.ndarray] = {}
    open_ = list(candidates)
    for _ in range(rounds):
        if not open_:
            break
        considered = open_
        if len(open_) > config.considered:
            considered = [open_[place] for place in generator.choice(len(open_), config.considered, replace=False)]
        for columns in considered:
            if columns not in exact:
                exact[columns] = _counts(tokens, columns, sizes)
        scores = [
            np.abs(exact[columns] - total * shares).sum() - EXPECTED * scale * shares.size
            for columns, shares in zip(considered, table.all_shares(considered), strict=True)
        ]
        weights = [1.0 if target in columns else config.others for columns in considered]
        scores = np.array(scores) * weights
        chosen = considered[noisy_maximum(ledger, 'choice of combinations', scores, rows, of_choice)]
        counts = noisy_counts(ledger, 'counts of combinations', exact[chosen], rows, of_counts)
        measures.append(Measure(chosen, counts, np.array(scale**2)))
        open_.remove(chosen)
        table.fit(measures, total, config.steps_of(config.steps // rounds, scarcity))
        tell()


def _counts(tokens: np.ndarray, columns: tuple[int, ...], sizes: Sequence[int]) -> np.ndarray:
    shape = [sizes[column] for column in columns]
    return np.bincount(positions_of(tokens, columns, sizes), minlength=int(np.prod(shape))).reshape(shape)
