"""What a fit says of its guarantee: the numbers, what each part cost, what was public, and one sentence for lawyers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

__all__ = ['PrivacyStatement']


@dataclass(frozen=True, eq=False)
class PrivacyStatement:
    """The guarantee of a fit.

    Attributes:
        epsilon: The ε that holds.
        delta: The δ that holds.
        rows_per_person: The most rows of one person.
        is_enforced: Whether that bound was enforced, by a column that names the person.
        delta_by_default: Whether δ was chosen by the number of rows.
        spent: What each part cost: columns ``part``, ``rho``, ``delta``, ``share``.
        public: What was taken as public of each column, in words.
        rows: Noisy number of rows.
        notes: What the noisy counts show that the user should know.
        shared: ε and δ that all releases of the shared ledger have spent by then; None without one.
    """

    epsilon: float
    delta: float
    rows_per_person: int
    is_enforced: bool
    delta_by_default: bool
    spent: pd.DataFrame
    public: Mapping[str, str]
    rows: int
    notes: tuple[str, ...] = ()
    shared: tuple[float, float] | None = None

    @property
    def sentence(self) -> str:
        """Gives the guarantee in one sentence."""
        unit = 'row' if self.rows_per_person == 1 else f'set of {self.rows_per_person} rows'
        by = ' (enforced by dropping the others at random)' if self.is_enforced else ', as whoever fitted it says'
        return (
            f'The fitted synthesizer, its saved file and whatever is drawn from it are ({self.epsilon:.4g},'
            f' {self.delta:.2g})-differentially private for adding or removing any one {unit}: whether the rows of one'
            f' person, who has {self.rows_per_person} at most{by}, were among those learned makes no outcome more than'
            f' {math.exp(self.epsilon):.3g} times as likely, but for a probability of {self.delta:.2g}.'
        )

    @property
    def limits(self) -> str:
        """Says in one sentence what the guarantee does not promise."""
        return (
            'It does not hide what is public (metadata, names and kinds of columns, levels and ranges that were'
            ' given), what is true of a group of people as a whole, people with more rows than that, or what other'
            ' releases from the same people tell: their ε and δ add up.'
        )

    def __str__(self) -> str:
        lines = [self.sentence, self.limits]
        if self.delta_by_default:
            lines.append('δ was chosen by the number of rows, of which the power of ten is public if above 100,000.')
        if self.shared is not None:
            lines.append(f'With all releases of the shared ledger: ε = {self.shared[0]:.4g}, δ = {self.shared[1]:.2g}.')
        return '\n'.join([*lines, *self.notes])
