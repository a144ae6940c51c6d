"""What a fitted synthesizer holds: figures of the table, and nothing as long as it is; every object is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import FunctionType, ModuleType
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
from sdv.cag import FixedCombinations, Inequality

ROWS = 2_003  # a prime, and more than the knots of a column
NOTIONS = ['demographic_parity', 'conditional_parity', 'unawareness', 'equalized_odds']
CATEGORY, NUMBER = {'sdtype': 'categorical'}, {'sdtype': 'numerical'}
COLUMNS = {
    'key': {'sdtype': 'id'},
    'name': {'sdtype': 'name', 'pii': True},
    'note': {'sdtype': 'unknown'},
    'sex': CATEGORY,
    'born': CATEGORY,
    'town': CATEGORY,
    'country': CATEGORY,
    'age': NUMBER,
    'wealth': NUMBER,
    'low': NUMBER,
    'high': NUMBER,
    'joined': {'sdtype': 'datetime'},
    'y': CATEGORY,
}


@pytest.fixture(scope='module')
def table() -> pd.DataFrame:
    """Rows that no two columns have in common: nearly every number is its own."""
    generator = np.random.default_rng(0)
    low, town = generator.normal(size=ROWS), generator.integers(0, 9, ROWS)
    return pd.DataFrame(
        {
            'key': [f'K{number:05}' for number in range(ROWS)],
            'name': [f'Somebody {number}' for number in range(ROWS)],
            'note': [f'remark {number}' for number in range(ROWS)],
            'sex': generator.choice(['f', 'm'], ROWS),
            'born': generator.choice(['here', 'there'], ROWS),
            'town': [f't{number}' for number in town],
            'country': [f'c{number // 3}' for number in town],
            'age': generator.normal(40, 9, ROWS),
            'wealth': generator.lognormal(3, 1, ROWS),
            'low': low,
            'high': low + generator.random(ROWS),
            'joined': pd.Timestamp('1999-01-01') + pd.to_timedelta(generator.integers(0, 10**9, ROWS), 's'),
            'y': generator.choice(['no', 'yes'], ROWS),
        }
    )


@pytest.fixture(scope='module')
def synthesizer(tiny, table) -> Any:
    """A fit with everything that keeps something: constraints, notions, goals, numeric groups, withheld values."""
    made = tiny.make(
        tiny.metadata(COLUMNS, 'key'),
        sensitive_columns=['sex', 'age', 'wealth'],
        target_column='y',
        favorable_value='yes',
        admissible_columns=['born'],
        notions=NOTIONS,
        holdout_share=0.2,
        min_category_count=5,
    )
    made.add_constraints([FixedCombinations(['town', 'country']), Inequality('low', 'high')])
    made.fit({'table': table.copy()})
    made.sample(20)
    return made


def parts_of(thing: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, each with how to get there."""
    if isinstance(thing, dict):
        yield from ((f'[{key!r}]', value) for key, value in thing.items())
        yield from (('.keys()', key) for key in thing)
    elif isinstance(thing, pd.DataFrame):
        yield from ((f'[{name!r}]', thing[name].to_numpy()) for name in thing)
    elif isinstance(thing, (pd.Series, pd.Index)):
        yield '.to_numpy()', thing.to_numpy()
    elif isinstance(thing, np.ndarray):
        yield from ((f'[{place}]', value) for place, value in enumerate(thing.flat) if thing.dtype == object)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        yield from ((f'[{place}]', value) for place, value in enumerate(thing))
    elif isinstance(thing, FunctionType):
        cells = thing.__closure__ or ()
        yield from ((f'.closure[{place}]', cell.cell_contents) for place, cell in enumerate(cells))
    yield from ((f'.{name}', value) for name, value in getattr(thing, '__dict__', {}).items())


def reachable(root: Any) -> Iterator[tuple[str, Any]]:
    """Every object that an object leads to, itself first; modules and classes are nobody's."""
    waiting, seen = [('', root)], {}
    while waiting:
        path, thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, (ModuleType, type)):
            continue
        seen[id(thing)] = thing  # kept, so that no other object gets its id
        yield path, thing
        waiting += [(path + step, part) for step, part in parts_of(thing)]


def lengths(thing: Any) -> tuple[int, ...]:
    """The sizes of an object along each axis; none if it is no container."""
    if isinstance(thing, (np.ndarray, pd.DataFrame, pd.Series, pd.Index, torch.Tensor)):
        return tuple(thing.shape)
    return (len(thing),) if isinstance(thing, Collection) and not isinstance(thing, str) else ()


def as_long_as_the_table(root: Any) -> list[str]:
    """Where something is that has at least half as many entries as the table has rows."""
    return [
        f'{path}: {lengths(thing)}' for path, thing in reachable(root) if max(lengths(thing), default=0) >= ROWS / 2
    ]


def numbers_of(thing: Any) -> np.ndarray:
    """The numbers that stand side by side in an object: in an array, a table, a list, or as its attributes."""
    if isinstance(thing, torch.Tensor):
        thing = thing.detach().cpu().numpy()
    if isinstance(thing, np.ndarray) and thing.dtype != object:
        return thing.ravel().astype(float) if thing.dtype.kind in 'fiu' else np.empty(0)
    parts = [part for _, part in parts_of(thing)]
    if isinstance(thing, pd.DataFrame):
        return np.concatenate([np.empty(0), *map(numbers_of, parts)])
    return np.array([part for part in parts if isinstance(part, (float, np.floating))], dtype=float)


def rows_kept(root: Any, table: pd.DataFrame) -> list[str]:
    """Where two numbers of one row of the table stand side by side; nearly all numbers in it are single."""
    numeric = table[['age', 'wealth', 'low', 'high']]
    homes = {value: divmod(place, 4) for place, value in enumerate(numeric.to_numpy().ravel())}
    found = []
    for path, thing in reachable(root):
        here = {homes[value] for value in numbers_of(thing).tolist() if value in homes}
        if len(here) > len({row for row, _ in here}):
            found.append(path)
    return found


@pytest.fixture(params=['as fitted', 'as loaded'])
def kept(request, synthesizer) -> Any:
    return synthesizer if request.param == 'as fitted' else cloudpickle.loads(cloudpickle.dumps(synthesizer))


def test_nothing_is_as_long_as_the_table(kept):
    assert sum(1 for _ in reachable(kept)) > 2_000  # it has been looked into
    assert as_long_as_the_table(kept) == []


def test_no_two_numbers_of_a_row_stand_together(kept, table):
    assert rows_kept(kept, table) == []


def test_no_key_name_or_note_is_in_the_file(synthesizer, table):
    saved = cloudpickle.dumps(synthesizer)

    assert not any(text.encode() in saved for name in ('key', 'name', 'note') for text in table[name])


@pytest.mark.parametrize(
    'hide',
    [
        lambda kept, table: setattr(kept._tokenizer, 'some', table),
        lambda kept, table: setattr(kept._data_processor, 'some', {'deep': [(table['age'].tolist(),)]}),
        lambda kept, table: setattr(kept._model.student, 'some', torch.zeros(ROWS, 4)),
        lambda kept, table: setattr(kept, 'some', lambda: table),
    ],
    ids=['a table', 'a list', 'latents', 'a closure'],
)
def test_what_is_as_long_as_the_table_would_be_found(synthesizer, table, hide):
    kept = cloudpickle.loads(cloudpickle.dumps(synthesizer))
    hide(kept, table)

    assert any('.some' in path for path in as_long_as_the_table(kept))


@pytest.mark.parametrize(
    'hide',
    [
        lambda row: row,
        lambda row: row.to_frame().T,
        lambda row: [{'age': row['age'], 'wealth': row['wealth']}],
        lambda row: {row['low']: row['high']},
        lambda row: torch.tensor(row.tolist(), dtype=torch.float64),
    ],
    ids=['a series', 'a table', 'a record', 'a pair', 'a tensor'],
)
def test_a_row_would_be_found(synthesizer, table, hide):
    kept = cloudpickle.loads(cloudpickle.dumps(synthesizer))
    kept._tokenizer.some = hide(table.loc[77, ['age', 'wealth', 'low', 'high']].astype(float))

    assert any('.some' in path for path in rows_kept(kept, table))
