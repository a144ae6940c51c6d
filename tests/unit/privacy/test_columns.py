"""Columns that were counted, lines and their masses, the relaxed table: with noise so small that answers are known."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import torch

from sdv_fairdistill.errors import FairDistillError, PrivacyError
from sdv_fairdistill.privacy import Ledger, Privacy
from sdv_fairdistill.privacy.choosing import ProxyConfig, candidates_of
from sdv_fairdistill.privacy.counting import Counter
from sdv_fairdistill.privacy.grid import Grid
from sdv_fairdistill.privacy.histogram import LineCounts
from sdv_fairdistill.privacy.masses import line_masses
from sdv_fairdistill.privacy.public import public_columns
from sdv_fairdistill.privacy.relaxed import Measure, RelaxedTable

ROWS = 4_000
RNG = np.random.default_rng(0)


def counted(values, about, rho=2.0, **public):
    """A column after its first look, with noise of half a row by default."""
    table = pd.DataFrame({'x': values})
    [column] = public_columns(Privacy(900.0, 1e-6, **public), {'x': about}, {'x': table['x'].dtype})
    counter = Counter(Ledger(900.0, 1e-6), 1, rho, 1e-8, lambda _: 16, 4.0)
    return counter.count(table['x'], column)[0]


def back(column, values):
    generator = np.random.default_rng(0)
    return column.decode(column.encode(pd.Series(values), generator), generator)


def test_levels_come_back_and_unknown_ones_are_replaced():
    values = ['a'] * 3_000 + ['b'] * 1_000 + ['other'] * 50
    column = counted(values, {'sdtype': 'categorical'}, levels={'x': ['b', 'a', 'never']})

    assert back(column, values)[:4_000].tolist() == values[:4_000]
    assert set(back(column, values)) == {'a', 'b'}
    assert 'none of its levels' in column.notes[0]


def test_levels_are_found_if_they_are_frequent():
    values = [1] * 900 + [2] * 90 + [77]
    column = counted(values, {'sdtype': 'categorical'}, rho=0.1)

    assert set(back(column, values)) == {1, 2}
    with pytest.raises(PrivacyError, match='no level that is frequent enough'):
        counted(range(100), {'sdtype': 'categorical'}, rho=0.1)


def spelled(column):
    """Every level that a column may draw, with its type."""
    return sorted((repr(value), type(value)) for value in set(column.decode(np.arange(column.n_tokens), RNG).dropna()))


@pytest.mark.parametrize('first', [True, 1, 1.0, np.int64(1), np.float32(1), Decimal(1), Decimal('1.0')])
def test_how_a_level_is_spelled_depends_on_no_single_row(first):
    values = [first] + [1] * 900 + ['1'] * 500 + [True] * 300 + [2.0] * 400 + [0.5] * 350
    found = counted(pd.Series(values, dtype=object), {'sdtype': 'categorical'})

    assert spelled(found) == [("'1'", str), ('0.5', float), ('1', int), ('2', int)]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(values))
        shuffled = pd.Series(values, dtype=object).iloc[order].reset_index(drop=True)
        again = counted(shuffled, {'sdtype': 'categorical'})
        assert spelled(again) == spelled(found)
        assert back(again, shuffled).tolist() == shuffled.tolist()


def test_what_most_rows_say_is_said_and_both_spellings_count():
    found = counted(pd.Series([1] * 400 + [True] * 600 + [False] * 900, dtype=object), {'sdtype': 'categorical'})

    assert spelled(found) == [('False', bool), ('True', bool)]
    assert found.counts == pytest.approx([1_000, 900], abs=10)
    assert found.variances[0] == 2 * found.variances[1]


@pytest.mark.parametrize('odd', [None, 7.5, 'seven'])
def test_one_row_does_not_make_whole_numbers_floats_or_texts(odd):
    drawn = back(counted(pd.Series([odd, *[1, 2] * 500]), {'sdtype': 'categorical'}), [1, 2])

    assert drawn.dtype == np.int64


@pytest.mark.parametrize('public', [{'bounds': {'x': (0, 99_999)}}, {}], ids=['public', 'found'])
def test_a_value_that_most_rows_share_comes_back_exactly(public):
    generator = np.random.default_rng(0)
    values = np.where(generator.random(ROWS) < 0.9, 0, generator.choice([7_688, 15_024], ROWS))
    drawn = back(counted(values, {'sdtype': 'numerical'}, **public), values)

    assert drawn.dtype == np.int64
    assert (drawn == 0).mean() == pytest.approx((values == 0).mean(), abs=0.01)
    assert drawn.max() == pytest.approx(15_024, rel=0.01)


def test_a_range_is_found_in_powers_of_two():
    values = np.random.default_rng(0).uniform(20.0, 100.0, ROWS)
    drawn = back(counted(values, {'sdtype': 'numerical'}, rho=0.1), values)

    assert drawn.dtype == np.float64
    assert 16 <= drawn.min() < drawn.max() <= 128
    assert drawn.mean() == pytest.approx(values.mean(), rel=0.02)


@pytest.mark.parametrize('form', [None, '%d.%m.%Y'])
@pytest.mark.parametrize('public', [{'bounds': {'x': ('2001-01-01', '2001-12-31')}}, {}], ids=['public', 'found'])
def test_dates_come_back_as_they_are_stored(form, public):
    days = pd.Series(pd.Timestamp('2001-01-01') + pd.to_timedelta(np.arange(ROWS) % 365, 'D'))
    values = days if form is None else days.dt.strftime(form)
    about = {'sdtype': 'datetime', **({'datetime_format': form} if form else {})}
    drawn = back(counted(values, about, rho=0.1, **public), values)

    assert drawn.dtype == values.dtype
    assert set(pd.to_datetime(drawn, format=form).dt.year) == {2001}


def test_ends_that_are_public_are_reached_and_loose_ones_are_not():
    def line(cells, seen):
        counts = np.where((np.arange(cells) >= 1) & (np.arange(cells) < 1 + seen), 500.0, 0.0)
        return LineCounts(np.arange(cells), np.arange(1, cells + 1), counts, np.full(cells, 100.0), 0, 100.0, (1, 1))

    close, loose = line_masses(line(12, 8), 4_000, True), line_masses(line(60, 8), 4_000, True)
    assert close[0] > 0
    assert close[-1] > 0
    assert loose[9:].sum() == 0
    assert line_masses(line(12, 8), 4_000, False)[[0, -1]].tolist() == [0, 0]
    assert [close.sum(), loose.sum()] == pytest.approx([4_000, 4_000])


@pytest.mark.parametrize('value', [0.0, -1.0, 0.25, 7.0, 1000.0])
def test_the_roundest_value_of_a_place_is_the_one_that_people_write(value):
    grid = Grid(-1.0, 1000.0)

    assert grid.roundest(int(grid.places(np.array([value]))[0])) == pytest.approx(value, abs=1e-9)


def test_a_relaxed_table_learns_triples_and_draws_them():
    exact = np.zeros((3, 2, 2))
    exact[0, 0, 1], exact[1, 1, 0], exact[2, 0, 0], exact[2, 1, 1] = 400, 300, 200, 100
    table = RelaxedTable([3, 2, 2], 200, 0.1, torch.Generator().manual_seed(0))
    table.fit([Measure((0, 1, 2), exact, np.array(1.0))], 1_000.0, 600, decay=True)
    drawn = table.draw(1_000, np.random.default_rng(0))

    assert table.shares((0, 1, 2)) * 1_000 == pytest.approx(
        exact, abs=25
    )  # independent columns would be off by a hundred
    cells = np.zeros_like(exact)
    np.add.at(cells, tuple(drawn.T), 1)
    assert cells == pytest.approx(exact, abs=40)


def test_rows_are_divided_as_far_as_noise_allows_though_no_cell_is_sure_of_any():
    def masses(counts):
        cells = np.arange(len(counts))
        return line_masses(LineCounts(cells, cells + 1, counts, np.full(len(cells), 13.0**2), 0, 1, (1, 1)), 400, True)

    swings = 8.0 * (-1.0) ** np.arange(20)
    lopsided = masses(np.concatenate([20 + swings, swings]))  # 20 of 20 cells in the first half, none in the second
    level = masses(np.concatenate([10 + swings, 10 + swings]))

    assert lopsided[:20].sum() > 0.9 * 400
    assert level == pytest.approx(np.full(40, 10.0), abs=1e-9)
    assert lopsided.sum() == pytest.approx(400)


def test_combinations_that_are_too_large_are_left_out():
    assert candidates_of([100, 100, 2], 2, most_cells=4_096) == [(0, 2), (1, 2)]


def test_a_finer_count_needs_more_rows_or_a_larger_budget():
    config = ProxyConfig()
    few, usual, many = (config.fineness(rows, noise=5.0) for rows in (4_000, 37_500, 10**6))

    assert few == usual == 1 < many
    assert config.tokens_of(usual) < config.tokens_of(many)
    assert config.rounds_of(10, usual) < config.rounds_of(10, many)


def test_where_rows_are_scarce_more_is_spent_on_single_columns_and_fewer_combinations_are_counted():
    config = ProxyConfig()
    few, some, usual, many = (config.scarcity(rows, noise=5.0) for rows in (10, 5_000, 37_500, 10**6))

    assert few < some < usual == many == 1
    assert config.counting < config.counting_of(some) < config.counting_of(few) == 0.5
    assert config.counting_of(usual) == config.counting
    assert 1 < config.rounds_of(10, few) < config.rounds_of(10, some) < config.rounds_of(10, usual) == config.rounds
    assert ProxyConfig(counting=0.9).counting_of(few) == 0.9  # what is asked for is never cut


def test_where_rows_are_scarce_more_labels_are_modelled_and_fewer_steps_learn_noise():
    config = ProxyConfig()
    few, some, usual = (config.scarcity(rows, noise=5.0) for rows in (10, 20_000, 37_500))

    assert 0 == config.modelled_of(usual) < config.modelled_of(some) < config.modelled_of(few) == 1
    assert 1 <= config.steps_of(900, few) < config.steps_of(900, some) < config.steps_of(900, usual) == 900
    assert config.steps_of(1, few) == 1


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({'bounds': {'x': (1,)}}, 'give the lowest and the highest'),
        ({'bounds': {'x': (5, 1)}}, 'the first must be below the second'),
        ({'bounds': {'y': (1, 5)}}, 'which are not learned'),
        ({'levels': {'x': ['a']}}, 'give its range in bounds'),
        ({'levels': {'x': ['a', 'a']}}, 'repeat one'),
        ({'levels': {'x': ['a', None]}}, 'have a missing one'),
        ({'bounds': {'x': (0, 1)}, 'levels': {'x': [0]}}, 'both bounds and levels'),
        ({'rows_per_person': 0}, 'rows_per_person'),
        ({'ledger': 3}, 'give a sdv_fairdistill.privacy.Ledger'),
    ],
)
def test_bad_words_are_refused(wrong, message):
    with pytest.raises(FairDistillError, match=message):
        counted([1, 2, 3], {'sdtype': 'numerical'}, **wrong)
