"""Checks of what the user chose: notions, dial, and numbers; goals have a module of their own."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING

from sdv_fairdistill.errors import FairDistillError

if TYPE_CHECKING:
    from sdv_fairdistill.table.roles import Roles

__all__ = ['DEFAULT_NOTION', 'check_dial', 'check_notions', 'check_number', 'check_share', 'first_notion']

DEFAULT_NOTION = 'blind_parity'  # keeps its promise whatever a model sees; limits and costs are on the page of notions


def first_notion(notion: str | None, notions: Sequence[str] | str | None) -> str:
    """Gives the notion to begin with: the one given, else the first of those to learn, else the default."""
    if notion is not None:
        return notion
    named = (notions,) if isinstance(notions, str) else tuple(notions or ())
    return named[0] if named else DEFAULT_NOTION


def check_notions(notion: str, notions: Sequence[str] | None, roles: Roles, has_graph: bool = False) -> tuple[str, ...]:
    """Gives the notions to learn, each once.

    Args:
        notion: The notion to begin with.
        notions: The notions to learn; None for the one to begin with.
        roles: The columns' roles.
        has_graph: Whether there is a causal graph.

    Raises:
        FairDistillError: If a notion is not known, cannot be learned with these roles, or is not among those to learn.
    """
    from sdv_fairdistill.views import NOTIONS, EdgeCut

    learned = (notion,) if notions is None else (notions,) if isinstance(notions, str) else tuple(notions)
    for name in (notion, *learned):
        if not isinstance(name, str) or name not in NOTIONS:
            raise FairDistillError(f'The notion {name!r} is not known. Known are {sorted(NOTIONS)}.')
        if NOTIONS[name].needs_admissible and not roles.admissible:
            raise FairDistillError(
                f'The notion {name!r} needs admissible_columns: name the columns through which the label may depend on'
                ' the sensitive ones.'
            )
        if issubclass(NOTIONS[name], EdgeCut) and not has_graph:
            raise FairDistillError(f'The notion {name!r} needs a causal_graph: say which columns cause which.')
    if notion not in learned:
        raise FairDistillError(f'notion={notion!r} is not among notions={list(learned)}: add it there.')
    if roles.admissible and not any(NOTIONS[name].needs_admissible for name in learned):
        raise FairDistillError(
            f'admissible_columns={list(roles.admissible)} would not be used: none of {list(learned)} asks for'
            " them. Add 'conditional_parity' to notions (or 'no_unresolved_effect', with a causal graph), or leave them"
            ' out.'
        )
    return tuple(dict.fromkeys(learned))


def check_dial(dial: float) -> float:
    """Gives the dial as a float.

    Raises:
        FairDistillError: If it is not a number from 0 to 1.
    """
    if isinstance(dial, bool) or not isinstance(dial, Real) or not 0 <= dial <= 1:
        raise FairDistillError(
            f'dial={dial!r} is not allowed: give a number from 0 (as the data is) to 1 (fully repaired).'
        )
    return float(dial)


def check_number(name: str, value: int | None, least: int, most: int | None = None, *, optional: bool = True) -> None:
    """Checks a whole number; None is allowed too if it is ``optional``.

    Raises:
        FairDistillError: If it is something else, or out of bounds.
    """
    if value is None and optional:
        return
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):
        allowed = f'of at least {least}' if most is None else f'from {least} to {most}'
        none = ', or None' if optional else ''
        raise FairDistillError(f'{name}={value!r} is not allowed: give a whole number {allowed}{none}.')


def check_share(share: float, roles: Roles) -> None:
    """Checks the share of rows to keep aside.

    Raises:
        FairDistillError: If it is not a number from 0 to .5, or there is nothing to measure with it.
    """
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share <= 0.5:
        raise FairDistillError(f'holdout_share={share!r} is not allowed: give a number from 0 to 0.5.')
    if share and (not roles.sensitive or roles.target is None or roles.favorable is None):
        raise FairDistillError(
            f'holdout_share={share!r} keeps rows aside to measure fairness on: that needs sensitive_columns,'
            ' target_column and favorable_value.'
        )
