"""Who takes part: SDV's synthesizers, ours at several dials from one fit, and any object with fit and sample."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sdv.single_table import (
    CopulaGANSynthesizer,
    CTGANSynthesizer,
    GaussianCopulaSynthesizer,
    TVAESynthesizer,
)

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import DEFAULT_NOTION
from sdv_fairdistill.report.case import REAL
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['DIALS', 'SDV', 'Contender', 'fair_distill', 'sdv_contender']

SDV = {
    'CTGAN': CTGANSynthesizer,
    'TVAE': TVAESynthesizer,
    'GaussianCopula': GaussianCopulaSynthesizer,
    'CopulaGAN': CopulaGANSynthesizer,
}
DIALS = (0.0, 0.5, 1.0)
ASKED = 3  # arguments of a factory that wants to know the table: metadata, roles, seed


def _as_it_is(_: Any) -> None:
    """Changes nothing before a sample."""


@dataclass(frozen=True)
class Contender:
    """A synthesizer to be measured, and what to sample from one fit of it.

    Args:
        name: What it is called in results; settings that differ from the defaults belong in it.
        made: The synthesizer itself, unfitted; or a function that makes one, of nothing or of ``(metadata, roles,
            seed)``, with SDV's metadata and the roles as ``FairDistillSynthesizer`` takes them. It needs
            ``fit({table_name: DataFrame})``, with SDV 1.38 ``fit(DataFrame)``, and ``sample(num_rows)``, which gives a
            DataFrame or such a dict.
        samples: By name, what to do with the fitted synthesizer before each sample.
        reference: Whether the others' fit times are compared with its own.

    Raises:
        FairDistillError: If ``made`` is nothing of that, or a name cannot be used.

    Example:
        >>> from sdv.single_table import GaussianCopulaSynthesizer
        >>> peer = Contender('Copula', lambda metadata, roles, seed: GaussianCopulaSynthesizer(metadata))
        >>> peer.copies
        {'': 'Copula'}
    """

    name: str
    made: Any
    samples: Mapping[str, Callable[[Any], object]] = field(default_factory=lambda: {'': _as_it_is})
    reference: bool = False

    def __post_init__(self) -> None:
        if self.name == REAL or not self.name or not self.samples or REAL in self.samples:
            raise FairDistillError(
                f'A contender named {self.name!r} with the samples {list(self.samples)} cannot be told from the real'
                ' rows: give a name and at least one sample, none of them called real.'
            )
        self._arguments()

    @property
    def copies(self) -> dict[str, str]:
        """What each sample is called in results."""
        return {sample: f'{self.name}, {sample}' if sample else self.name for sample in self.samples}

    def build(self, metadata: Any, roles: Mapping[str, Any], seed: int) -> Any:
        """Gives an unfitted synthesizer for a table."""
        arguments = self._arguments()
        if arguments is None:
            return self.made
        return self.made(metadata, dict(roles), seed) if arguments else self.made()

    def _arguments(self) -> int | None:
        """How many arguments the factory takes; None if ``made`` is a synthesizer."""
        if not isinstance(self.made, type) and hasattr(self.made, 'fit') and hasattr(self.made, 'sample'):
            return None
        if callable(self.made):
            parameters = inspect.signature(self.made).parameters.values()
            needed = [each for each in parameters if each.default is each.empty and each.kind not in (2, 4)]
            if len(needed) in (0, ASKED):
                return len(needed)
        raise FairDistillError(
            f'The contender {self.name!r} is {self.made!r}: give an object with fit and sample, or a function that'
            ' makes one, of no arguments or of (metadata, roles, seed).'
        )


def sdv_contender(name: str, epochs: int | None = None) -> Contender:
    """Gives one of SDV's own synthesizers.

    Args:
        name: One of ``SDV``.
        epochs: Passes over the rows; None for SDV's default. GaussianCopula has none.

    Raises:
        FairDistillError: If there is no such synthesizer.

    Example:
        >>> sdv_contender('CTGAN', epochs=30).name
        'CTGAN(epochs=30)'
    """
    if name not in SDV:
        raise FairDistillError(f'{name!r} is no synthesizer of SDV: name one of {", ".join(SDV)}.')
    settings = {} if epochs is None else {'epochs': epochs}
    kind = SDV[name]
    return Contender(_named(name, settings), lambda metadata, roles, seed: kind(metadata, **settings), reference=True)


def fair_distill(
    dials: Sequence[float] = DIALS, notions: Sequence[str] = (DEFAULT_NOTION,), **settings: Any
) -> Contender:
    """Gives ours: one fit, and a sample for each notion and dial.

    Args:
        dials: From 0 (as the data is) to 1 (where the notion holds).
        notions: The notions that are learned.
        settings: Other arguments of ``FairDistillSynthesizer``; they become part of the name.

    Example:
        >>> list(fair_distill(dials=[0, 1], epochs=5).copies.values())
        ['FairDistill(epochs=5), dial 0', 'FairDistill(epochs=5), dial 1']
    """
    learned = list(notions)

    def build(metadata: Any, roles: Mapping[str, Any], seed: int) -> FairDistillSynthesizer:
        return FairDistillSynthesizer(metadata, **roles, notion=learned[0], notions=learned, seed=seed, **settings)

    samples = {_sample_name(notion, dial, learned): _setter(notion, dial) for notion in learned for dial in dials}
    return Contender(_named('FairDistill', settings), build, samples)


def _sample_name(notion: str, dial: float, notions: Sequence[str]) -> str:
    return f'dial {dial:g}' if list(notions) == [DEFAULT_NOTION] else f'{notion.replace("_", " ")}, dial {dial:g}'


def _setter(notion: str, dial: float) -> Callable[[FairDistillSynthesizer], object]:
    return lambda synthesizer: synthesizer.set_fairness(notion, dial=dial)


def _named(name: str, settings: Mapping[str, Any]) -> str:
    return f'{name}({", ".join(f"{key}={value!r}" for key, value in settings.items())})' if settings else name
