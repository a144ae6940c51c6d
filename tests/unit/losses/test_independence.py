"""Distance covariance and correlation against their definition, their invariances, and independent samples."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sdv_fairdistill.losses.independence import (
    distance_correlation,
    distance_covariance,
    pairwise_distances,
    standardised,
)


def points(rows, features, seed=0):
    return torch.randn(rows, features, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def slow_centred(distances):
    """U-centring, entry by entry (Székely and Rizzo, 2014, equation 2.2)."""
    rows = len(distances)
    result = np.zeros((rows, rows))
    for i in range(rows):
        for j in range(rows):
            if i != j:
                row = sum(distances[i][k] for k in range(rows)) / (rows - 2)
                column = sum(distances[k][j] for k in range(rows)) / (rows - 2)
                total = sum(map(sum, distances)) / ((rows - 1) * (rows - 2))
                result[i, j] = distances[i][j] - row - column + total
    return result


def slow_distances(values):
    return [[sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) ** 0.5 for y in values] for x in values]


def slow_covariance(first, second):
    rows = len(first)
    a, b = slow_centred(slow_distances(first.tolist())), slow_centred(slow_distances(second.tolist()))
    return sum(a[i, j] * b[i, j] for i in range(rows) for j in range(rows) if i != j) / (rows * (rows - 3))


def covariance(first, second):
    return float(distance_covariance(pairwise_distances(first), pairwise_distances(second)))


def correlation(first, second):
    return float(distance_correlation(first, second))


class TestAgainstTheDefinition:
    @settings(max_examples=25)
    @given(st.integers(4, 12), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**31))
    def test_any_two_samples(self, rows, first_features, second_features, seed):
        first, second = points(rows, first_features, seed), points(rows, second_features, seed + 1)

        wanted = slow_covariance(first, second)

        assert covariance(first, second) == pytest.approx(wanted, rel=1e-6, abs=1e-9)
        scale = (slow_covariance(first, first) * slow_covariance(second, second)) ** 0.5
        assume(scale > 1e-4)  # four rows may vary so little that the divisor's lower bound decides
        assert correlation(first, second) == pytest.approx(wanted / scale, rel=1e-6, abs=1e-9)

    def test_groups(self):
        first, second = points(9, 2), torch.eye(3, dtype=torch.double)[[0, 1, 2, 0, 0, 1, 2, 2, 2]]

        assert covariance(first, second) == pytest.approx(slow_covariance(first, second))

    def test_distances(self):
        values = points(6, 3)

        torch.testing.assert_close(pairwise_distances(values), torch.tensor(slow_distances(values.tolist())).double())


class TestWithoutDependence:
    def test_the_mean_is_zero_though_the_sample_is_small(self):
        # Without the correction the mean would be about .5 for 16 rows.
        values = np.array([correlation(points(16, 2, seed), points(16, 2, 1_000 + seed)) for seed in range(300)])

        assert abs(values.mean()) < 4 * values.std() / 300**0.5
        assert values.std() < 0.2

    def test_the_covariance_too(self):
        groups = torch.eye(2, dtype=torch.double)[torch.arange(16) % 2]
        values = np.array([covariance(points(16, 2, seed), groups) for seed in range(300)])

        assert abs(values.mean()) < 4 * values.std() / 300**0.5


class TestUnderDependence:
    def test_of_a_sample_with_itself_it_is_one(self):
        assert correlation(points(20, 3), points(20, 3)) == pytest.approx(1)

    def test_it_sees_what_a_linear_correlation_does_not(self):
        values = points(300, 1)
        squares = values.square()

        assert abs(np.corrcoef(values[:, 0], squares[:, 0])[0, 1]) < 0.2
        assert correlation(values, squares) > 0.1

    def test_it_grows_with_the_shift_between_groups(self):
        group = torch.arange(200) % 2
        indicators = torch.eye(2, dtype=torch.double)[group]

        found = [correlation(points(200, 2) + shift * group[:, None], indicators) for shift in (0, 0.5, 1, 2)]

        assert abs(found[0]) < 0.02
        assert found == sorted(found)
        assert found[-1] > 0.3


class TestInvariances:
    @pytest.fixture
    def dependent(self):
        first = points(60, 3)
        return first, first[:, :2] + points(60, 2, 1)

    @pytest.mark.parametrize('factor', [1e-2, 1e2])
    def test_scale(self, dependent, factor):
        first, second = dependent

        assert correlation(factor * first, second) == pytest.approx(correlation(first, second))
        assert covariance(factor * first, second) == pytest.approx(factor * covariance(first, second))

    def test_rotation_and_shift(self, dependent):
        first, second = dependent
        rotation = torch.linalg.qr(points(3, 3, 7)).Q

        assert correlation(first @ rotation + 5, second) == pytest.approx(correlation(first, second))

    def test_order_of_rows(self, dependent):
        first, second = dependent
        order = torch.randperm(60, generator=torch.Generator().manual_seed(0))

        assert correlation(first[order], second[order]) == pytest.approx(correlation(first, second))
        assert correlation(first[order], second) < correlation(first, second) / 2

    def test_names_of_groups(self):
        first, indicators = points(60, 2), torch.eye(3, dtype=torch.double)[torch.arange(60) % 3]

        assert correlation(first, indicators[:, [2, 0, 1]]) == pytest.approx(correlation(first, indicators))

    def test_symmetry(self, dependent):
        first, second = dependent

        assert correlation(first, second) == pytest.approx(correlation(second, first))


class TestGradients:
    def test_against_differences(self):
        first = points(6, 2).requires_grad_()
        second = points(6, 2, 1)

        assert torch.autograd.gradcheck(lambda given: distance_correlation(given, second), first)

    @pytest.mark.parametrize('rows', ['two alike', 'all alike'])
    def test_identical_points(self, rows):
        values = points(10, 2).float()
        values[1 : 2 if rows == 'two alike' else None] = values[0]
        values.requires_grad_()
        groups = torch.eye(2)[torch.arange(10) % 2]

        result = distance_correlation(standardised(values), groups)
        result.backward()

        assert torch.isfinite(result)
        assert torch.isfinite(values.grad).all()

    def test_one_group_alone(self):
        values = points(10, 2).float().requires_grad_()

        result = distance_correlation(values, torch.ones(10, 1))
        result.backward()

        assert result == 0
        assert torch.isfinite(values.grad).all()

    def test_following_it_downhill_makes_latents_independent(self):
        group = torch.arange(100) % 2
        values = (points(100, 2).float() + group[:, None]).requires_grad_()
        groups = torch.eye(2)[group]
        optimizer = torch.optim.Adam([values], lr=0.05)

        before = correlation(values.detach(), groups)
        for _ in range(60):
            optimizer.zero_grad()
            distance_correlation(values, groups).square().backward()
            optimizer.step()

        assert before > 0.1
        assert abs(correlation(values.detach(), groups)) < 0.01


class TestStandardised:
    def test_every_feature_counts_alike(self):
        scaled = standardised(points(50, 3) * torch.tensor([1e-2, 1, 1e2]))

        torch.testing.assert_close(scaled.std(0), torch.ones(3, dtype=torch.double))

    def test_a_small_feature_can_no_longer_hide_a_group(self):
        group = torch.arange(200) % 2
        hidden = torch.cat([points(200, 3), 0.01 * (group[:, None] + 0.1 * points(200, 1, 1))], dim=1)
        indicators = torch.eye(2, dtype=torch.double)[group]

        assert correlation(hidden, indicators) < 0.02
        assert correlation(standardised(hidden), indicators) > 0.1

    def test_a_constant_feature_stays_finite(self):
        assert torch.isfinite(standardised(torch.ones(5, 2))).all()
