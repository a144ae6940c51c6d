"""What a report hands on of the guarantee with which the synthetic rows were made; the guarantee is in ``privacy``."""

from __future__ import annotations

from typing import Any

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.privacy import PrivacyStatement

__all__ = ['REAL_FIGURES', 'guarantee_of']

REAL_FIGURES = (
    'It does not cover this report, whose figures were measured on real rows: whoever is given both learns more of'
    ' these rows than the synthetic ones tell.'
)


def guarantee_of(privacy: PrivacyStatement | None) -> dict[str, Any] | None:
    """Gives a statement in figures and sentences, to be kept with a report.

    Args:
        privacy: What ``get_privacy()`` of the synthesizer gave; None for nothing.

    Returns:
        ``epsilon``, ``delta``, and what is ``said``: first the guarantee, then what it does not promise.

    Raises:
        FairDistillError: If it is no statement.
    """
    if privacy is None:
        return None
    if not isinstance(privacy, PrivacyStatement):
        raise FairDistillError(
            f'privacy={privacy!r} is not allowed: give what get_privacy() of the fitted synthesizer gives, or None.'
        )
    return {'epsilon': privacy.epsilon, 'delta': privacy.delta, 'said': [*str(privacy).splitlines(), REAL_FIGURES]}
