"""Random tables go in, and rows as SDV's own synthesizers would give them come out, or one clear error.

A Hypothesis strategy draws 300 tables of every type and oddity, always the same ones. ``RANDOM_TABLES=5000`` in front
of the command draws that many, new ones every time, or those of ``--hypothesis-seed``:

    RANDOM_TABLES=5000 python -m pytest -q tests/contract/test_random_tables.py
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, reject, seed, settings
from hypothesis import strategies as st
from rdt.transformers.utils import learn_rounding_digits
from sdmetrics.reports import DiagnosticReport
from sdv.errors import InvalidDataError
from sdv.metadata import Metadata
from sdv.metadata.errors import InvalidMetadataError
from sdv.single_table import CTGANSynthesizer, GaussianCopulaSynthesizer

USUAL = 300
TABLES = int(os.environ.get('RANDOM_TABLES', USUAL))
PARTS = 4 if TABLES == USUAL else 1  # tests of their own, so that processes share them
DRAWN = 25  # rows sampled from each table
COMPARED = 10  # one in so many tables is given to GaussianCopulaSynthesizer as well
REFUSALS = (  # what an error of ours tells to do
    'Replace them with numbers, or with missing values, before fitting',
    'Leave it out of the roles, or fit on rows that differ in it',
    'or give its missing values a level of their own',
)
SDV_REFUSALS = (InvalidDataError, InvalidMetadataError)


class Column(NamedTuple):
    """A column, what the metadata says of it, and whether it can play a role."""

    values: pd.Series
    about: dict[str, Any]
    modelled: bool = True


class Case(NamedTuple):
    """A table with its metadata, and the roles in it."""

    table: pd.DataFrame
    metadata: Metadata
    roles: dict[str, Any]


# Values, and how often each stands in a column

texts = st.text(st.characters(exclude_categories=['Cs']), max_size=8) | st.sampled_from(
    ['', ' ', 'nan', 'None', 'NaN', '0', '1.0', 'True', 'ü', '名', '🙂', 'a,b', "a'b", 'line\nbreak', '\x00', '#']
)
all_floats = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 5e-324, 1e-300, 1e300, -1e300, 0.1, 1 / 3, 1e16, 2.0**53 + 2, 1e15 + 0.5]
)
cents = st.integers(-(10**9), 10**9).map(lambda number: number / 100)
instants = st.integers(-9_000_000_000, 9_000_000_000)  # seconds around 1970: years 1684 to 2255


def integers_of(dtype: str) -> st.SearchStrategy[int]:
    """Integers that a dtype holds, its limits often."""
    bounds = np.iinfo(dtype.lower())
    small = st.integers(max(-9, int(bounds.min)), 9)
    return small | st.integers(int(bounds.min), int(bounds.max)) | st.sampled_from([int(bounds.min), int(bounds.max)])


@st.composite
def columns_of(draw: Callable, values: st.SearchStrategy, rows: int, share: float) -> list:
    """Rows that repeat a few values, a share of them missing."""
    pool = draw(st.lists(values, min_size=1, max_size=min(rows, 12)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    places = generator.integers(0, len(pool), rows)
    missing = generator.random(rows) < share
    return [None if gone else pool[place] for place, gone in zip(places, missing, strict=True)]


shares = st.sampled_from([0.0, 0.0, 0.0, 0.3, 0.9, 1.0])


@st.composite
def numbers(draw: Callable, rows: int) -> Column:
    """Numbers in every storage, tiny, huge, rounded, whole, or drawn from a distribution."""
    about = {'sdtype': 'numerical'}
    kind = draw(st.sampled_from(['floats', 'cents', 'whole', 'drawn', 'infinite', 'integers', 'nullable', 'objects']))
    share = draw(shares)
    if kind == 'drawn':
        generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        scale, places = draw(st.sampled_from([1e-9, 1.0, 1e6, 1e12])), draw(st.sampled_from([0, 2, 6, 20]))
        skewed = generator.lognormal(0, draw(st.sampled_from([0.1, 1, 3])), rows) * scale
        values = pd.Series(skewed.round(places) if places < 20 else skewed).mask(generator.random(rows) < share)
        return Column(values.astype(draw(st.sampled_from(['float64', 'float32', 'Float64']))), about)
    if kind == 'integers':
        dtype = draw(st.sampled_from(['int64', 'int8', 'uint8', 'int32', 'uint64', 'Int64', 'UInt16']))
        share = share if dtype[0] in 'IU' else 0.0
        return Column(pd.Series(draw(columns_of(integers_of(dtype), rows, share)), dtype=dtype), about)
    if kind == 'nullable':
        values = draw(columns_of(cents, rows, share))
        return Column(pd.Series(values, dtype=draw(st.sampled_from(['Float64', 'Float32']))), about)
    if kind == 'objects':
        content = draw(st.sampled_from([cents, st.integers(-5, 10**12)]))
        return Column(pd.Series(draw(columns_of(content, rows, share)), dtype=object), about)
    content = {
        'floats': all_floats,
        'cents': cents,
        'whole': st.integers(-100, 10**6).map(float),
        'infinite': st.floats(allow_nan=False),
    }[kind]
    return Column(pd.Series(draw(columns_of(content, rows, share)), dtype='float64'), about)


@st.composite
def levels(draw: Callable, rows: int) -> Column:
    """Levels of every type, as objects, texts or categories, ordered or not; up to one a row."""
    about = {'sdtype': 'categorical'}
    kind = draw(st.sampled_from(['texts', 'numbers', 'mixed', 'many', 'flags', 'ordinal']))
    if kind == 'many':
        generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        return Column(pd.Series([f'level {number}' for number in generator.integers(0, 2 * rows, rows)]), about)
    content = {
        'texts': texts,
        'numbers': st.integers(-3, 10**10) | cents,
        'mixed': texts | st.integers(-3, 3) | cents,
        'flags': st.booleans(),
        'ordinal': st.sampled_from(['low', 'middle', 'high']),
    }[kind]
    values = pd.Series(draw(columns_of(content, rows, draw(shares))), dtype=object)
    if kind == 'ordinal':
        about = {'sdtype': 'ordinal', 'range_values': ['low', 'middle', 'high', 'never']}
    dtypes = ['object', 'category', *(['string'] if kind in ('texts', 'ordinal') else [])]
    dtype = draw(st.sampled_from(dtypes))
    if dtype == 'category' and kind == 'ordinal':
        dtype = pd.CategoricalDtype(about['range_values'], ordered=draw(st.booleans()))
    return Column(values.astype(dtype), about)


@st.composite
def flags(draw: Callable, rows: int) -> Column:
    """Booleans, with missing values where their storage has room for them."""
    dtype = draw(st.sampled_from(['bool', 'boolean', 'object']))
    values = draw(columns_of(st.booleans(), rows, 0.0 if dtype == 'bool' else draw(shares)))
    return Column(pd.Series(values, dtype=dtype), {'sdtype': 'boolean'})


@st.composite
def dates(draw: Callable, rows: int) -> Column:
    """Dates and times long before and after 1970, with and without zone, as dates or as text in some format."""
    unit = draw(st.sampled_from([1, 60, 86_400]))
    seconds = [one and one // unit * unit for one in draw(columns_of(instants, rows, draw(shares)))]
    values = pd.Series(np.array(seconds, dtype='datetime64[s]')).astype('datetime64[ns]')
    kind = draw(st.sampled_from(['plain', 'unit', 'zone', '%Y-%m-%d', '%d.%m.%Y %H:%M', '%b %d, %Y', '%Y%m%dT%H%M%S']))
    if kind == 'unit':
        values = values.astype(f'datetime64[{draw(st.sampled_from(["s", "us"]))}]')
    if kind == 'zone':
        values = values.dt.tz_localize(draw(st.sampled_from(['UTC', 'Asia/Tokyo', '+02:30'])))
    if '%' not in kind:
        return Column(values, {'sdtype': 'datetime'})
    return Column(values.dt.strftime(kind).astype(object), {'sdtype': 'datetime', 'datetime_format': kind})


@st.composite
def invented(draw: Callable, rows: int) -> Column:
    """Columns that never reach the model: ids, personal data and what nobody knows."""
    values = pd.Series(draw(columns_of(st.sampled_from(['a@b.c', 'x y', '7']), rows, 0.0)))
    about = draw(st.sampled_from([{'sdtype': 'email', 'pii': True}, {'sdtype': 'unknown'}, {'sdtype': 'id'}]))
    return Column(values, about, modelled=False)


# Tables

row_counts = st.sampled_from([1, 2, 3, 8, 20, 20, 40])


@st.composite
def cases(draw: Callable) -> Case:
    """A table of up to six columns with explicit metadata, or what SDV detects; with roles or without."""
    rows = draw(row_counts)
    kinds = st.one_of(*(kind(rows) for kind in (numbers, levels, flags, dates)))
    found = draw(st.lists(kinds, min_size=1, max_size=4)) + draw(st.lists(invented(rows), max_size=1))
    names = [f'c{place}' for place in range(len(found))]
    table = pd.DataFrame({name: column.values for name, column in zip(names, found, strict=True)})
    about = {name: column.about for name, column in zip(names, found, strict=True)}
    if draw(st.booleans()):
        table['key'] = draw(st.sampled_from([range(rows), [f'k{row:04}' for row in range(rows)]]))
        about['key'] = {'sdtype': 'id'}
    if draw(st.integers(0, 9)) == 0 and 'key' not in table:
        table = pd.concat([table, table.head(3)], ignore_index=True)
    if draw(st.integers(0, 4)) == 0:
        return Case(table, detected(table), {})
    modelled = [name for name, column in zip(names, found, strict=True) if column.modelled]
    return Case(table, described(table, about), draw(roles(table, modelled)))


def described(table: pd.DataFrame, about: dict[str, dict]) -> Metadata:
    """Metadata that says what each column is."""
    key = {'primary_key': 'key'} if 'key' in about else {}
    return Metadata.load_from_dict({'tables': {'table': {'columns': about, **key}}})


def detected(table: pd.DataFrame) -> Metadata:
    """Metadata as SDV detects it; a table is left out where that fails, or where its rounding changes real rows.

    SDV rounds what any synthesizer draws to the detected ``decimal_places``, after it has kept it in its range: of
    1e294, rounded to 15 places, pandas makes infinity.
    """
    try:
        metadata = Metadata.detect_from_dataframes({'table': table}, infer_keys=None)
    except InvalidMetadataError:
        reject()
    for name, about in metadata.tables['table'].columns.items():
        if 'decimal_places' in about:
            values = table[name].to_numpy(dtype=float, na_value=np.nan)
            if not np.array_equal(values.round(about['decimal_places']), values, equal_nan=True):
                reject()
    return metadata


@st.composite
def roles(draw: Callable, table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Nothing in half of the tables, else up to two sensitive columns, a target, a desired value."""
    if draw(st.booleans()):
        return {}
    chosen = draw(st.permutations(names))
    given: dict[str, Any] = {'sensitive_columns': chosen[1 : draw(st.integers(1, 3))]}
    if draw(st.booleans()):
        given['target_column'] = chosen[0]
        if draw(st.booleans()):
            given['favorable_value'] = draw(st.sampled_from(table[chosen[0]].tolist()))
    return given


# Checks


def fitted(tiny: Any, case: Case) -> Any:
    """A synthesizer of the case, fitted on a tiny budget."""
    synthesizer = tiny.make(case.metadata, **case.roles)
    synthesizer._config = replace(synthesizer._config, student_steps=2, pool_batches=1, mixture_rows=32)
    given = case.table.copy()
    synthesizer.fit({'table': given})
    pd.testing.assert_frame_equal(given, case.table)
    return synthesizer


def check_refusal(error: Exception, case: Case) -> None:
    """An error of ours tells what to do; another one is SDV's own, for a table that no synthesizer of SDV takes."""
    if any(advice in ' '.join(str(error).split()) for advice in REFUSALS):
        return
    assert isinstance(error, SDV_REFUSALS), error
    with pytest.raises(type(error)):
        CTGANSynthesizer(case.metadata, enable_gpu=False).preprocess({'table': case.table.copy()})


def check_rows(rows: pd.DataFrame, case: Case) -> None:
    """Columns, types, ranges, rounding and levels are those of the table."""
    table = case.table
    assert type(rows.index) is pd.RangeIndex
    assert len(rows) == DRAWN
    pd.testing.assert_index_equal(rows.columns, table.columns)
    pd.testing.assert_series_equal(rows.dtypes, table.dtypes)
    about = case.metadata.tables['table'].columns
    for name in table:
        check_column(rows[name], table[name], about[name])


def check_column(drawn: pd.Series, seen: pd.Series, about: dict[str, Any]) -> None:
    """Missing only where missing was seen; levels, ranges and decimals as seen; dates in their format."""
    sdtype, present, known = about['sdtype'], drawn.dropna(), seen.dropna()
    assert seen.isna().any() or not drawn.isna().any()
    if sdtype in ('categorical', 'boolean', 'ordinal'):
        assert set(present) <= set(known)
    if sdtype == 'numerical' and len(known):
        assert present.between(known.min(), known.max()).all()
        digits, most = (learn_rounding_digits(values) for values in (present, known))
        assert most is None or digits is None or digits <= most
    if sdtype == 'datetime' and len(known):
        form = about.get('datetime_format')
        ours, theirs = (pd.to_datetime(values, format=form) for values in (present, known))
        assert ours.between(theirs.min(), theirs.max()).all()
        assert form is None or known.dtype != object or (ours.dt.strftime(form) == present).all()


def check_report(rows: pd.DataFrame, case: Case) -> None:
    """SDMetrics finds nothing wrong, or no more than with the table itself."""
    scores = []
    for compared in (rows, case.table):
        report = DiagnosticReport()
        report.generate({'table': case.table}, {'table': compared}, case.metadata.to_dict(), verbose=False)
        scores.append(report.get_score())
        if scores[0] == 1:
            return
    assert scores[0] >= scores[1] or np.isnan(scores).all(), scores


def check_beside(rows: pd.DataFrame, case: Case) -> None:
    """An own synthesizer of SDV gives the same dtypes, where it gives any rows: it fails on some tables."""
    theirs = GaussianCopulaSynthesizer(case.metadata)
    try:
        theirs.fit({'table': case.table.copy()})
        compared = theirs.sample(DRAWN)['table']
    except (KeyError, TypeError, ValueError) as error:
        event(f'failed in SDV: {type(error).__name__}')
        return
    pd.testing.assert_series_equal(rows.dtypes, compared.dtypes)


def check_table(tiny: Any, case: Case, beside: bool) -> None:
    """A synthesizer of the table draws rows as they should be, at both ends of the dial, or refuses the table."""
    try:
        synthesizer = fitted(tiny, case)
    except Exception as error:
        event(f'refused: {type(error).__name__}')
        check_refusal(error, case)
        return
    for dial in (1, 0):
        synthesizer.set_fairness(dial=dial)
        rows = synthesizer.sample(DRAWN)['table']
        check_rows(rows, case)
    check_report(rows, case)
    if beside:
        check_beside(rows, case)


@pytest.mark.parametrize('part', range(PARTS))
def test_random_tables(tiny, part):
    @settings(
        max_examples=TABLES // PARTS,
        derandomize=TABLES == USUAL,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(), beside=st.integers(1, COMPARED).map(lambda number: number == 1))
    def check(case: Case, beside: bool) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            check_table(tiny, case, beside)

    (seed(part)(check) if TABLES == USUAL else check)()


@pytest.mark.parametrize('count', [1, 500, 5_000])
def test_any_number_of_levels(tiny, count):
    table = pd.DataFrame({'level': [f'level {number}' for number in range(count)], 'number': range(count)})
    case = Case(table, described(table, {'level': {'sdtype': 'categorical'}, 'number': {'sdtype': 'numerical'}}), {})
    rows = fitted(tiny, case).sample(DRAWN)['table']

    check_rows(rows, case)
    check_report(rows, case)
