"""Files of saved synthesizers know the SDV that wrote them: other major versions of it cannot read what is inside."""

from __future__ import annotations

import pickle
from importlib.metadata import version
from typing import Any

import cloudpickle
from sdv.errors import VersionError

__all__ = ['Saved', 'restored']


class Saved:
    """A synthesizer whose pickle can be read far enough to say that it cannot be read."""

    def __reduce__(self) -> tuple[Any, tuple[type, str, bytes]]:
        return restored, (type(self), version('sdv'), cloudpickle.dumps(self.__dict__))


def restored(kind: type, saved_with: str, state: bytes) -> Any:
    """Gives a synthesizer back.

    Args:
        kind: Its class.
        saved_with: The version of SDV that it was saved with.
        state: Its attributes, pickled.

    Raises:
        VersionError: If another major version of SDV is installed.
    """
    installed = version('sdv')
    if saved_with.split('.')[0] != installed.split('.')[0]:
        raise VersionError(
            f'This synthesizer was saved with SDV {saved_with}, whose files SDV {installed} cannot read: load it where'
            f' sdv {saved_with.split(".")[0]}.x is installed, or fit anew.'
        )
    synthesizer = kind.__new__(kind)
    synthesizer.__dict__.update(pickle.loads(state))
    return synthesizer
