"""What is public of each column: levels, ranges, units, formats; read off the user's words and the metadata alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.privacy.grid import LARGEST, Grid
from sdv_fairdistill.privacy.reading import DAY, moments
from sdv_fairdistill.privacy.settings import VALUES, Privacy

__all__ = ['PublicColumn', 'public_columns']

NUMBERS, DATES = 'numerical', 'datetime'


@dataclass(frozen=True)
class PublicColumn:
    """What is public of a column.

    Attributes:
        name: Its name.
        sdtype: SDV's type of it.
        levels: Its levels; None if they have to be found, or for numbers and dates.
        grid: Places of its numbers or dates; None if the range has to be found, or for levels.
        form: The format of dates.
        decimals: Decimals of numbers; None if not known.
        complete: Whether no value is missing.
    """

    name: str
    sdtype: str
    levels: tuple[Any, ...] | None = None
    grid: Grid | None = None
    form: str | None = None
    decimals: int | None = None
    complete: bool = False

    @property
    def is_line(self) -> bool:
        """Whether its values are numbers or dates."""
        return self.sdtype in (NUMBERS, DATES)

    @property
    def is_found(self) -> bool:
        """Whether its levels or range have to be found."""
        return self.levels is None and self.grid is None

    def said(self) -> str:
        """Says what is public, for the statement."""
        if self.is_found:
            return 'found, and paid for'
        missing = ', never missing' if self.complete else ''
        if self.levels is not None:
            return f'{len(self.levels)} levels{missing}'
        ends = (self.grid.low, self.grid.high)
        if self.sdtype == DATES:
            ends = tuple(str(pd.Timestamp(int(end), unit='s')) for end in ends)
        return f'from {ends[0]} to {ends[1]}{missing}'


def public_columns(
    privacy: Privacy, described: Mapping[str, Mapping[str, Any]], dtypes: Mapping[str, Any]
) -> list[PublicColumn]:
    """Gives what is public of the columns that are learned.

    Args:
        privacy: What the user said.
        described: SDV's description of each of these columns, by name.
        dtypes: Their dtypes.

    Raises:
        FairDistillError: If the user named a column that is not there, or values that it cannot have.
    """
    for argument in ('bounds', 'levels', 'complete'):
        unknown = sorted(set(getattr(privacy, argument)) - set(described))
        if unknown:
            raise FairDistillError(
                f'{argument} of privacy name {unknown}, which are not learned. Columns that are: {list(described)}.'
            )
    told = sorted(name for name, about in described.items() if set(about) & set(VALUES))
    if told and not privacy.public_metadata:
        raise FairDistillError(
            f'The metadata say something of the values of {told}, as they do if SDV has detected them from the rows. If'
            ' it is public (from a code book), say public_metadata=True in privacy; else fit with'
            ' sdv_fairdistill.privacy.without_values(metadata).'
        )
    return [_public_column(privacy, name, about, dtypes.get(name)) for name, about in described.items()]


def _public_column(privacy: Privacy, name: str, about: Mapping[str, Any], dtype: Any) -> PublicColumn:
    sdtype = about['sdtype']
    complete = name in privacy.complete or about.get('range_is_nullable') is False
    if sdtype not in (NUMBERS, DATES):
        if name in privacy.bounds:
            raise FairDistillError(f"Column '{name}' is {sdtype} and has levels: give them in levels, not in bounds.")
        levels = privacy.levels.get(name, about.get('range_values', about.get('order')))
        if levels is None and sdtype == 'boolean':
            levels = (False, True)
        return PublicColumn(name, sdtype, None if levels is None else tuple(levels), complete=complete)
    if name in privacy.levels:
        raise FairDistillError(f"Column '{name}' is {sdtype}: give its range in bounds, or sdtype 'categorical'.")
    form, decimals = about.get('datetime_format'), about.get('decimal_places')
    if sdtype == DATES and form is None and not pd.api.types.is_datetime64_any_dtype(dtype):
        raise FairDistillError(
            f"Column '{name}' has dates as texts, whose format would be read off the rows. Give its datetime_format in"
            ' the metadata, or convert it with pandas.to_datetime.'
        )
    bounds = privacy.bounds.get(name)
    if bounds is None and 'range_min' in about and 'range_max' in about:
        bounds = (about['range_min'], about['range_max'])
    grid = None if bounds is None else _grid(name, sdtype, bounds, form, decimals)
    return PublicColumn(name, sdtype, grid=grid, form=form, decimals=decimals, complete=complete)


def _grid(name: str, sdtype: str, bounds: Sequence[Any], form: str | None, decimals: int | None) -> Grid:
    low, high, *unit = bounds
    if sdtype == DATES:
        ends = [_moment(name, end, form) for end in (low, high)]
        is_days = all(end % DAY == 0 for end in ends)
        step = pd.Timedelta(unit[0]).total_seconds() if unit else DAY if is_days else 1.0
    else:
        if any(isinstance(end, str) for end in bounds) or not np.isfinite([float(end) for end in bounds]).all():
            raise FairDistillError(f"bounds of '{name}' are {bounds!r}: give finite numbers.")
        ends, step = [float(low), float(high)], float(unit[0]) if unit else _unit(low, high, decimals)
    if not ends[0] < ends[1] or step < 0 or (step and (ends[1] - ends[0]) / step > LARGEST):
        raise FairDistillError(
            f"bounds of '{name}' are {bounds!r}: the first must be below the second, and the unit, if any, above 0 and"
            ' not much smaller than their difference.'
        )
    return Grid(*ends, step)


def _unit(low: Any, high: Any, decimals: int | None) -> float:
    if decimals is not None:
        return 10.0**-decimals
    return 1.0 if all(isinstance(end, (int, np.integer)) for end in (low, high)) else 0.0


def _moment(name: str, end: Any, form: str | None) -> float:
    if isinstance(end, str) and form is not None:
        found = float(moments(pd.Series([end]), form)[0])
        if np.isfinite(found):
            return found
    try:
        stamp = pd.Timestamp(end)
    except (TypeError, ValueError) as error:
        raise FairDistillError(f"bounds of '{name}' have {end!r}: give dates.") from error
    return (stamp.tz_convert('UTC') if stamp.tz else stamp.tz_localize('UTC')).timestamp()
