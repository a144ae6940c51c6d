"""A column's parent is the one before it that says most about it; chance gives it none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.links import MOST_CELLS, ORDERED_LEVELS, PRIOR_ROWS, find_links

ROWS = 2_000


def layout_of(*cardinalities, ordered=False, **roles):
    return Layout(cardinalities, (ordered,) * len(cardinalities), **roles)


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def agreeing(column, share, levels, generator):
    """A column that is like another one in a share of the rows, and else anything."""
    return np.where(generator.random(len(column)) < share, column, generator.integers(0, levels, len(column)))


def test_the_parent_is_the_column_that_says_most(generator):
    first = generator.integers(0, 3, ROWS)
    second = agreeing(first, 0.3, 3, generator)
    third = agreeing(second, 0.8, 3, generator)
    fourth = agreeing(first, 0.9, 3, generator)

    links = find_links(np.column_stack([first, second, third, fourth]), layout_of(3, 3, 3, 3))

    assert [(link.column, link.parent) for link in links] == [(1, 0), (2, 1), (3, 0)]


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(100, 300))
def test_columns_that_are_independent_are_seldom_linked(seed, rows):
    # One pair in about a thousand of so few rows passes by chance.
    tokens = np.random.default_rng(seed).integers(0, 3, (rows, 3))

    assert len(find_links(tokens, layout_of(3, 3, 3))) <= 1


def test_the_ratios_are_those_of_counts_drawn_towards_none():
    tokens = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [300, 100, 20, 180], axis=0)

    (link,) = find_links(tokens, layout_of(2, 2))

    shares = np.array([320.5, 280.5]) / 601
    beside = (np.array([[300, 100], [20, 180]]) + PRIOR_ROWS * shares) / (np.array([[400], [200]]) + PRIOR_ROWS)
    np.testing.assert_allclose(link.log_ratio, np.log(beside / shares), rtol=1e-5)
    assert link.log_ratio.dtype == np.float32


def test_a_parent_s_level_that_never_occurs_says_nothing():
    tokens = np.repeat([[0, 0], [2, 1]], 100, axis=0)

    (link,) = find_links(tokens, layout_of(3, 3))

    np.testing.assert_allclose(link.log_ratio[1], 0, atol=1e-6)
    assert (link.log_ratio[[0, 2], [0, 1]] > 0.5).all()


def test_bins_are_counted_in_ranges_and_missing_values_by_themselves(generator):
    number = generator.integers(0, 41, ROWS)
    layout = layout_of(41, 41, ordered=True, with_missing=(0, 1))

    (link,) = find_links(np.column_stack([number, agreeing(number, 0.7, 41, generator)]), layout)

    for levels in (link.level_of, link.parent_level_of):
        assert levels.tolist() == [*np.repeat(np.arange(ORDERED_LEVELS), 40 // ORDERED_LEVELS), ORDERED_LEVELS]
    assert link.log_ratio.shape == (ORDERED_LEVELS + 1, ORDERED_LEVELS + 1)
    assert (link.log_ratio.argmax(1) == np.arange(ORDERED_LEVELS + 1)).all()


def test_links_refer_to_the_drawn_columns_in_their_order(generator):
    first = generator.integers(0, 3, ROWS)
    layout = Layout((5, 2, 3, 2), (False,) * 4, sensitive=(1,), target=3)
    assert layout.drawn == (2, 0)

    (link,) = find_links(np.column_stack([first, agreeing(first, 0.9, 5, generator)]), layout)

    assert (link.column, link.parent) == (1, 0)
    assert (len(link.level_of), len(link.parent_level_of)) == (5, 3)


def test_pairs_of_columns_with_very_many_levels_are_not_counted(generator):
    levels = int(MOST_CELLS**0.5) + 1
    column = generator.integers(0, levels, 100 * ROWS)

    assert not find_links(np.column_stack([column, column]), layout_of(levels, levels))
    assert find_links(np.column_stack([column % 60, column % 60]), layout_of(60, 60))


@pytest.mark.parametrize('columns', [0, 1, 3])
@pytest.mark.parametrize('rows', [1, 2])
@pytest.mark.parametrize('cardinality', [1, 2, 9])
@pytest.mark.parametrize('ordered', [False, True])
def test_any_small_table(rows, columns, cardinality, ordered):
    tokens = np.zeros((rows, columns), dtype=np.int64)

    assert find_links(tokens, layout_of(*[cardinality] * columns, ordered=ordered)) == ()


def test_a_number_whose_values_are_all_missing():
    layout = layout_of(1, 1, ordered=True, with_missing=(0, 1))

    assert find_links(np.zeros((50, 2), dtype=np.int64), layout) == ()
