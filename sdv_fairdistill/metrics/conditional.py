"""Parity within strata: how far groups are apart among rows that are alike in what may rightly matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sdv_fairdistill.metrics.intervals import RESAMPLES, UNDEFINED, Interval, percentiles
from sdv_fairdistill.metrics.parity import LEAST_ROWS, Parity

__all__ = ['ConditionalParity']


@dataclass(frozen=True)
class ConditionalParity:
    """The mean over strata of the largest difference of rates between two groups, weighted by the strata's rows.

    ``difference = Σ_k n_k · (max_g rate_gk − min_g rate_gk) / Σ_k n_k`` over the strata k in which at least two groups
    have enough rows; ``n_k`` counts the rows of those groups. Chance alone keeps it above 0 in small strata, so that it
    is to be read beside that of real rows.

    Reference:
        Corbett-Davies et al., *Algorithmic decision making and the cost of fairness*, KDD 2017 (conditional
        statistical parity).

    Attributes:
        strata: One line a stratum: ``rows``, ``difference`` (0 to 1, or NaN) and ``reason`` (why it is NaN).
        parities: The rates by group in every stratum.
        difference: The weighted mean, 0 to 1, or NaN without any stratum to compare groups in. 0 is parity.
        coverage: Share of the rows that ``difference`` is about, 0 to 1.
        difference_interval: 95 % of ``difference`` over resampled rows, which chance sets further apart than the rows
            are: it is widened to hold ``difference`` itself. NaN where none were drawn.
        notes: What is undefined or left out, and why, in words.

    Example:
        >>> found = ConditionalParity.of([1, 0, 1, 1, 1, 0], list('abaabb'), list('xxyyyz'), least_rows=1)
        >>> found.strata
                 rows  difference                      reason
        stratum
        x           2         1.0
        y           3         0.0
        z           1         NaN  only the group 'b' has a rate
        >>> found.difference
        0.4
    """

    strata: pd.DataFrame
    parities: dict[str, Parity]
    difference: float
    coverage: float
    difference_interval: Interval = UNDEFINED
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        happens: Sequence[bool] | np.ndarray,
        groups: Sequence[str] | np.ndarray | pd.Series,
        strata: Sequence[str] | np.ndarray | pd.Series,
        least_rows: int = LEAST_ROWS,
        generator: np.random.Generator | None = None,
        resamples: int = RESAMPLES,
    ) -> ConditionalParity:
        """Compares a rate between groups within every stratum.

        Args:
            happens: Whether it happens, a row each, ``(rows,)``.
            groups: Name of every row's group, ``(rows,)``.
            strata: Name of every row's stratum, ``(rows,)``.
            least_rows: Rows that a group needs in a stratum for its rate to count.
            generator: Draws resamples of the rows for the interval; None for no interval.
            resamples: How many to draw.
        """
        happens = np.asarray(happens).astype(bool)
        groups, strata = np.asarray(groups, dtype=object), np.asarray(strata, dtype=object)
        parities = {
            name: Parity.of(happens[strata == name], groups[strata == name], least_rows=least_rows)
            for name in sorted(set(strata))
        }
        lines = [_line(parity) for parity in parities.values()]
        table = pd.DataFrame(lines, columns=['rows', 'difference', 'reason'], index=pd.Index(parities, name='stratum'))
        used = {name: parity for name, parity in parities.items() if not np.isnan(parity.difference)}
        weights = np.array([_scored(parity) for parity in used.values()], dtype='float64')
        if not used:
            return cls(table, parities, np.nan, 0.0, notes=('in no stratum do two groups have enough rows',))
        difference = float(np.average([parity.difference for parity in used.values()], weights=weights))
        interval = UNDEFINED
        if generator is not None and resamples:
            interval = percentiles(_resampled(list(used.values()), generator, resamples), difference)
        return cls(table, parities, difference, float(weights.sum() / len(happens)), interval, _notes(table, parities))


def _scored(parity: Parity) -> int:
    """Rows of the groups that have a rate."""
    return int(parity.rates.loc[parity.rates['reason'] == '', 'rows'].sum())


def _line(parity: Parity) -> tuple[int, float, str]:
    reason = '; '.join(parity.notes) if np.isnan(parity.difference) else ''
    return int(parity.rates['rows'].sum()), parity.difference, reason


def _notes(table: pd.DataFrame, parities: dict[str, Parity]) -> tuple[str, ...]:
    undefined = table[table['reason'] != '']
    notes = [f"stratum '{name}' ({line.rows} rows) is left out: {line.reason}" for name, line in undefined.iterrows()]
    partly = [(name, note) for name in table.index[table['reason'] == ''] for note in parities[name].notes]
    return (*notes, *(f"stratum '{name}': {note}" for name, note in partly if 'left out' in note))


def _resampled(parities: list[Parity], generator: np.random.Generator, resamples: int) -> np.ndarray:
    """Draws all scored rows anew, over strata and groups at once; the difference in every resample."""
    counts = []
    for parity in parities:
        known = parity.rates[parity.rates['reason'] == '']
        happened = (known['rows'] * known['rate']).round().astype(int)
        counts.append(np.stack([known['rows'] - happened, happened], axis=1))
    cells = np.concatenate(counts)
    drawn = generator.multinomial(cells.sum(), cells.ravel() / cells.sum(), size=resamples).reshape(resamples, -1, 2)
    rows = drawn.sum(axis=-1)
    rates = np.divide(drawn[..., 1], rows, out=np.full(rows.shape, np.nan), where=rows > 0)
    ends = np.cumsum([len(cell) for cell in counts])[:-1]
    gaps = [part.max(axis=1) - part.min(axis=1) for part in np.split(rates, ends, axis=1)]
    weights = [part.sum(axis=1) for part in np.split(rows, ends, axis=1)]
    return (np.array(gaps) * weights).sum(axis=0) / np.sum(weights, axis=0)
