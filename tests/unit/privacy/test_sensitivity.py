"""How far one row moves what is counted: the true numbers that reach the mechanisms, with a row and without it."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.privacy import Ledger, Privacy, counting
from sdv_fairdistill.privacy.choosing import _counts
from sdv_fairdistill.privacy.counting import Counter, count_rows, counts_of
from sdv_fairdistill.privacy.grid import Grid
from sdv_fairdistill.privacy.histogram import count_line
from sdv_fairdistill.privacy.public import public_columns
from sdv_fairdistill.privacy.reading import level_places
from sdv_fairdistill.privacy.stage import bounded

COLUMNS = {
    'job': {'sdtype': 'categorical'},
    'town': {'sdtype': 'categorical'},
    'age': {'sdtype': 'numerical'},
    'wealth': {'sdtype': 'numerical'},
    'joined': {'sdtype': 'datetime', 'datetime_format': '%Y-%m-%d'},
}
ROW = st.tuples(
    st.sampled_from(['cook', 'nurse', 'pilot', None, 'unheard of', 3]),
    st.sampled_from(['A', 'B', None]),
    st.one_of(st.none(), st.integers(-5, 200), st.sampled_from(['text', float('inf')])),
    st.one_of(st.none(), st.floats(-1e9, 1e9)),
    st.sampled_from(['1999-01-01', '2020-02-02', 'no date', None]),
)


def table_of(rows):
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


class Exact:
    """Stands in for the mechanisms: gives true counts, without noise, and keeps them."""

    def __init__(self):
        self.kept = {}

    def counts(self, ledger, part, counts, rows, rho):
        self.kept.setdefault(part, []).append(np.asarray(counts).copy())
        return np.asarray(counts, dtype=float)

    def frequent(self, ledger, part, counts, rows, rho, delta):
        self.kept.setdefault(part, []).append(dict(counts))
        return {cell: 1000.0 - cell for cell in range(3)}


def first_counts(table, monkeypatch, **public):
    """The true numbers of the first release of each part."""
    exact = Exact()
    monkeypatch.setattr(counting, 'noisy_counts', exact.counts)
    monkeypatch.setattr(counting, 'frequent_counts', exact.frequent)
    columns = public_columns(Privacy(1.0, **public), COLUMNS, {name: table[name].dtype for name in table})
    counter = Counter(Ledger(1.0, 1e-6), rows=1, rho=0.01, delta=1e-8, most=lambda _: 8, noise=1.0)
    for column in columns:
        with suppress(FairDistillError, IndexError):  # too little found to go on, with counts that are not noisy
            counter.count(table[column.name], column)
    return {part: counts[0] for part, counts in exact.kept.items()}


def flat(counts, like):
    if isinstance(counts, dict):
        keys = {*counts, *like}
        return np.array([counts.get(key, 0) for key in sorted(keys)])
    return counts.ravel()


PUBLIC = {
    'bounds': {'age': (17, 90), 'wealth': (0.0, 1e6), 'joined': ('1990-01-01', '2025-12-31')},
    'levels': {'job': ['cook', 'nurse', 'pilot'], 'town': ['A', 'B']},
}


@pytest.mark.parametrize('public', [PUBLIC, {}], ids=['public', 'found'])
def test_a_row_moves_one_cell_of_each_count_by_one(public):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(ROW, min_size=1, max_size=12), ROW)
    def check(rows, row):
        with pytest.MonkeyPatch.context() as monkeypatch:
            without = first_counts(table_of(rows), monkeypatch, **public)
            having = first_counts(table_of([*rows, row]), monkeypatch, **public)  # at the end, so that numbers stay
        assert set(without) == set(having)
        for part in having:
            moved = np.abs(flat(having[part], without[part]) - flat(without[part], having[part]))
            assert moved.sum() <= 1, part
            assert public == {} or moved.sum() == 1, part

    check()


def test_a_row_moves_the_number_of_rows_by_one(monkeypatch):
    exact = Exact()
    monkeypatch.setattr(counting, 'noisy_counts', exact.counts)
    for rows in (7, 8):
        count_rows(pd.DataFrame(index=range(rows)), Ledger(1.0, 1e-6), rows=1, rho=0.01)

    assert [counts.tolist() for counts in exact.kept['number of rows']] == [[7], [8]]


def test_the_number_of_rows_is_charged_and_noisy():
    ledger = Ledger(1.0, 1e-6)
    found, variance = count_rows(pd.DataFrame(index=range(1_000)), ledger, rows=2, rho=0.02)

    assert variance == pytest.approx(2**2 / (2 * 0.02))
    assert abs(found - 1_000) < 7 * variance**0.5
    assert ledger.table()['part'].tolist() == ['number of rows']


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-1, 9_999), min_size=1, max_size=40), st.integers(-1, 9_999), st.integers(0, 10**6))
def test_a_row_moves_one_cell_at_every_width_of_a_line(places, place, seed):
    """The noise is the same in both, so that both are refined alike where it hides the row."""
    kept = {}
    for name, rows in (('without', places), ('having', [*places, place])):
        released = kept.setdefault(name, [])

        def count(counts, released=released):
            released.append(counts)
            return np.random.default_rng(seed).normal(200, 100, len(counts)).round()

        count_line(np.array(rows), 10_000, count, variance=1.0)
    assert len(kept['having']) == len(kept['without']) > 1
    for having, without in zip(kept['having'], kept['without'], strict=True):
        assert np.abs(having - without).sum() <= 1
    assert len(kept['having']) <= counts_of(public_columns(Privacy(1.0, **PUBLIC), COLUMNS, {})[3]) + 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=20))
def test_a_row_moves_combinations_by_one_and_scores_by_one_at_most(rows):
    tokens, shares = np.array(rows), np.random.default_rng(0).dirichlet(np.ones(24)).reshape(3, 4, 2) * len(rows)
    having, without = (_counts(part, (0, 1, 2), [3, 4, 2]) for part in (tokens, tokens[1:]))

    assert np.abs(having - without).sum() == 1
    assert abs(np.abs(having - shares).sum() - np.abs(without - shares).sum()) <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 3))
def test_nobody_keeps_more_rows_than_allowed(persons, most):
    table = pd.DataFrame({'person': persons, 'row': range(len(persons))})
    kept = bounded(table, Privacy(1.0, rows_per_person=most, person_column='person'), np.random.default_rng(0))

    expected = table['person'].value_counts().clip(upper=most)
    assert kept['person'].value_counts().sort_index().tolist() == expected.sort_index().tolist()
    assert kept['row'].is_unique


def test_which_rows_are_kept_is_drawn():
    table = pd.DataFrame({'person': ['a'] * 10, 'row': range(10)})
    privacy = Privacy(1.0, person_column='person')
    kept = {int(bounded(table, privacy, np.random.default_rng(seed))['row'].iloc[0]) for seed in range(60)}

    assert len(kept) > 5


def test_values_are_read_row_by_row():
    """A value is read the same whatever others there are: formats are never guessed from the first row."""
    column = pd.Series(['cook', None, 'x', ['a'], 3], dtype=object)
    whole = level_places(column, ['cook', "['a']"])

    assert whole.tolist() == [0, 2, 3, 1, 3]
    assert [level_places(column[[row]], ['cook', "['a']"])[0] for row in range(5)] == whole.tolist()
    assert Grid(0.0, 1.0).places(np.array([-5.0, np.inf, np.nan, 0.5])).tolist() == [0, 2**20 - 1, -1, 2**19]
