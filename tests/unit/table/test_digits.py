"""Wide columns written with two digits: nothing is lost, roles stay, and no digits stand for an unknown level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.table.digits import MOST_TOKENS, Digits
from sdv_fairdistill.table.layout import Layout

WIDE = MOST_TOKENS + 1


@st.composite
def tables(draw):
    columns = draw(st.integers(1, 5))
    cardinalities = draw(st.lists(st.sampled_from([1, 2, 40, WIDE, 20_000]), min_size=columns, max_size=columns))
    ordered = draw(st.lists(st.booleans(), min_size=columns, max_size=columns))
    roles = draw(st.permutations(range(columns)))
    target = roles[0] if columns > 1 and draw(st.booleans()) else None
    layout = Layout(
        tuple(cardinalities),
        tuple(ordered),
        sensitive=tuple(roles[1:2]),
        target=target,
        admissible=tuple(roles[2:3]),
        with_missing=tuple(column for column in range(columns) if ordered[column] and draw(st.booleans())),
    )
    seed, rows = draw(st.integers(0, 2**31)), draw(st.integers(0, 30))
    return layout, np.random.default_rng(seed).integers(0, cardinalities, (rows, columns)).astype(np.int32)


@given(tables())
def test_a_table_comes_back(table):
    layout, tokens = table
    digits = Digits(layout)

    split = digits.split(tokens)

    assert split.shape == (len(tokens), len(digits.layout.cardinalities))
    assert (split < digits.layout.cardinalities).all()
    np.testing.assert_array_equal(digits.join(split), tokens)


@given(tables())
def test_only_levels_without_a_role_that_must_stay_whole_are_split(table):
    layout, _ = table
    for column, cardinality in enumerate(layout.cardinalities):
        whole = layout.ordered[column] or column in layout.sensitive or column == layout.target
        assert (column in Digits(layout).bases) == (cardinality > MOST_TOKENS and not whole)


@given(tables())
def test_roles_are_those_of_the_same_columns(table):
    layout, tokens = table
    digits = Digits(layout)
    split, inner = digits.split(tokens), digits.layout

    np.testing.assert_array_equal(split[:, inner.sensitive], tokens[:, layout.sensitive])
    if layout.target is not None:
        np.testing.assert_array_equal(split[:, inner.target], tokens[:, layout.target])
    assert [inner.ordered[place] for place in digits.places] == list(layout.ordered)
    assert [digits.places.index(place) for place in inner.with_missing] == list(layout.with_missing)
    assert [inner.missing_of(place) for place in inner.with_missing] == list(
        map(layout.missing_of, layout.with_missing)
    )
    first = [place for place in inner.admissible if place in digits.places]
    assert [digits.places.index(place) for place in first] == list(layout.admissible)
    assert len(inner.admissible) == sum(1 + (column in digits.bases) for column in layout.admissible)


@given(tables())
def test_conditions_are_the_digits_of_their_tokens(table):
    layout, tokens = table
    digits = Digits(layout)
    for row, split in zip(tokens.tolist(), digits.split(tokens).tolist(), strict=True):
        assert digits.of(dict(enumerate(row))) == dict(enumerate(split))


def test_the_first_digit_is_drawn_before_the_second():
    layout = Digits(Layout((3, 20_000, 5), (False,) * 3)).layout
    first, second = 1, 2

    assert layout.cardinalities[first] * layout.cardinalities[second] >= 20_000
    assert layout.drawn.index(first) + 1 == layout.drawn.index(second)


def test_digits_that_no_level_has_become_the_last_level():
    digits = Digits(Layout((WIDE,), (False,)))
    most = [cardinality - 1 for cardinality in digits.layout.cardinalities]

    assert digits.join(np.array([most])).tolist() == [[WIDE - 1]]


def test_columns_of_usual_size_are_not_touched():
    digits = Digits(Layout((2, MOST_TOKENS), (False, False)))
    tokens = np.array([[1, 999]])

    assert digits.layout == digits.outer
    assert digits.split(tokens) is tokens
    assert digits.join(tokens) is tokens


@pytest.mark.parametrize('cardinality', [WIDE, 1_024, 1_025, 20_000, 1_000_003])
def test_both_digits_have_about_the_square_root_of_tokens(cardinality):
    pair = Digits(Layout((cardinality,), (False,))).layout.cardinalities

    assert max(pair) - 1 < cardinality**0.5 <= max(pair)
    assert min(pair) >= max(pair) - 2
