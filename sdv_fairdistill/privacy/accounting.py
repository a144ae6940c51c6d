"""What OpenDP says of budgets: ρ of zero-concentrated privacy against ε and δ; what was spent is in ``ledger``."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

from sdv_fairdistill.errors import FairDistillError

__all__ = ['epsilon_of', 'opendp', 'rho_of']

HALVINGS = 60  # of an interval of budgets: it is then narrower than a float64 can tell
LARGEST_RHO = 1e4  # ε is then above 10,000: no privacy at all


def opendp() -> ModuleType:
    """Gives OpenDP, whose measurements, privacy maps and noise are all that is used here.

    Raises:
        FairDistillError: If it is not installed.
    """
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise FairDistillError(
            "Privacy needs OpenDP, which is not installed. Install it: pip install 'sdv-fairdistill[private]'."
        ) from error
    dp.enable_features('contrib')
    return dp


@lru_cache(maxsize=512)
def epsilon_of(rho: float, delta: float) -> float:
    """Gives the ε that ρ comes to at a δ, by OpenDP's conversion (Canonne, Kamath and Steinke 2020).

    Example:
        >>> 0.99 < epsilon_of(0.0243, 1e-6) < 1
        True
    """
    if rho <= 0:
        return 0.0
    dp = opendp()
    space = dp.atom_domain(T='f64', nan=False), dp.absolute_distance(T='f64')
    gaussian = dp.m.make_gaussian(*space, scale=1.0)  # its ρ is half the square of the distance
    return dp.c.make_zCDP_to_approxDP(gaussian).map((2 * rho) ** 0.5).epsilon(delta)


@lru_cache(maxsize=64)
def rho_of(epsilon: float, delta: float) -> float:
    """Gives the largest ρ whose ε at a δ is at most the one given; the inverse of :func:`epsilon_of`."""
    low, high = 0.0, LARGEST_RHO
    for _ in range(HALVINGS):
        middle = (low + high) / 2 if low else high / 4
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low
