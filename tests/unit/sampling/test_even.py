"""Evenly spread draws: every draw has its exact distribution, and together they keep their shares."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.sampling.even import even_classes, even_points, even_split, even_uniforms

seeds = st.integers(0, 2**31)


class TestSplit:
    @given(st.floats(0, 1), st.integers(0, 500), seeds)
    def test_the_share_is_kept_along_the_whole_way(self, share, count, seed):
        split = even_split(share, count, np.random.default_rng(seed))

        assert split.shape == (count,)
        assert (np.abs(np.cumsum(split) - share * np.arange(1, count + 1)) < 1 + 1e-6).all()

    @pytest.mark.parametrize(('share', 'expected'), [(0, False), (1, True)])
    def test_nothing_and_everything(self, share, expected):
        assert (even_split(share, 1000, np.random.default_rng(0)) == expected).all()

    def test_every_place_has_the_share(self):
        splits = np.stack([even_split(0.3, 7, np.random.default_rng(seed)) for seed in range(4000)])

        assert splits.mean(0) == pytest.approx(np.full(7, 0.3), abs=0.035)


class TestPoints:
    BLOCKS = np.repeat([3, 0, 7], [500, 37, 1])

    @pytest.mark.parametrize('dimensions', [1, 5, 17])
    def test_they_lie_inside_the_unit_interval(self, dimensions):
        points = even_points(self.BLOCKS, dimensions, np.random.default_rng(0))

        assert points.shape == (538, dimensions)
        assert points.min() > 0
        assert points.max() < 1
        assert torch.special.ndtri(points).isfinite().all()

    def test_every_block_fills_the_interval_more_evenly_than_chance(self):
        points = even_points(self.BLOCKS, 5, np.random.default_rng(0))

        for block, least in ((3, 0.01), (0, 0.08)):
            own = np.sort(points[block == self.BLOCKS].numpy(), axis=0)
            steps = (np.arange(len(own)) + 0.5)[:, None] / len(own)
            assert np.abs(own - steps).max() < least

    def test_a_single_point_is_uniform(self):
        points = np.concatenate([even_points(np.zeros(1), 3, np.random.default_rng(seed)) for seed in range(2000)])

        counts = np.stack([np.bincount((column * 10).astype(int), minlength=10) for column in points.T])
        assert (((counts - 200) ** 2 / 200).sum(1) < 30).all()  # chi-square, 9 degrees of freedom

    def test_blocks_do_not_repeat_each_other(self):
        points = even_points(np.repeat([0, 1], 100), 2, np.random.default_rng(0))

        assert not torch.isclose(points[:100], points[100:]).any(1).any()

    def test_the_global_generator_is_left_alone(self):
        before = torch.get_rng_state()

        even_points(self.BLOCKS, 3, np.random.default_rng(0))

        assert torch.equal(torch.get_rng_state(), before)


class TestClasses:
    @staticmethod
    def probabilities(rows, classes, seed=0):
        """Class probabilities as a label head gives them, from four latents."""
        generator = np.random.default_rng(seed)
        logits = generator.normal(size=(rows, 4)) @ generator.normal(size=(4, classes))
        return torch.from_numpy(logits).softmax(1).float()

    @pytest.mark.parametrize(('classes', 'least'), [(2, 0.5), (3, 0.75), (10, 1)])
    def test_classes_occur_more_nearly_as_often_as_the_probabilities_say_than_by_chance(self, classes, least):
        probabilities, blocks = self.probabilities(6000, classes), np.repeat([0, 1, 2], 2000)

        def gap(drawn):
            """Largest gap between a class's rows and those expected, in any block."""
            counts = np.stack([np.bincount(drawn[blocks == block], minlength=classes) for block in range(3)])
            expected = np.stack([probabilities[blocks == block].sum(0).numpy() for block in range(3)])
            return np.abs(counts - expected).max()

        even, chance = [], []
        for seed in range(20):
            generator = np.random.default_rng(seed)
            even.append(gap(even_classes(probabilities, blocks, generator).numpy()))
            chance.append(gap((generator.random((6000, 1)) >= probabilities.cumsum(1).numpy()[:, :-1]).sum(1)))

        assert np.mean(even) < least * np.mean(chance)

    @pytest.mark.parametrize('classes', [2, 4])
    def test_every_row_follows_its_own_probabilities(self, classes):
        probabilities, blocks = self.probabilities(12, classes), np.arange(12) % 2

        drawn = np.stack([even_classes(probabilities, blocks, np.random.default_rng(seed)) for seed in range(4000)])

        for row in range(12):
            shares = np.bincount(drawn[:, row], minlength=classes) / 4000
            assert shares == pytest.approx(probabilities[row].numpy(), abs=0.035)

    @given(st.integers(1, 5), st.integers(1, 30), seeds)
    def test_classes_without_probability_do_not_occur(self, classes, rows, seed):
        generator = np.random.default_rng(seed)
        certain = generator.integers(0, classes, rows)

        drawn = even_classes(torch.eye(classes)[torch.from_numpy(certain)], np.zeros(rows), generator)

        assert drawn.tolist() == certain.tolist()

    def test_one_class(self):
        assert even_classes(torch.ones(4, 1), np.zeros(4), np.random.default_rng(0)).tolist() == [0] * 4


class TestUniforms:
    @staticmethod
    def draw(rows, seed, blocks=None, repeats=1):
        probabilities = TestClasses.probabilities(rows, 3)
        blocks = torch.zeros(rows, dtype=torch.long) if blocks is None else blocks
        generator = torch.Generator().manual_seed(seed)
        return torch.cat([even_uniforms(probabilities, blocks, generator) for _ in range(repeats)], dim=1)

    @pytest.mark.parametrize('rows', [1, 31, 32, 33, 1_000])
    def test_they_lie_inside_the_unit_interval(self, rows):
        uniforms = self.draw(rows, 0)

        assert uniforms.shape == (rows, 1)
        assert uniforms.min() >= 0
        assert uniforms.max() < 1

    @pytest.mark.parametrize('rows', [5, 40])
    def test_every_number_is_uniform(self, rows):
        uniforms = torch.cat([self.draw(rows, seed) for seed in range(2_000)], dim=1)

        for row in uniforms.numpy():
            counts = np.bincount((row * 10).astype(int), minlength=10)
            assert ((counts - 200) ** 2 / 200).sum() < 35  # chi-square, 9 degrees of freedom

    def test_the_numbers_of_a_row_are_independent(self):
        uniforms = torch.cat([self.draw(64, seed, repeats=2) for seed in range(300)])

        assert abs(np.corrcoef(uniforms.T.numpy())[0, 1]) < 4 / len(uniforms) ** 0.5

    def test_rows_of_a_block_with_like_probabilities_fill_the_interval(self):
        blocks = torch.arange(640) % 2
        probabilities = TestClasses.probabilities(640, 3)

        uniforms = even_uniforms(probabilities, blocks, torch.Generator().manual_seed(0))[:, 0]

        mean_class = probabilities @ torch.arange(3.0)
        order = torch.from_numpy(np.lexsort((mean_class.numpy(), blocks.numpy())))
        for window in (uniforms[order] * 32).long().reshape(-1, 32):
            assert sorted(window.tolist()) == list(range(32))
