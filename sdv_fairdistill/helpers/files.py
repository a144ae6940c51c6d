"""Files that are written whole or not at all; what is in them stays out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ['complete', 'remove_partial']

PARTIAL = '-part-'  # between a random text and a file's name, as long as the file is not complete


@contextmanager
def complete(path: str | Path) -> Iterator[Path]:
    """Gives a name to write to; what is written there becomes ``path`` only if nothing goes wrong. Follows links."""
    path = Path(path)
    if path.exists() and not path.is_file():  # such as /dev/stdout
        yield path
        return
    path = path.resolve()
    partial = path.with_name(
        f'.{secrets.token_hex(8)}{PARTIAL}{path.name}'
    )  # keeps the ending: pandas compresses by it
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Removes what processes that were killed left behind, from a folder into which nobody writes any more."""
    for partial in folder.glob(f'.*{PARTIAL}*'):
        partial.unlink(missing_ok=True)
