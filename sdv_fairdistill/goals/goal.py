"""A goal that the user sets, and the smallest dial that reaches it; what the dials give is measured in ``frontier``."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from sdv_fairdistill.errors import FairDistillError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ['CONFIDENCE', 'MODELS', 'SUFFIXES', 'check_models', 'smallest_dial']

CONFIDENCE = 0.8  # that a goal is reached; on other rows of Adult 77 to 85 % were then, and about half with 0.5
ROUNDING = 1e-9  # an interpolated figure that equals the goal must pass
SUFFIXES = {'with': '', 'without': '_without'}  # of a frontier's columns, by the kind of model that they are about
MODELS = {'both': 'with and without', **{kind: kind for kind in SUFFIXES}}  # choices of kinds, as sentences have them


@dataclass(frozen=True)
class Goal:
    """What is wanted of models that learn from the samples.

    Attributes:
        name: ``'at_least'`` for the parity ratio, ``'at_most'`` for the equalized odds difference.
        wanted: The bound, from 0 to 1.
        confidence: How sure to be of it, from .5 to less than 1.
        models: The kinds of models that must reach it, a key of ``MODELS``.
    """

    name: str
    wanted: float
    confidence: float
    models: str

    def __post_init__(self) -> None:
        if isinstance(self.wanted, bool) or not isinstance(self.wanted, Real) or not 0 <= self.wanted <= 1:
            raise FairDistillError(f'{self.name}={self.wanted!r} is not allowed: give a number from 0 to 1.')
        confidence = self.confidence
        if isinstance(confidence, bool) or not isinstance(confidence, Real) or not 0.5 <= confidence < 1:
            raise FairDistillError(f'confidence={confidence!r} is not allowed: give a number from 0.5 to less than 1.')
        check_models(self.models)

    @property
    def figure(self) -> str:
        """What is bounded."""
        return 'parity_ratio' if self.name == 'at_least' else 'equalized_odds_difference'

    @property
    def columns(self) -> dict[str, str]:
        """The column of a frontier that is bounded, for each kind of model that must reach the goal."""
        kinds = tuple(SUFFIXES) if self.models == 'both' else (self.models,)
        return {kind: f'{self.figure}{SUFFIXES[kind]}' for kind in kinds}

    def known(self, frontier: pd.DataFrame) -> pd.DataFrame:
        """Gives the lines of a frontier in which all that is bounded is defined, by rising dial.

        Raises:
            FairDistillError: If there is none.
        """
        smooth = {kind: f'smooth_{column}' for kind, column in self.columns.items()}
        if not set(smooth.values()) <= set(frontier):
            raise FairDistillError(
                f'models={self.models!r} cannot be judged: this file knows only models with the sensitive columns, so'
                " fit anew, or give models='with'."
            )
        known = frontier.dropna(subset=list(smooth.values())).sort_values('dial')
        if known.empty:
            undefined = [kind for kind, column in smooth.items() if frontier[column].isna().all()]
            of = undefined[0] if len(undefined) == 1 else MODELS[self.models]
            raise FairDistillError(
                f'{self.name}={self.wanted!r} cannot be judged: the {self.figure} is undefined at every dial, for'
                f' models {of} the sensitive columns.'
            )
        return known

    def margins(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Gives by how much each line passes the goal with the wanted confidence, a column a kind of model."""
        sign, errors = 1 if self.name == 'at_least' else -1, NormalDist().inv_cdf(self.confidence)
        passed = {
            kind: sign * (lines[f'smooth_{column}'] - self.wanted) - errors * lines[f'{column}_error']
            for kind, column in self.columns.items()
        }
        return lines[[]].assign(**passed)

    def out_of_reach(self, line: pd.Series, kind: str) -> str:
        """Says how far the best dial gets, and what to do.

        Args:
            line: Figures of that dial.
            kind: The kind of model that is furthest from the goal there.
        """
        column = self.columns[kind]
        instead = {
            'with': ", or give models='without' if no model will see the sensitive columns",
            'without': ", or give models='with' if all models will see the sensitive columns",
        }
        advice = ', learn another notion' + instead[kind] if self.models == 'both' else ', or learn another notion'
        return (
            f'{self.name}={self.wanted!r} cannot be reached with confidence={self.confidence:g}: at the best dial,'
            f' {line["dial"]:g}, the {self.figure} of models {kind} the sensitive columns is'
            f' {line[f"smooth_{column}"]:.3f} ± {line[f"{column}_error"]:.3f}. Ask for less, keep more rows'
            f' aside{advice}.'
        )


def check_models(models: str) -> None:
    """Checks a choice of kinds of models.

    Raises:
        FairDistillError: If it is not known.
    """
    if not isinstance(models, str) or models not in MODELS:
        raise FairDistillError(
            f"models={models!r} is not allowed: give 'both', or 'with' or 'without' for the only models that"
            ' matter, those that see the sensitive columns or those that do not.'
        )


def smallest_dial(
    frontier: pd.DataFrame,
    at_least: float | None,
    at_most: float | None,
    confidence: float = CONFIDENCE,
    models: str = 'both',
) -> float:
    """Gives the smallest dial that reaches a goal, to a hundredth; between two lines the figures are interpolated.

    Args:
        frontier: A line a dial, as :meth:`FairDistillSynthesizer.get_frontier` gives it.
        at_least: Wanted parity ratio; None if the goal is the other.
        at_most: Wanted equalized odds difference.
        confidence: How sure to be that it is not the choice of the rows kept aside that reaches it: the estimate must
            pass by so many standard errors as a normal variable stays below with this probability; each kind of model
            for itself.
        models: Which models must reach it: ``'with'`` or ``'without'`` the sensitive columns, or ``'both'``.

    Raises:
        FairDistillError: If a value is not allowed, or no dial reaches the goal.
    """
    name, wanted = ('at_least', at_least) if at_least is not None else ('at_most', at_most)
    goal = Goal(name, wanted, confidence, models)
    lines = _at_hundredths(goal.known(frontier))
    margins = goal.margins(lines)
    worst = margins.min(axis=1)
    reached = worst > -ROUNDING
    if not reached.any():
        best = worst.idxmax()
        raise FairDistillError(goal.out_of_reach(lines.loc[best], margins.loc[best].idxmin()))
    return float(lines['dial'][reached.idxmax()])


def _at_hundredths(lines: pd.DataFrame) -> pd.DataFrame:
    """Interpolates the figures of lines, by rising dial, at every hundredth from the first to the last."""
    first, last = (round(100 * lines['dial'].iloc[place]) for place in (0, -1))
    dials = np.arange(first, last + 1) / 100
    return type(lines)({name: np.interp(dials, lines['dial'], lines[name]) for name in lines}).assign(dial=dials)
