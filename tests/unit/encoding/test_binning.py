"""The piecewise inverse distribution: hand-computed codes, exact round trips, and the shape of what is drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sdv_fairdistill.encoding.binning import Binning, BinningConfig, learn_step, snap

STEPS = (1.0, 0.1, 0.01)

floats = arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6, width=32))
integers = arrays(np.float64, st.integers(1, 300), elements=st.integers(-10_000, 10_000).map(float))
configs = st.builds(
    BinningConfig, max_tokens=st.integers(1, 80), max_knots=st.integers(1, 100), min_rows=st.integers(1, 20)
)


def learn(values, steps=STEPS, **limits):
    return Binning.learn(np.asarray(values, dtype=float), steps, BinningConfig(**limits))


def draw(binning, values, seed=0):
    tokens = np.floor(binning.encode(values))
    return binning.decode(tokens + np.random.default_rng(seed).random(len(tokens)) * (1 - 1e-12))


class TestByHand:
    def test_few_values_are_a_bin_each(self):
        binning = learn([3, 3, 3, 7])

        assert binning.n_bins == 2
        assert binning.encode(np.array([3.0, 7.0])).tolist() == [0.5, 1.5]
        assert binning.decode(np.array([0.0, 0.99, 1.0, 1.99])).tolist() == [3, 3, 7, 7]

    def test_values_inside_a_bin_keep_their_frequencies(self):
        binning = learn([1, 1, 2, 2, 2, 2, 2, 2], max_tokens=1)

        assert binning.encode(np.array([1.0, 2.0])).tolist() == [0.125, 0.625]
        assert binning.decode(np.array([0.0, 0.24, 0.25, 0.9])).tolist() == [1, 1, 2, 2]

    def test_a_spike_is_its_own_bin(self):
        values = np.concatenate([np.zeros(900), np.arange(1, 101)])
        binning = learn(values, max_tokens=8)

        spike = int(binning.encode(np.array([0.0]))[0])

        assert binning.holds_one_value(spike)
        assert not binning.holds_one_value(spike + 1)
        assert 4 <= binning.n_bins <= 8

    def test_the_rows_beside_a_spike_share_the_other_bins_evenly(self):
        values = np.concatenate([np.zeros(9000), np.random.default_rng(0).random(1000)])
        binning = learn(values, steps=(), max_tokens=11)

        rows = np.bincount(np.floor(binning.encode(values)).astype(int))

        assert rows[0] == 9000
        assert rows[1:].min() >= 80
        assert rows[1:].max() <= 130

    def test_small_tables_get_few_bins(self):
        assert learn(np.random.default_rng(0).random(200), steps=()).n_bins <= 20

    def test_no_more_pieces_than_knots_and_tails(self):
        binning = learn(np.random.default_rng(0).normal(size=50_000), steps=())

        assert len(binning.value_low) <= 1000 + 2 * 6

    def test_values_out_of_range_take_the_nearest_code(self):
        binning = learn([1, 2, 3])

        assert binning.encode(np.array([-np.inf, -5, 1.4, 1.6, 99, np.inf])).tolist() == [0.5, 0.5, 0.5, 1.5, 2.5, 2.5]

    def test_codes_out_of_range_are_clipped(self):
        assert learn([1, 2, 3]).decode(np.array([-1.0, 3.0, 9.0])).tolist() == [1, 3, 3]


class TestMissing:
    def test_missing_is_the_last_bin(self):
        binning = learn([1, np.nan, 2])

        assert binning.n_tokens == 3
        assert binning.encode(np.array([np.nan])).tolist() == [2.5]
        assert np.isnan(binning.decode(np.array([2.0, 2.9, np.nan]))).all()

    def test_missing_never_seen_is_the_commonest_bin(self):
        binning = learn([1, 2, 2])

        assert binning.n_tokens == 2
        assert binning.encode(np.array([np.nan])).tolist() == [1.5]

    @pytest.mark.parametrize('values', [[np.nan, np.nan], []])
    def test_nothing_present(self, values):
        binning = learn(values)

        assert binning.n_tokens == 1
        assert np.floor(binning.encode(np.array([np.nan, 4.0]))).tolist() == [0, 0]
        assert np.isnan(binning.decode(np.array([0.3]))).all()

    def test_constant(self):
        binning = learn(np.full(1000, 4.2))

        assert binning.n_tokens == 1
        assert binning.decode(np.array([0.0, 0.5, 0.999])).tolist() == [4.2] * 3


class TestRoundTrip:
    @settings(max_examples=200)
    @given(integers, configs)
    def test_integers_come_back_exactly(self, values, config):
        binning = Binning.learn(values, STEPS, config)

        np.testing.assert_array_equal(binning.decode(binning.encode(values)), values)

    @settings(max_examples=200)
    @given(floats, configs)
    def test_floats_come_back(self, values, config):
        binning = Binning.learn(values, STEPS, config)

        back = binning.decode(binning.encode(values))

        np.testing.assert_allclose(back, values, rtol=1e-9, atol=1e-9 * np.ptp(values))

    @given(arrays(np.int64, st.integers(1, 300), elements=st.integers(-(10**6), 10**6)), configs)
    def test_decimals_come_back_exactly(self, cents, config):
        values = cents / 100

        binning = Binning.learn(values, STEPS, config)

        np.testing.assert_array_equal(binning.decode(binning.encode(values)), values)

    @given(floats)
    def test_floats_come_back_at_any_size(self, values):
        binning = learn(values * 1e290)

        back = binning.decode(binning.encode(values * 1e290))

        np.testing.assert_allclose(back / 1e290, values, rtol=1e-9, atol=1e-9 * np.ptp(values))


class TestOrder:
    @settings(max_examples=200)
    @given(integers, configs)
    def test_codes_rise_with_values(self, values, config):
        codes = Binning.learn(values, STEPS, config).encode(np.unique(values))

        assert (np.diff(codes) > 0).all()

    @given(integers, floats, configs)
    def test_codes_of_new_values_never_fall(self, values, others, config):
        codes = Binning.learn(values, STEPS, config).encode(np.sort(others))

        assert (np.diff(codes) >= 0).all()

    @given(floats, configs)
    def test_tokens_are_in_range_and_all_used(self, values, config):
        binning = Binning.learn(values, STEPS, config)

        tokens = np.floor(binning.encode(values))

        assert set(tokens) == set(range(binning.n_bins))
        assert binning.n_bins <= config.max_tokens


class TestDraws:
    @given(floats, configs)
    def test_draws_stay_in_the_bin_and_the_range(self, values, config):
        binning = Binning.learn(values, (), config)
        codes = np.floor(binning.encode(values)) + np.random.default_rng(0).random(len(values)) * (1 - 1e-12)

        drawn = binning.decode(codes)

        assert drawn.min() >= values.min()
        assert drawn.max() <= values.max()
        assert (np.abs(np.floor(binning.encode(drawn)) - np.floor(codes)) <= 1).all()  # a shared edge belongs to one

    def test_only_values_seen_are_drawn_from_a_discrete_column(self):
        values = np.random.default_rng(0).choice([0.5, 1.7, 2.9, *range(10, 60)], size=2000)

        assert set(draw(learn(values, max_tokens=5), values)) <= set(values)

    def test_integers_are_drawn_for_integers(self):
        values = np.random.default_rng(0).integers(0, 10**6, size=5000).astype(float)

        drawn = draw(learn(values), values)

        np.testing.assert_array_equal(drawn, np.floor(drawn))

    def test_every_integer_of_a_piece_is_drawn_as_often(self):
        values = np.arange(10_000.0)
        binning = learn(values, max_knots=100)  # pieces of 100 integers

        drawn = draw(binning, np.repeat(values, 20))

        assert np.bincount(drawn.astype(int) % 100).std() < 0.1 * 2000

    @pytest.mark.parametrize('draw_values', ['normal', 'standard_cauchy', 'standard_exponential'])
    def test_the_shape_is_kept(self, draw_values):
        values = getattr(np.random.default_rng(0), draw_values)(size=20_000)

        drawn = np.sort(draw(learn(values, steps=()), values))

        ranks = np.searchsorted(np.sort(values), drawn) / len(values)
        assert np.abs(ranks - np.linspace(0, 1, len(values))).max() < 0.005

    def test_heavy_tails_do_not_inflate_the_mean(self):
        values = np.append(np.random.default_rng(0).lognormal(size=100_000), 1e6)

        means = [draw(learn(values, steps=()), values, seed).mean() for seed in range(20)]

        assert np.mean(means) < 1.5 * values.mean()


class TestStep:
    @pytest.mark.parametrize(
        ('values', 'step'), [([1.0, 5.0], 1), ([0.1, 0.7, 3.0], 0.1), ([1.25], 0.01), ([1 / 3], 0)]
    )
    def test_learn_step(self, values, step):
        assert learn_step(np.array(values), STEPS) == step

    def test_halves_go_up(self):
        assert snap(np.array([0.5, 1.5, -0.5]), 1).tolist() == [1, 2, 0]

    def test_large_numbers_are_left_alone(self):
        assert snap(np.array([2.0**53 + 2, 1e300]), 1).tolist() == [2.0**53 + 2, 1e300]
