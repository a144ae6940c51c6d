"""Which notion of this package would make failing models pass the four-fifths rule; whether they fail stays out."""

from __future__ import annotations

from collections.abc import Collection

from sdv_fairdistill.report.judge import MODELS

__all__ = ['BLIND', 'SEEING', 'advice', 'notions_for']

BLIND = ('blind_parity',)  # notions whose models pass, even where they do not see the sensitive columns
SEEING = ('demographic_parity', 'blind_parity')  # where they do


def notions_for(failing: Collection[str]) -> tuple[str, ...]:
    """Gives the notions that would be expected to make models pass; none if none fails.

    Args:
        failing: Names of models, of :data:`MODELS`; others are taken to see the sensitive columns.

    Example:
        >>> notions_for(['boosting', 'boosting, blind']), notions_for(['logistic']), notions_for([])
        (('blind_parity',), ('demographic_parity', 'blind_parity'), ())
    """
    if not failing:
        return ()
    return BLIND if any(_is_blind(name) for name in failing) else SEEING


def advice(failing: Collection[str]) -> tuple[str, ...]:
    """Says in words what would be expected to make models pass; nothing if none fails.

    The rows may be anybody's, so that it speaks of rows that this package would make, and of no promise.

    Example:
        >>> print(*advice(['boosting, blind']))
        Rows of this package with the notion blind_parity at dial 1 would be expected to make models pass that do not
        see the sensitive columns; demographic_parity helps only those that see them. If these rows were made so,
        raise their dial.
    """
    if not failing:
        return ()
    kinds = {_is_blind(name) for name in failing}
    start = (
        f'Rows of this package with the notion {" or ".join(notions_for(failing))} at dial 1 would be expected to make'
    )
    only = '; demographic_parity helps only those that see them'
    whom = {
        (False,): 'that see the sensitive columns',
        (True,): f'that do not see the sensitive columns{only}',
        (False, True): f'whether they see the sensitive columns or not{only}',
    }
    return (f'{start} models pass {whom[tuple(sorted(kinds))]}. If these rows were made so, raise their dial.',)


def _is_blind(name: str) -> bool:
    return name in MODELS and MODELS[name][1]
