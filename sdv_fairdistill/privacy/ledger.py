"""The ledger through which every release passes: it adds up what was spent and refuses to go beyond; no noise here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from threading import RLock
from typing import Any

import pandas as pd

from sdv_fairdistill.errors import FairDistillError, PrivacyError
from sdv_fairdistill.privacy.accounting import epsilon_of, rho_of

__all__ = ['Entry', 'Ledger', 'check_budget']

LARGEST_EPSILON = 1_000.0  # far beyond any that protects anybody, and within what is converted exactly
LARGEST_DELTA = 0.01  # a mechanism may then publish one person in a hundred in full


@dataclass(frozen=True)
class Entry:
    """One release.

    Attributes:
        part: What was released, without any of its values.
        rho: Its cost in zero-concentrated differential privacy.
        delta: The probability with which that does not hold; above 0 only where levels are found.
    """

    part: str
    rho: float
    delta: float = 0.0


class Ledger:
    """A budget of ε and δ that several releases share.

    Each release is charged before it is made, in ρ of zero-concentrated differential privacy (Bun and Steinke 2016),
    which simply adds up; OpenDP turns the sum into ε at what is left of δ. A charge beyond the budget is refused, and
    then nothing is released.

    Args:
        epsilon: The most ε.
        delta: The most δ.
        parent: A ledger that is charged as well.

    Attributes:
        entries: What was released so far.

    Raises:
        FairDistillError: If a number is not allowed.

    Example:
        >>> ledger = Ledger(epsilon=1.0, delta=1e-6)
        >>> ledger.charge(Entry('counts of age', rho=0.001))
        >>> 0.1 < ledger.epsilon_spent < 0.3
        True
        >>> ledger.charge(Entry('all the rest', rho=1.0))
        Traceback (most recent call last):
        sdv_fairdistill.errors.PrivacyError: The budget ...
    """

    def __init__(self, epsilon: float, delta: float, parent: Ledger | None = None) -> None:
        check_budget(epsilon, delta)
        self.epsilon, self.delta, self.parent = float(epsilon), float(delta), parent
        self.entries: list[Entry] = []
        self._lock = RLock()

    @property
    def rho_spent(self) -> float:
        """Gives the sum of what was spent, in ρ."""
        return math.fsum(entry.rho for entry in self.entries)

    @property
    def delta_spent(self) -> float:
        """Gives the sum of what was spent of δ other than by the conversion of ρ."""
        return math.fsum(entry.delta for entry in self.entries)

    @property
    def epsilon_spent(self) -> float:
        """Gives the ε of what was spent, at the ledger's δ."""
        return epsilon_of(self.rho_spent, self.delta - self.delta_spent)

    def rho_left(self, reserved_delta: float = 0.0) -> float:
        """Gives the ρ that may still be spent, here and in the parent, if so much δ is put aside."""
        delta = self.delta - self.delta_spent - reserved_delta
        left = rho_of(self.epsilon, delta) - self.rho_spent if delta > 0 else 0.0
        return max(0.0, left if self.parent is None else min(left, self.parent.rho_left(reserved_delta)))

    def charge(self, entry: Entry) -> None:
        """Charges a release, before it is made.

        Raises:
            PrivacyError: If it would go beyond the budget; nothing is charged then.
        """
        with self._lock:
            self._check(entry)
            if self.parent is not None:
                self.parent.charge(entry)
            self.entries.append(entry)

    def table(self) -> pd.DataFrame:
        """Gives the releases: columns ``part``, ``rho``, ``delta`` and ``share`` (of the ρ spent), the order kept."""
        lines = pd.DataFrame([vars(entry) for entry in self.entries], columns=['part', 'rho', 'delta'])
        lines = lines.groupby('part', sort=False, as_index=False).sum()
        return lines.assign(share=lines['rho'] / max(self.rho_spent, math.ulp(0.0)))

    def _check(self, entry: Entry) -> None:
        if not (entry.rho >= 0 and entry.delta >= 0):
            raise PrivacyError(f'A release cannot cost rho={entry.rho}, delta={entry.delta}: neither is negative.')
        rho, delta = self.rho_spent + entry.rho, self.delta - self.delta_spent - entry.delta
        if delta <= 0 or epsilon_of(rho, delta) > self.epsilon:
            raise PrivacyError(
                f'The budget of ε = {self.epsilon:g} and δ = {self.delta:g} does not allow another release'
                f' ({entry.part}): ε = {self.epsilon_spent:.4g} of it is spent. Give a new budget, and know that the'
                ' two add up.'
            )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != '_lock'}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = RLock()


def check_budget(epsilon: Any, delta: Any) -> None:
    """Checks a budget.

    Raises:
        FairDistillError: If ε or δ is no number, or none that is allowed.
    """
    for name, value, most in (('epsilon', epsilon, LARGEST_EPSILON), ('delta', delta, LARGEST_DELTA)):
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value <= most:
            raise FairDistillError(f'{name}={value!r} is not allowed: give a number above 0, and at most {most:g}.')
