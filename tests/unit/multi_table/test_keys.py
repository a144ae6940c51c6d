"""Foreign keys are drawn as they were learned: so many parents with so many children, and none that is not there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.multi_table.keys import ForeignKey

seeds = st.integers(0, 2**31)
families = st.lists(st.integers(0, 6), min_size=1, max_size=30).filter(any)  # children of each parent
orphans = st.integers(0, 5)


def learned(children, missing=0):
    keys = np.repeat(np.arange(float(len(children))), children)
    return ForeignKey.learn(pd.Series(np.append(keys, np.full(missing, np.nan))), len(children))


def names(count):
    return pd.Series([f'p{number}' for number in range(count)], index=np.arange(count) + 100)


def children_of(drawn, parents):
    return drawn.value_counts().reindex(parents, fill_value=0).to_numpy()


@given(families, orphans, seeds)
def test_as_many_rows_and_parents_have_the_same_numbers_of_children(children, missing, seed):
    parents = names(len(children))
    rows = sum(children) + missing
    drawn = learned(children, missing).draw(parents, rows, np.random.default_rng(seed))

    assert drawn.index.tolist() == list(range(rows))
    assert drawn.isna().sum() == missing
    assert sorted(children_of(drawn, parents)) == sorted(children)


@given(families, orphans, st.integers(1, 60), st.integers(1, 200), seeds)
def test_any_numbers_of_parents_and_rows_are_met(children, missing, parents, rows, seed):
    parents, key = names(parents), learned(children, missing)
    drawn = key.draw(parents, rows, np.random.default_rng(seed))
    connected = drawn.dropna()

    assert len(drawn) == rows
    assert connected.isin(parents).all()
    assert abs(drawn.isna().sum() - rows * key.missing) <= 0.5
    counts = children_of(connected, parents)
    if min(children) * len(parents) <= len(connected) <= max(children) * len(parents):
        assert (counts >= min(children)).all()
        assert (counts <= max(children)).all()


def test_each_row_has_a_parent_of_its_own_where_that_was_so():
    drawn = learned([1] * 30 + [0] * 20).draw(names(25), 15, np.random.default_rng(0))

    assert drawn.is_unique


def test_who_has_how_many_children_is_left_to_chance():
    key, parents = learned([0] * 50 + [4] * 50), names(100)
    one, two = (children_of(key.draw(parents, 200, np.random.default_rng(seed)), parents) for seed in (0, 1))

    assert 10 < np.sum((one > 0) & (two > 0)) < 40  # 25 if it is independent, 50 if it is the same parents
    assert one[:50].sum() < 200


@pytest.mark.parametrize('missing', [0, 3])
def test_numbers_stay_numbers_where_none_is_missing(missing):
    drawn = learned([2, 1], missing).draw(pd.Series([7, 9]), 3 + missing, np.random.default_rng(0))

    assert drawn.dtype == (float if missing else int)
    assert set(drawn.dropna()) == {7, 9}
