"""Starts the command line, ``python -m sdv_fairdistill COMMAND``; the commands are in ``command_line``, a file each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sdv_fairdistill.command_line.benchmark import add_benchmark
from sdv_fairdistill.command_line.demo import add_demo
from sdv_fairdistill.command_line.fit import add_fit
from sdv_fairdistill.command_line.impute import add_impute
from sdv_fairdistill.command_line.options import Parser
from sdv_fairdistill.command_line.report import add_report
from sdv_fairdistill.command_line.sample import add_sample
from sdv_fairdistill.command_line.work import program, work

__all__ = ['main']

COMMANDS = {
    'demo': add_demo,
    'fit': add_fit,
    'sample': add_sample,
    'impute': add_impute,
    'report': add_report,
    'benchmark': add_benchmark,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: What follows the program's name; those of the process if None.

    Returns:
        The exit code: 0, 2 for input that cannot be used (one line on stderr says why), 130 after Ctrl-C.
    """
    return work(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog=program(), description='Fair synthetic rows of a table.')
    commands = parser.add_subparsers(title='commands', required=True, metavar=' | '.join(COMMANDS))
    for add in COMMANDS.values():
        add(commands)
    return parser


if __name__ == '__main__':
    sys.exit(main())
