"""Exact relations between columns are found where the rows show them, and nowhere else, and kept in drawn rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdv_fairdistill.encoding.relations import Relation, Relations, are_equal, find_relations

ROWS = 600
NOBODY = np.zeros(ROWS, dtype=bool)


def found(columns, dates=(), single=None):
    single = single or dict.fromkeys(columns, NOBODY)
    return {relation.name: relation.share for relation in find_relations(columns, single, set(dates)).found}


@pytest.fixture
def generator():
    return np.random.default_rng(0)


class TestFind:
    def test_independent_columns_have_none(self, generator):
        assert found({name: generator.normal(size=ROWS) for name in 'abcd'}) == {}

    def test_an_equality_in_a_share_of_the_rows(self, generator):
        bill = generator.normal(100, 30, ROWS)
        paid = np.where(generator.random(ROWS) < 0.2, bill, generator.normal(60, 30, ROWS))

        shares = found({'bill': bill, 'paid': paid})

        assert list(shares) == ['paid = bill']
        assert shares['paid = bill'] == pytest.approx((paid == bill).mean())

    def test_near_values_on_a_coarse_grid_are_not_equal_ones(self, generator):
        one = generator.normal(size=ROWS)
        near = one + generator.normal(scale=0.05, size=ROWS)

        assert (one.round(1) == near.round(1)).mean() > 0.3
        assert found({'one': one.round(1), 'near': near.round(1)}) == {}

    def test_values_with_bins_of_their_own_are_left_to_the_model(self, generator):
        one, other = np.where(generator.random((2, ROWS)) < 0.5, 0, generator.normal(size=(2, ROWS)))

        assert list(found({'one': one, 'other': other}, single={'one': one == 0, 'other': other == 0})) == []
        assert list(found({'one': one, 'other': other})) == ['other = one']

    def test_an_order_that_always_holds(self, generator):
        low = generator.normal(size=ROWS)
        high = low + generator.exponential(size=ROWS)

        assert found({'high': high, 'low': low}) == {'low <= high': 1.0}
        high[7] = low[7] - 1e-6
        assert found({'high': high, 'low': low}) == {}

    def test_ranges_apart_need_no_order(self, generator):
        assert found({'low': generator.random(ROWS), 'high': 1 + generator.random(ROWS)}) == {}

    def test_a_sum(self, generator):
        net, tax = generator.normal(size=(2, ROWS)).round(2)

        assert found({'net': net, 'gross': net + tax, 'tax': tax}) == {'gross = net + tax': 1.0}
        wrong = np.where(np.arange(ROWS) == 9, 1e-3, 0)
        assert found({'net': net, 'gross': net + tax + wrong, 'tax': tax}) == {}

    def test_a_sum_of_many(self, generator):
        parts = dict(zip('abcde', generator.normal(size=(5, ROWS)).round(2), strict=True))
        noise = generator.normal(size=ROWS)

        assert found({**parts, 'noise': noise, 'all': sum(parts.values())}) == {'all = a + b + c + d + e': 1.0}
        assert found({**parts, 'noise': noise, 'all': 2 * parts['a'] + parts['b'] + parts['c']}) == {}

    def test_relations_are_kept_after_those_that_decide_what_they_read(self, generator):
        bill, fee = generator.normal(100, 20, size=(2, ROWS)).round(2)
        total = bill + fee
        paid = np.where(generator.random(ROWS) < 0.3, total, generator.normal(0, 1, ROWS))
        copy = np.where(generator.random(ROWS) < 0.3, paid, generator.normal(0, 1, ROWS))
        table = {'copy': copy, 'paid': paid, 'bill': bill, 'fee': fee, 'total': total}

        relations = find_relations(table, dict.fromkeys(table, NOBODY), set())
        decided = [relation for relation in relations.found if relation.kind != 'order']

        assert {relation.name for relation in decided} >= {'total = bill + fee', 'paid = total'}
        for number, relation in enumerate(decided):
            assert not set(relation.columns[1:]) & {later.columns[0] for later in decided[number:]}
        drawn = {name: generator.normal(100, 20, ROWS) for name in table}
        holds = {relation.name: np.ones(ROWS, dtype=bool) for relation in relations.equalities}
        kept = relations.kept(drawn, holds, {})
        assert (kept['paid'] == kept['total']).all()
        assert (kept['total'] == kept['bill'] + kept['fee']).all()

    def test_missing_values_say_nothing(self, generator):
        low = generator.normal(size=ROWS)
        high = low + generator.exponential(size=ROWS)
        total = low + high
        low[::3], high[1::5] = np.nan, np.nan

        assert set(found({'low': low, 'high': high, 'total': total})) >= {'low <= high', 'total = low + high'}
        few = np.where(np.arange(ROWS) < 99, high, np.nan)
        assert found({'low': low, 'few': few}) == {}

    def test_dates_are_in_order_but_not_added_up_nor_compared_with_numbers(self, generator):
        start = generator.normal(size=ROWS)
        stay = generator.exponential(size=ROWS)
        columns = {'start': start, 'end': start + stay, 'stay': stay}

        assert found(columns, dates=('start', 'end')) == {'start <= end': 1.0}
        assert 'end = start + stay' in found(columns)

    def test_a_column_follows_one_equality_only(self, generator):
        one = generator.normal(size=ROWS)
        copies = [np.where(generator.random(ROWS) < share, one, generator.normal(size=ROWS)) for share in (0.3, 0.5)]

        relations = find_relations(dict(zip('abc', (one, *copies), strict=True)), dict.fromkeys('abc', NOBODY), set())

        followers = [relation.columns[0] for relation in relations.equalities]
        assert len(followers) == len(set(followers)) == 2

    def test_few_rows_and_few_columns(self):
        assert found({}) == {}
        assert found({'a': np.arange(3.0), 'b': np.arange(3.0)}, single=dict.fromkeys('ab', NOBODY[:3])) == {}


values = st.lists(st.one_of(st.just(np.nan), st.integers(-5, 5).map(float)), min_size=4, max_size=4)


class TestKept:
    RELATIONS = Relations(
        (Relation('order', ('low', 'high'), 1.0), Relation('equal', ('same', 'low'), 0.5),
         Relation('sum', ('total', 'low', 'high'), 1.0))
    )  # fmt: skip

    @settings(max_examples=200, deadline=None)
    @given(st.lists(values, min_size=1, max_size=6), st.data())
    def test_drawn_rows_keep_them_and_known_values_stay(self, rows, data):
        drawn = dict(zip(('low', 'high', 'same', 'total'), np.array(rows).T, strict=True))
        flags = st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)).map(np.array)
        known = {name: data.draw(flags) & ~np.isnan(column) for name, column in drawn.items()}
        holds = data.draw(flags)

        kept = self.RELATIONS.kept(drawn, {'same = low': holds}, known)

        for name, column in drawn.items():
            assert (np.isnan(kept[name]) == np.isnan(column)).all()  # what is missing stays so, and nothing else is
            assert (kept[name][known[name]] == column[known[name]]).all()
        nothing_known = ~np.any(list(known.values()), axis=0)
        low, high, same, total = kept.values()
        assert not (low > high)[nothing_known].any()
        equal = holds & nothing_known & ~np.isnan(same + low)
        assert (same[equal] == low[equal]).all()
        added = nothing_known & ~np.isnan(total + low + high)
        assert (total[added] == (low + high)[added]).all()

    def test_a_part_makes_up_for_a_known_total(self):
        drawn = {'total': np.array([10.0, 10.0]), 'low': np.array([3.0, 3.0]), 'high': np.array([5.0, 5.0])}
        relations = Relations((Relation('sum', ('total', 'low', 'high'), 1.0),))
        known = {'total': np.array([True, True]), 'low': np.array([False, True])}

        kept = relations.kept(drawn, {}, known)

        assert kept['low'].tolist() == [5.0, 3.0]
        assert kept['high'].tolist() == [5.0, 7.0]

    def test_values_in_the_wrong_order_change_places(self):
        relations = Relations((Relation('order', ('low', 'high'), 1.0),))

        kept = relations.kept({'low': np.array([4.0, 1.0]), 'high': np.array([3.0, 2.0])}, {}, {})

        assert (kept['low'].tolist(), kept['high'].tolist()) == ([3.0, 1.0], [4.0, 2.0])


def test_equal_but_for_rounding():
    assert are_equal(np.array([0.1 + 0.2, 1.0, np.nan]), np.array([0.3, 1.0 + 1e-6, np.nan])).tolist() == [
        True, False, False,
    ]  # fmt: skip
