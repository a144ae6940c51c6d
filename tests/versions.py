"""Runs the tests on the lowest and on the newest versions that pyproject.toml allows, each in a new environment.

    .venv/bin/python tests/versions.py                                  # both
    .venv/bin/python tests/versions.py lowest --pytest '-m "not slow"'  # arguments for pytest

``--pin torch==2.13.0`` keeps a package at a version that can be had in both. The Python is the one it runs with.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ('dask', 'test')
SETS = ('lowest', 'newest')


def lower_bounds(pinned: set[str]) -> list[str]:
    """The lower bounds of the direct requirements, as constraints of pip; of those that are pinned none."""
    found = {}
    for requirement in map(Requirement, requires('sdv-fairdistill')):
        wanted = not requirement.marker or any(requirement.marker.evaluate({'extra': extra}) for extra in EXTRAS)
        bounds = [part.version for part in requirement.specifier if part.operator == '>=']
        if wanted and bounds and requirement.name not in pinned:
            found[requirement.name] = f'{requirement.name}=={bounds[0]}'
    return list(found.values())


def run(constraints: list[str], pytest_arguments: list[str]) -> int:
    """Installs into a new environment, prints what is in it, and runs the tests there; gives their exit code."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python, file = Path(folder, 'bin', 'python'), Path(folder, 'constraints.txt')
        file.write_text('\n'.join(constraints), encoding='utf-8')
        subprocess.run([python, '-m', 'pip', 'install', '-q', '-c', file, '-e', f'{ROOT}[test]'], check=True)
        subprocess.run([python, '-m', 'pip', 'freeze', '--exclude-editable'], check=True)
        command = [python, '-m', 'pytest', '-q', '-n', 'auto', '--dist', 'worksteal', *pytest_arguments]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def main() -> int:
    """Runs the sets that were asked for; gives the largest of their exit codes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('set', nargs='?', choices=SETS, help='which versions (default: one after the other)')
    parser.add_argument('--pin', action='append', default=[], metavar='PACKAGE==VERSION', help='can be repeated')
    parser.add_argument('--pytest', default='', metavar='ARGUMENTS', help='in quotes')
    options = parser.parse_args()
    codes = []
    for name in [options.set] if options.set else SETS:
        bounds = lower_bounds({Requirement(pin).name for pin in options.pin}) if name == 'lowest' else []
        print(f'The {name} versions, Python {sys.version.split()[0]}:', flush=True)
        codes.append(run([*bounds, *options.pin], shlex.split(options.pytest)))
    return max(codes)


if __name__ == '__main__':
    sys.exit(main())
