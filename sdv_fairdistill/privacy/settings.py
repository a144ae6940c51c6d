"""What a user says about privacy: the budget, what is public, and how many rows one person may have."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_number
from sdv_fairdistill.privacy.ledger import Ledger, check_budget
from sdv_fairdistill.table.values import level_index

__all__ = ['VALUES', 'Privacy', 'default_delta', 'without_values']

# What SDV's metadata may say of the values of a column.
VALUES = ('decimal_places', 'high_cardinality', 'order', 'range_is_nullable', 'range_max', 'range_min', 'range_values')
DEFAULT_DELTA = 1e-6  # the most that a table gets by default, whatever its size
SHARE_OF_ROWS = 10  # by default δ is at most one in ten of one in the number of rows


@dataclass
class Privacy:
    r"""A budget of differential privacy, and what is public of a table.

    The synthesizer that is fitted with it is :math:`(\varepsilon, \delta)`-differentially private (Dwork, Kenthapadi,
    McSherry, Mironov and Naor 2006): for any two tables that differ by one row, which one has and the other has not,
    and for whatever anybody may look at (samples, the saved file, parameters, figures of the fit),
    :math:`P(\text{seen} \mid \text{one table}) \le e^\varepsilon P(\text{seen} \mid \text{the other}) + \delta`.

    That protects people if each has one row. With ``rows_per_person`` the tables may differ by as many rows, all those
    of one person, and noise grows by that factor. With ``person_column`` the bound is enforced: of people with more
    rows so many are kept, drawn at random. How many were dropped is said nowhere, as one person can change that number
    by any amount. Without ``person_column`` nothing checks the bound, and a person with k times as many rows has about
    :math:`k\varepsilon`, and more of δ.

    Levels and ranges come from here, and are public: whoever sees the release may know them, so take them from a code
    book and not from the rows. What is not given is found by a mechanism that is paid for out of the budget: a level
    needs enough rows to be found, and ranges come out as powers of two, or years. SDV's metadata are public too, and
    SDV writes levels and ranges of the rows into metadata that it detects: so metadata with values in them are refused
    unless you say ``public_metadata``; :func:`without_values` takes the values out. Public are the names of columns and
    their dtypes as well, of numpy's only that they are numpy's. The number of rows is not public; it comes out noisy.

    Args:
        epsilon: The most ε, above 0: 1 is strict, 10 is weak.
        delta: The most δ, the probability that the guarantee does not hold. None for one in ten times the number of
            rows rounded up to a power of ten, and at most 1e-6. That power of ten then counts as public for tables of
            more than 100,000 rows.
        bounds: Lowest and highest value of columns of numbers and dates; other values are moved there. Whole numbers
            (``(17, 90)``) mean that the column has whole numbers only. A third entry is the unit of which values are
            multiples: ``(0, 1000, 0.01)``, of dates a length of time such as ``'1h'`` (by default a day).
        levels: The levels of other columns; missing is none of them. Any other value is replaced at random.
        public_metadata: Whether levels, ranges and what else the metadata say of values is public, and used.
        complete: Columns without missing values, publicly so; a value that is missing is replaced at random.
        rows_per_person: The most rows of one person.
        person_column: A column that names the person; of it nothing is learned or released.
        ledger: A ledger that several of these share, so that what they release stays within one budget.

    Raises:
        FairDistillError: If an argument has a value that is not allowed.

    Example:
        >>> privacy = Privacy(epsilon=1.0, bounds={'age': (17, 90)}, levels={'sex': ['Female', 'Male']})
        >>> privacy.spent is None
        True
    """

    epsilon: float
    delta: float | None = None
    bounds: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    levels: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    public_metadata: bool = False
    complete: Sequence[str] = ()
    rows_per_person: int = 1
    person_column: str | None = None
    ledger: Ledger | None = None
    spent: Ledger | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_budget(self.epsilon, DEFAULT_DELTA if self.delta is None else self.delta)
        check_number('rows_per_person', self.rows_per_person, least=1, optional=False)
        if isinstance(self.complete, str):
            self.complete = (self.complete,)
        if self.ledger is not None and not isinstance(self.ledger, Ledger):
            raise FairDistillError(f'ledger={self.ledger!r} is not allowed: give a sdv_fairdistill.privacy.Ledger.')
        for name, levels in self.levels.items():
            _check_levels(name, levels)
        for name, bounds in self.bounds.items():
            if isinstance(bounds, str) or len(bounds) not in (2, 3) or any(pd.isna(bound) for bound in bounds):
                raise FairDistillError(
                    f"bounds of '{name}' are {bounds!r}: give the lowest and the highest value and, if you like, the"
                    ' unit of which all values are multiples.'
                )
        both = sorted(set(self.bounds) & set(self.levels))
        if both:
            raise FairDistillError(
                f'{both} have both bounds and levels: give bounds of numbers and dates, levels else.'
            )

    def open(self, rows: int) -> Ledger:
        """Gives the ledger that a fit is charged to, made with the first one.

        Args:
            rows: Rows of the table, of which only the power of ten is looked at, and only without a ``delta``.
        """
        if self.spent is None:
            delta = default_delta(rows) if self.delta is None else self.delta
            self.spent = Ledger(self.epsilon, delta, self.ledger)
        return self.spent


def default_delta(rows: int) -> float:
    """Gives the δ of a table of so many rows, of which only the power of ten counts.

    Example:
        >>> default_delta(32_000), default_delta(100_000), default_delta(1_200_000)
        (1e-06, 1e-06, 1e-08)
    """
    return min(DEFAULT_DELTA, float(f'1e-{math.ceil(math.log10(SHARE_OF_ROWS * max(rows, 1)) - 1e-12)}'))


def without_values(metadata: Any) -> Any:
    """Gives SDV's metadata without what they say of the values of columns, which SDV reads off the rows it detects.

    Args:
        metadata: SDV's metadata; left as they are.

    Example:
        >>> from sdv.metadata import Metadata
        >>> metadata = Metadata.load_from_dict(
        ...     {'tables': {'people': {'columns': {'sex': {'sdtype': 'categorical'}}}}}
        ... )
        >>> without_values(metadata).to_dict()['tables']['people']['columns']
        {'sex': {'sdtype': 'categorical'}}
    """
    described = copy.deepcopy(metadata.to_dict())
    for table in described['tables'].values():
        for about in table['columns'].values():
            for name in VALUES:
                about.pop(name, None)
            if about['sdtype'] == 'ordinal':
                about['sdtype'] = 'categorical'  # which order the levels have is said by their list alone
    return type(metadata).load_from_dict(described)


def _check_levels(name: str, levels: Any) -> None:
    if isinstance(levels, str) or not len(levels):
        raise FairDistillError(f"levels of '{name}' are {levels!r}: give a list of one level or more.")
    if any(pd.api.types.is_scalar(level) and pd.isna(level) for level in levels):
        raise FairDistillError(f"levels of '{name}' have a missing one: leave it out; a value may be missing anyway.")
    if not level_index(levels).is_unique:
        raise FairDistillError(f"levels of '{name}' repeat one: give each once.")
