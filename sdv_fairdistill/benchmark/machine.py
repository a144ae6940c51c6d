"""What a run is measured on: the machine, the versions, and the memory of this process."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

__all__ = ['environment', 'memory', 'peak_memory']

PACKAGES = ('sdv', 'ctgan', 'copulas', 'sdmetrics', 'torch', 'scikit-learn', 'numpy', 'pandas')
MEGABYTE = 1e6  # bytes
STATUS = Path('/proc/self/status')  # Linux only


def environment() -> dict[str, str]:
    """Gives the ``machine`` and the ``versions`` in words.

    Example:
        >>> sorted(environment())
        ['machine', 'versions']
    """
    from sdv_fairdistill.helpers.threads import cores

    versions = {'sdv_fairdistill': version('sdv-fairdistill'), **{name: version(name) for name in PACKAGES}}
    threads = os.environ.get('OMP_NUM_THREADS')
    parts = (
        _processor(),
        f'{cores()} cores',
        *([f'OMP_NUM_THREADS={threads}'] if threads else []),
        *_gpu(),
        platform.system(),
        f'Python {platform.python_version()}',
    )
    return {'machine': ', '.join(parts), 'versions': ', '.join(f'{name} {each}' for name, each in versions.items())}


def memory() -> float:
    """Gives the memory that this process holds now, in megabytes; NaN where the system does not tell."""
    return _status('VmRSS')


def peak_memory() -> float:
    """Gives the most memory that this process has held so far, in megabytes; NaN where the system does not tell.

    On Linux from ``/proc``: ``getrusage`` counts there what the parent held when it made this process.
    """
    if sys.platform == 'darwin':
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return _status('VmHWM')


def _status(name: str) -> float:
    if not STATUS.exists():
        return np.nan
    lines = dict(line.split(':', 1) for line in STATUS.read_text().splitlines() if ':' in line)
    return int(lines[name].split()[0]) * 1024 / MEGABYTE if name in lines else np.nan


def _processor() -> str:
    cpus = Path('/proc/cpuinfo')
    names = (
        [line.split(':')[1].strip() for line in cpus.read_text().splitlines() if 'model name' in line]
        if (cpus.exists())
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def _gpu() -> list[str]:
    import torch

    return [torch.cuda.get_device_name()] if torch.cuda.is_available() else []
