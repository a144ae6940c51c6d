"""The label is drawn last where rows are many, or where columns tell it nearly as a function does."""

from dataclasses import replace

import numpy as np
import pytest

from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views.order import is_drawn_last

MANY = 5_000
LAYOUT = Layout((2, 6, 4, 3), (False,) * 4, sensitive=(0,), target=3)


def table(rows=2_000, noise=0.0, seed=0):
    """A group, two columns, and a label of three classes that is a function of them but for some noise."""
    chance = np.random.default_rng(seed)
    group, first, second = (chance.integers(0, many, rows) for many in (2, 6, 4))
    label = np.select([first + second > 5, 2 * group + second > 3], [2, 1], 0)
    label = np.where(chance.random(rows) < noise, chance.permutation(label), label)
    return np.column_stack([group, first, second, label])


@pytest.mark.parametrize(('noise', 'last'), [(0.0, True), (0.2, True), (0.7, False), (1.0, False)])
def test_of_few_rows_a_label_is_drawn_last_if_columns_tell_it(noise, last):
    assert is_drawn_last(table(noise=noise), LAYOUT, 0, MANY) == last


@pytest.mark.parametrize('rows', [60, 300])
def test_so_it_is_of_very_few_rows(rows):
    assert not is_drawn_last(table(rows, noise=1.0), LAYOUT, 0, MANY)


def test_of_many_rows_it_always_is():
    assert is_drawn_last(table(MANY, noise=1.0), LAYOUT, 0, MANY)
    assert not is_drawn_last(table(MANY - 1, noise=1.0), LAYOUT, 0, MANY)


def test_the_sensitive_columns_are_among_those_that_tell_it():
    tokens = table()
    tokens[:, 3] = tokens[:, 0]

    assert is_drawn_last(tokens, LAYOUT, 0, MANY)


@pytest.mark.parametrize(('rows', 'last'), [(2_000, False), (MANY, True)])
def test_a_number_is_drawn_last_of_many_rows_only(rows, last):
    numbers = replace(LAYOUT, ordered=(False, False, False, True))

    assert is_drawn_last(table(rows), numbers, 0, MANY) == last


def test_where_there_is_nothing_to_read_or_to_tell_it_is_drawn_first():
    tokens = table()
    one_class = tokens.copy()
    one_class[:, 3] = 1

    assert not is_drawn_last(tokens, replace(LAYOUT, target=None), 0, MANY)
    assert not is_drawn_last(tokens[:, [0, 3]], Layout((2, 3), (False,) * 2, sensitive=(0,), target=1), 0, MANY)
    assert not is_drawn_last(one_class, LAYOUT, 0, MANY)
    assert not is_drawn_last(tokens[:15], LAYOUT, 0, MANY)
