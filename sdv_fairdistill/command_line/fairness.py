"""The options that say how fair the rows are, and what they set; what a dial or a goal means stays out."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from sdv_fairdistill.command_line.options import dial, share
from sdv_fairdistill.goals.goal import CONFIDENCE, MODELS
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['add_dial', 'add_fairness', 'goal_of', 'set_fairness']


def add_fairness(parser: argparse.ArgumentParser, dial_described: str, notion_described: str) -> None:
    """Adds the options of a notion, and of a dial or a goal."""
    parser.add_argument('--notion', metavar='NAME', help=f'what fairness is; {notion_described}')
    strength = parser.add_mutually_exclusive_group()
    add_dial(strength, dial_described)
    goals = {
        '--at-least': 'the smallest dial whose downstream parity ratio is at least this',
        '--at-most': 'the smallest dial whose downstream equalized odds difference is at most this',
    }
    for name, text in goals.items():
        strength.add_argument(name, type=share(), metavar='GOAL', help=f'instead of --dial: {text}')
    parser.add_argument(
        '--confidence',
        type=share(0.5, 0.999),
        default=CONFIDENCE,
        help=f'how sure to be that the goal is reached, 0.5 to 0.999 (default: {CONFIDENCE:g})',
    )
    parser.add_argument(
        '--models',
        choices=list(MODELS),
        default='both',
        help='which models must reach the goal: with or without the sensitive columns (default: both)',
    )


def add_dial(parser: Any, described: str) -> None:
    """Adds the option of a dial alone."""
    text = f'share of rows with the repaired label, 0 (as the data is) to 1 ({described})'
    parser.add_argument('--dial', type=dial, help=text)


def set_fairness(synthesizer: FairDistillSynthesizer, options: argparse.Namespace) -> None:
    """Sets what was chosen; of a goal also says what each dial was seen to give, on stderr, clear of the rows."""
    synthesizer.set_fairness(
        options.notion, options.dial, options.at_least, options.at_most, options.confidence, options.models
    )
    if goal_of(options) is not None:
        frontier = synthesizer.get_frontier().set_index('dial').T.to_string(float_format='{:.3f}'.format)
        said = f'Dial {synthesizer.dial:g} reaches the goal {goal_of(options):g} with confidence {options.confidence:g}'
        print(f'{frontier}\n{said}, for models {MODELS[options.models]} the sensitive columns.', file=sys.stderr)


def goal_of(options: argparse.Namespace) -> float | None:
    """Gives the goal, if one is wanted."""
    return options.at_most if options.at_least is None else options.at_least
