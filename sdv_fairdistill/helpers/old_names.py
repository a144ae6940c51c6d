"""Modules that have moved, under the names they had: files that were saved before name their classes so."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ['OLD_NAMES', 'keep_old_names']

PACKAGE = 'sdv_fairdistill'

# Where the modules are now whose classes a saved synthesizer names; whatever else has moved is in no file.
OLD_NAMES = {
    f'{PACKAGE}.digits': f'{PACKAGE}.table.digits',
    f'{PACKAGE}.groups': f'{PACKAGE}.table.groups',
    f'{PACKAGE}.layout': f'{PACKAGE}.table.layout',
    f'{PACKAGE}.model': f'{PACKAGE}.method.model',
    f'{PACKAGE}.roles': f'{PACKAGE}.table.roles',
}


class _OldNames(MetaPathFinder, Loader):
    """Finds the module itself under its old name, once somebody asks for that: nothing is imported before."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in OLD_NAMES else None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = import_module(OLD_NAMES[module.__name__])  # what the import then gives


def keep_old_names() -> None:
    """Lets old names be imported, by a pickle say; once is enough."""
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.append(_OldNames())
