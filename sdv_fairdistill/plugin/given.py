"""Tables given in the form of the other version of SDV: one sentence says so, where SDV itself fails inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sdv.single_table.base import BaseSingleTableSynthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.versions import INSTALLED, TAKES_FRAMES

__all__ = ['Given']


class Given(BaseSingleTableSynthesizer):
    """A synthesizer that says which form of a table it takes; SDV 2 does so itself."""

    def fit(self, data: Any) -> None:
        """Fits as any SDV synthesizer does; see :meth:`BaseSynthesizer.fit`."""
        with _form_said(data):
            super().fit(data)

    def preprocess(self, data: Any) -> Any:
        """Preprocesses as any SDV synthesizer does; see :meth:`BaseSynthesizer.preprocess`."""
        with _form_said(data):
            return super().preprocess(data)

    def fit_processed_data(self, processed_data: Any) -> None:
        """Fits as any SDV synthesizer does; see :meth:`BaseSynthesizer.fit_processed_data`."""
        with _form_said(processed_data):
            super().fit_processed_data(processed_data)


@contextmanager
def _form_said(data: Any) -> Iterator[None]:
    try:
        yield
    except AttributeError as error:
        if TAKES_FRAMES and isinstance(data, Mapping):
            raise FairDistillError(
                f'SDV {INSTALLED} takes a table as a DataFrame, and a dict of the tables {list(data)} came, the form of'
                ' SDV 2. Give the DataFrame that is in it.'
            ) from error
        raise
