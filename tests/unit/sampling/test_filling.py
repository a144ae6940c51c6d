"""What rows lack is filled in as the exact conditional distribution has it, whatever else is known."""

from dataclasses import replace

import numpy as np
import pytest

from sdv_fairdistill.sampling import filling as module
from sdv_fairdistill.sampling.filling import fill_rows
from sdv_fairdistill.sampling.particles import Particles

ROWS = 1_500
LACKING = -1
PATTERNS = [
    (LACKING, LACKING, LACKING, LACKING, LACKING),
    (LACKING, 2, LACKING, 1, 0),
    (0, LACKING, 1, LACKING, 1),
    (1, LACKING, LACKING, 0, 1),
    (LACKING, 0, 1, LACKING, 0),
]


def fits(rows, pattern):
    return np.all([(rows[:, at] == token) | (token == LACKING) for at, token in enumerate(pattern)], axis=0)


def exact(enumeration, pattern, never):
    """The distribution of rows that fit; those with a known label are as in the data."""
    if pattern[2] != LACKING:
        enumeration = type(enumeration)(0.0, raw=enumeration.views[0])
    joint = enumeration.probabilities * fits(enumeration.rows, pattern)
    for column, token in never.items():
        joint *= (enumeration.rows[:, column] != token) | (pattern[column] != LACKING)
    return joint / joint.sum()


def test_rows_follow_the_conditional_distribution(enumeration, generators):
    never = {1: 0, 0: 1} if enumeration.source.dial == 0.6 else {}
    allowed = [pattern for pattern in PATTERNS if exact_is_defined(enumeration, pattern, never)]
    known = np.repeat(allowed, ROWS, axis=0)
    order = np.random.default_rng(0).permutation(len(known))

    filled = np.empty_like(known)
    filled[order] = fill_rows(enumeration.source, known[order], never, generators)

    assert (filled[known >= 0] == known[known >= 0]).all()
    for number, pattern in enumerate(allowed):
        drawn = enumeration.frequencies(filled[number * ROWS : (number + 1) * ROWS])
        assert np.abs(drawn - exact(enumeration, pattern, never)).sum() / 2 < 0.1, pattern


def exact_is_defined(enumeration, pattern, never):
    combinations = enumeration.groups.combinations  # of columns 3 and 0
    meets = [(combinations[:, at] == pattern[c]) | (pattern[c] == LACKING) for at, c in enumerate((3, 0))]
    meets += [(combinations[:, 1] != never[0]) | (pattern[0] != LACKING)] if 0 in never else []
    return np.all(meets, axis=0).any()


@pytest.mark.parametrize('raw_enumeration', ['label first'], indirect=True)  # the other is there without a sweep
@pytest.mark.parametrize('sweeps', [0, 4])
def test_sweeps_alone_lead_there(raw_enumeration, generators, monkeypatch, sweeps):
    monkeypatch.setattr(module, 'SWEEPS', sweeps)
    monkeypatch.setattr(Particles, 'weigh', lambda *_: None)
    pattern = (0, 2, 0, LACKING, LACKING)

    filled = fill_rows(raw_enumeration.source, np.repeat([pattern], ROWS, axis=0), {}, generators)

    far = np.abs(raw_enumeration.frequencies(filled) - exact(raw_enumeration, pattern, {})).sum() / 2
    assert (far < 0.06) == (sweeps > 0)


def test_a_label_that_is_known_is_one_of_the_data_and_not_changed(raw_enumeration, generators, monkeypatch):
    changed = []
    monkeypatch.setattr(module, 'change_labels', lambda _, walk, *rest: changed.append(len(walk)))
    source = replace(raw_enumeration.source, repair=object(), changed=1.0)
    known = np.array([[0, -1, 1, 0, -1]] * 3 + [[0, -1, -1, 0, -1]] * 2)

    filled = fill_rows(source, known, {}, generators)

    assert changed == [2]
    assert (filled[:3, 2] == 1).all()
