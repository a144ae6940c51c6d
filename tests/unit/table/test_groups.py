"""Groups of a table: combinations, shares, numeric sensitive columns and features."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sdv_fairdistill.table.groups import MOST_COMBINATIONS, Groups
from sdv_fairdistill.table.layout import Layout

CATEGORICAL = Layout((2, 4, 3), (False,) * 3, sensitive=(2, 0))
tables = st.integers(1, 60).flatmap(lambda rows: arrays(np.int64, (rows, 3), elements=st.integers(0, 1)))


def test_two_columns_by_hand():
    tokens = np.array([[0, 3, 1], [1, 0, 1], [0, 1, 1], [0, 2, 0]])

    groups, combination = Groups.fit(tokens, CATEGORICAL)

    assert groups.combinations.tolist() == [[0, 0], [1, 0], [1, 1]]
    assert groups.shares.tolist() == [0.25, 0.5, 0.25]
    assert combination.tolist() == [1, 2, 1, 0]
    assert groups.group_of.tolist() == [0, 1, 2]
    assert groups.count == 3


def test_features_by_hand():
    groups = Groups.fit(np.array([[0, 0, 2], [1, 0, 0]]), CATEGORICAL)[0]

    assert groups.width == 5
    assert groups.features(np.array([[2, 0], [1, 1]])).tolist() == [[0, 0, 1, 1, 0], [0, 1, 0, 0, 1]]
    assert groups.features(np.array([[2, 0]])).dtype == np.float32


@given(tables)
def test_every_row_belongs_to_its_combination(tokens):
    groups, combination = Groups.fit(tokens, CATEGORICAL)

    assert (groups.combinations[combination] == tokens[:, [2, 0]]).all()
    assert groups.shares == pytest.approx(np.bincount(combination) / len(tokens))
    assert sorted(set(groups.group_of)) == list(range(groups.count))


@given(tables, st.permutations(range(2)))
def test_the_names_of_levels_do_not_matter(tokens, names):
    groups, combination = Groups.fit(tokens, CATEGORICAL)
    renamed, renamed_combination = Groups.fit(np.array(names)[tokens], CATEGORICAL)

    assert renamed.count == groups.count
    assert renamed.shares[renamed_combination] == pytest.approx(groups.shares[combination])


def test_no_sensitive_column_is_one_group():
    groups, combination = Groups.fit(np.zeros((7, 3), dtype=int), Layout((2, 4, 3), (False,) * 3))

    assert groups.count == 1
    assert groups.width == 0
    assert groups.shares.tolist() == [1]
    assert groups.combinations.shape == (1, 0)
    assert combination.tolist() == [0] * 7
    assert groups.features(np.zeros((4, 0), dtype=int)).shape == (4, 0)


class TestNumeric:
    LAYOUT = Layout((50, 2), (True, False), sensitive=(0,))

    @pytest.fixture
    def tokens(self):
        generator = np.random.default_rng(0)
        return np.column_stack([(50 * generator.beta(2, 5, 5000)).astype(int), generator.integers(0, 2, 5000)])

    def test_its_feature_is_the_standardised_rank(self, tokens):
        groups, _ = Groups.fit(tokens, self.LAYOUT)

        feature = groups.features(tokens[:, :1])

        assert groups.width == 1
        assert feature.mean() == pytest.approx(0, abs=1e-3)
        assert feature.std() == pytest.approx(1, abs=0.02)
        assert (np.diff(groups.tables[0][:, 0]) >= 0).all()

    def test_its_groups_are_quantile_bins(self, tokens):
        groups, combination = Groups.fit(tokens, self.LAYOUT)

        group = groups.group_of[combination]

        assert groups.count == 5
        assert np.bincount(group) / 5000 == pytest.approx(np.full(5, 0.2), abs=0.06)
        assert (np.diff(groups.group_of[np.argsort(groups.combinations[:, 0])]) >= 0).all()

    def test_sampling_keeps_every_value(self, tokens):
        groups, _ = Groups.fit(tokens, self.LAYOUT)

        assert groups.combinations[:, 0].tolist() == sorted(set(tokens[:, 0]))

    def test_beside_a_categorical_column(self, tokens):
        groups, _ = Groups.fit(tokens, Layout((50, 2), (True, False), sensitive=(0, 1)))

        assert groups.count == 10
        assert groups.width == 3

    def test_missing_numbers_are_a_group_of_their_own_by_hand(self):
        tokens = np.array([[0, 0], [1, 0], [2, 0], [2, 0], [3, 0], [3, 0]])
        layout = Layout((4, 2), (True, False), sensitive=(0,), with_missing=(0,))

        groups, combination = Groups.fit(tokens, layout)

        # Among the four that are there: the middle of the first, the second and the last two quarters.
        expected = [[rank * 12**0.5, 0] for rank in (-0.375, -0.125, 0.25)] + [[0, 1]]
        assert groups.tables[0] == pytest.approx(np.array(expected))
        assert groups.group_of[combination].tolist() == [1, 2, 3, 3, 0, 0]
        assert groups.width == 2

    def test_numbers_that_are_all_missing_are_one_group(self):
        layout = Layout((1, 2), (True, False), sensitive=(0,), with_missing=(0,))

        groups, _ = Groups.fit(np.zeros((5, 2), dtype=int), layout)

        assert groups.count == 1
        assert groups.features(np.array([[0]])).tolist() == [[0, 1]]

    @pytest.mark.parametrize('value', [0, 49])
    def test_a_constant_column_is_one_group(self, value):
        groups, _ = Groups.fit(np.full((9, 2), [value, 1]), self.LAYOUT)

        assert groups.count == 1
        assert groups.features(np.array([[value]])).tolist() == [[0]]


class TestTooManyCombinations:
    """Two numeric columns and a rare level: nearly a combination a row, 50 groups."""

    LAYOUT = Layout((90, 90, 2), (True, True, False), sensitive=(0, 1, 2))
    ROWS = 20_000

    @pytest.fixture
    def tokens(self):
        generator = np.random.default_rng(0)
        rare = np.arange(self.ROWS) < 60  # one and a half of the draws for every 10 of its 25 groups
        return np.column_stack([generator.integers(0, 90, (self.ROWS, 2)), rare]).astype(np.int64)

    @pytest.fixture
    def fitted(self, tokens):
        return Groups.fit(tokens, self.LAYOUT, seed=3)

    def test_few_are_kept_whatever_the_rows(self, tokens, fitted):
        assert len(np.unique(tokens, axis=0)) > 7_000
        for groups in (fitted[0], Groups.fit(np.tile(tokens, (3, 1)), self.LAYOUT, seed=3)[0]):
            assert MOST_COMBINATIONS - 60 < len(groups.combinations) <= MOST_COMBINATIONS + groups.count

    def test_of_a_small_table_one_for_ten_rows_is_kept(self, tokens):
        few = Groups.fit(tokens[:2_000], self.LAYOUT)[0]

        assert 200 - 60 < len(few.combinations) <= 200 + few.count

    def test_they_are_of_the_table(self, tokens, fitted):
        assert {*map(tuple, fitted[0].combinations.tolist())} < {*map(tuple, tokens.tolist())}

    def test_every_group_has_one_and_keeps_its_share(self, tokens, fitted):
        groups, combination = fitted
        whole = self.of_the_whole(tokens)

        assert set(groups.group_of) == set(range(groups.count)) == set(whole)
        assert groups.group_of[combination].tolist() == whole.tolist()
        kept = np.bincount(groups.group_of, groups.shares)
        assert kept == pytest.approx(np.bincount(whole) / self.ROWS)

    @staticmethod
    def of_the_whole(tokens):
        """Groups ``(rows,)`` by the bins of the mid-ranks, as a slow hand would find them."""
        binned = tokens.copy()
        for column in (0, 1):
            ranks = [
                (np.mean(tokens[:, column] < token) + np.mean(tokens[:, column] <= token)) / 2 for token in range(90)
            ]
            binned[:, column] = (np.array(ranks) * 5).astype(int)[tokens[:, column]]
        return np.unique(binned, axis=0, return_inverse=True)[1].reshape(-1)

    def test_what_is_not_kept_has_its_group_too(self, tokens, fitted):
        assert fitted[0].of(tokens).tolist() == self.of_the_whole(tokens).tolist()

    def test_shares_are_those_of_the_table(self, tokens, fitted):
        groups = fitted[0]
        for column in range(3):
            kept = np.cumsum(np.bincount(groups.combinations[:, column], groups.shares, minlength=90))
            assert kept == pytest.approx(np.cumsum(np.bincount(tokens[:, column], minlength=90)) / self.ROWS, abs=0.02)

    def test_the_seed_decides(self, tokens, fitted):
        same, other = (Groups.fit(tokens, self.LAYOUT, seed)[0] for seed in (3, 4))

        assert np.array_equal(same.combinations, fitted[0].combinations)
        assert not np.array_equal(other.combinations, fitted[0].combinations)


def test_as_many_levels_as_there_are_are_kept():
    tokens = np.arange(2 * MOST_COMBINATIONS)[:, None]

    groups, combination = Groups.fit(tokens, Layout((len(tokens),), (False,), sensitive=(0,)))

    assert groups.count == len(groups.combinations) == len(tokens)
    assert (groups.combinations[combination] == tokens).all()


def test_a_combination_that_was_not_seen():
    groups, _ = Groups.fit(np.array([[0, 0, 0], [1, 0, 1]]), CATEGORICAL)

    assert groups.of(np.array([[1, 1], [0, 1], [0, 0]])).tolist() == [1, -1, 0]
