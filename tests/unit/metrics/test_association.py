"""Associations of every two columns against scipy's tests, and their distance between tables."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, kruskal, spearmanr

from sdv_fairdistill.metrics import Associations, Schema, association_matrix
from sdv_fairdistill.metrics import association as module

SCHEMA = Schema(('age', 'wage'), (('since', None),), ('town', 'job', 'club'))


def draw(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """Wage follows age and town, the job goes with the town, the club and the date with nothing."""
    generator = np.random.default_rng(seed)
    age, town = generator.integers(18, 70, rows).astype(float), generator.choice(['A', 'B', 'C'], rows)
    return pd.DataFrame(
        {
            'age': age,
            'wage': age + 10 * (town == 'A') + generator.normal(size=rows),
            'since': generator.random(rows),
            'town': town,
            'job': np.where(generator.random(rows) < 0.8, np.char.add('job ', town), 'none'),
            'club': generator.choice(['x', 'y'], rows),
        }
    )


def with_gaps(table: pd.DataFrame) -> pd.DataFrame:
    generator = np.random.default_rng(5)
    return table.mask(generator.random(table.shape) < 0.1)


TABLE = draw()


@pytest.mark.parametrize('table', [TABLE, with_gaps(TABLE)], ids=['whole', 'with gaps'])
def test_every_pair_is_as_scipy_has_it(table):
    found = association_matrix(table, SCHEMA)
    ranks = table[['age', 'wage', 'since']].rank()
    for first, second in (('age', 'wage'), ('age', 'since')):
        both = ranks[[first, second]].dropna()
        expected = np.corrcoef(both.to_numpy().T)[0, 1]
        assert found.loc[first, second] == pytest.approx(expected)
    for number, level in (('wage', 'town'), ('age', 'club')):
        both = pd.DataFrame({'rank': ranks[number], 'level': table[level]}).dropna()
        groups = [part['rank'].to_numpy() for _, part in both.groupby('level')]
        rows, levels = len(both), len(groups)
        between = sum(len(part) * (part.mean() - both['rank'].mean()) ** 2 for part in groups)
        share = between / ((both['rank'] - both['rank'].mean()) ** 2).sum()
        expected = np.sqrt(max(0, 1 - (1 - share) * (rows - 1) / (rows - levels)))
        assert found.loc[number, level] == found.loc[level, number] == pytest.approx(expected)
    both = table[['town', 'job']].dropna()
    counts = pd.crosstab(both['town'], both['job']).to_numpy()
    rows, (lines, columns) = counts.sum(), counts.shape
    square = chi2_contingency(counts, correction=False).statistic / rows - (lines - 1) * (columns - 1) / (rows - 1)
    least = min(lines - (lines - 1) ** 2 / (rows - 1), columns - (columns - 1) ** 2 / (rows - 1)) - 1
    assert found.loc['town', 'job'] == pytest.approx(np.sqrt(square / least))


def test_without_gaps_they_are_those_of_known_tests():
    found = association_matrix(TABLE, SCHEMA)
    assert found.loc['age', 'wage'] == pytest.approx(spearmanr(TABLE['age'], TABLE['wage']).statistic)
    height = kruskal(*(part.to_numpy() for _, part in TABLE['wage'].groupby(TABLE['town']))).statistic
    assert found.loc['wage', 'town'] ** 2 == pytest.approx((height - 2) / (len(TABLE) - 3))


def test_what_goes_together_is_seen_and_what_does_not_is_not():
    found = association_matrix(draw(5_000), SCHEMA)
    assert found.loc['age', 'wage'] > 0.9
    assert found.loc['town', 'job'] > 0.7
    assert (found['club'].drop('club') < 0.1).all()
    assert (found['since'].drop('since').abs() < 0.1).all()
    assert (np.diag(found) == 1).all()
    assert association_matrix(TABLE.assign(job=TABLE['town']), SCHEMA).loc['job', 'town'] == pytest.approx(1)
    assert association_matrix(TABLE.assign(age=-TABLE['wage']), SCHEMA).loc['age', 'wage'] == pytest.approx(-1)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(12, 60), st.sampled_from([0.0, 0.2]))
def test_names_order_and_scale_do_not_matter(seed, rows, missing):
    generator = np.random.default_rng(seed)
    table = draw(rows, seed)
    table = table.mask(generator.random(table.shape) < missing)
    first = association_matrix(table, SCHEMA)
    other = table.iloc[generator.permutation(rows)].reset_index(drop=True)
    other['age'] = 3 + np.exp(other['age'] / 70)
    other['town'] = other['town'].map({'A': 'z', 'B': 'q', 'C': 'a'})
    np.testing.assert_allclose(association_matrix(other, SCHEMA), first, atol=1e-9)
    np.testing.assert_array_equal(first, first.T)
    assert first.stack().between(-1, 1).all()
    assert (first['town'].dropna() >= 0).all()


def test_tables_of_one_distribution_are_alike_and_a_shuffled_column_is_not():
    real, other = draw(3_000), draw(3_000, seed=1)
    alike = Associations.of(real, other, SCHEMA)
    assert alike.similarity > 0.97
    shuffled = other.assign(wage=np.random.default_rng(2).permutation(other['wage']))
    worse = Associations.of(real, shuffled, SCHEMA)
    lost = association_matrix(real, SCHEMA)['wage'].drop('wage').abs().sum() / 15
    assert alike.similarity - worse.similarity == pytest.approx(lost, abs=0.03)
    assert set(worse.pairs.loc[0, ['Column 1', 'Column 2']]) == {'age', 'wage'}
    assert worse.pairs['difference'].is_monotonic_decreasing
    assert worse.pairs['difference'].mean() == pytest.approx(1 - worse.similarity)
    assert len(worse.pairs) == 15
    assert worse.notes == ()


def test_a_sign_that_has_turned_counts_like_an_association_that_was_lost():
    schema = Schema(('age', 'wage'), (), ())
    real = pd.DataFrame({'age': np.arange(50.0), 'wage': np.arange(50.0)})
    assert Associations.of(real, real, schema).similarity == 1
    assert Associations.of(real, real.assign(wage=-real['wage']), schema).similarity == 0


def test_undefined_pairs_are_left_out_counted_and_explained():
    real, same = draw(), draw(seed=1).assign(club='x', age=30.0)
    found = Associations.of(real, same, SCHEMA)
    left_out = found.pairs[found.pairs['difference'].isna()]
    assert len(left_out) == 9
    assert left_out.index.tolist() == list(range(6, 15))
    assert (found.pairs['reason'] == '').sum() == 6
    assert found.similarity == pytest.approx(1 - found.pairs['difference'].iloc[:6].mean())
    assert found.notes == (
        '9 of 15 pairs are left out: age has no two values in the synthetic rows; club has no two values in the'
        ' synthetic rows',
    )
    ids = Associations.of(real.assign(club=[f'c{row}' for row in range(300)]), real, SCHEMA)
    assert '5 of 15 pairs are left out: the real rows that have both are' in ids.notes[0]


def test_too_few_rows_and_too_few_columns_have_no_similarity():
    few = Associations.of(TABLE[:9], TABLE, SCHEMA)
    assert np.isnan(few.similarity)
    assert few.notes[0].startswith('15 of 15 pairs are left out: ')
    one = Associations.of(TABLE, TABLE, Schema(('age',), (), ()))
    assert np.isnan(one.similarity)
    assert one.notes == ('there are fewer than two columns, so no pairs',)


def test_many_levels_are_counted_in_the_same_way(monkeypatch):
    table = pd.DataFrame({name: np.random.default_rng(seed).integers(0, 40, 400) for seed, name in enumerate('ab')})
    table = table.assign(b=table['a'] // 2 + table['b'] // 20)
    whole = association_matrix(table, Schema((), (), ('a', 'b')))
    monkeypatch.setattr(module, 'MOST_CELLS', 1)
    pd.testing.assert_frame_equal(association_matrix(table, Schema((), (), ('a', 'b'))), whole)
    assert 0.5 < whole.loc['a', 'b'] < 1


def test_a_long_table_is_sampled_by_the_seed(monkeypatch):
    monkeypatch.setattr(module, 'MOST_ROWS', 100)
    found = [Associations.of(draw(), draw(seed=1), SCHEMA, seed).similarity for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


def test_many_columns_take_seconds():
    generator = np.random.default_rng(0)
    numbers = {f'n{place}': generator.normal(size=5_000) for place in range(20)}
    levels = {f'l{place}': generator.integers(0, 8, 5_000) for place in range(20)}
    schema = Schema(tuple(numbers), (), tuple(levels))
    start = time.process_time()
    association_matrix(pd.DataFrame(numbers | levels), schema)
    assert time.process_time() - start < 5
