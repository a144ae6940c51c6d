"""The numbers of a fit make sense for any table; the numbers themselves are not repeated here."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.training.config import FitConfig

CONFIG = FitConfig()
rows = st.integers(1, 10_000_000)


@given(rows)
def test_a_batch_fits_into_the_table_and_a_fit_has_steps(rows):
    config = CONFIG

    assert 1 <= config.batch_of(rows) <= min(rows, config.batch)
    assert 1 <= config.steps_of(rows) <= config.most_steps
    assert 1 <= config.components_of(rows) <= config.components


@given(rows, st.integers(1, 10))
def test_a_larger_table_takes_no_fewer_steps(rows, times):
    assert CONFIG.steps_of(rows) <= CONFIG.steps_of(rows * times)


@given(rows, st.integers(1, 1_000))
def test_epochs_are_passes_over_the_data(rows, epochs):
    config = CONFIG.with_epochs(epochs)

    assert abs(config.steps_of(rows) - epochs * rows / config.batch_of(rows)) <= 1


def test_no_epochs_leave_the_numbers_as_they_are():
    assert CONFIG.with_epochs(None) == CONFIG


@given(st.integers(0, 100_000_000))
def test_a_pool_is_never_empty(tokens):
    assert CONFIG.pool_of(tokens) >= 1


@pytest.mark.parametrize('classes', [0, 2, 9, 100])
@pytest.mark.parametrize('columns', [0, 1, 13, 200, 10_000])
@pytest.mark.parametrize('rows', [1, 100, 10_000, 10_000_000])
def test_numbers_that_follow_the_table_stay_within_their_bounds(rows, columns, classes):
    config = CONFIG.for_table(rows, columns, classes, 2)

    assert CONFIG.latent <= config.latent <= CONFIG.most_latent
    assert 0 <= config.dropout <= CONFIG.dropout
    teachers = (config.most_steps, CONFIG.most_steps, CONFIG.least_steps, CONFIG.most_values)
    students = (
        config.student_steps, CONFIG.student_steps, CONFIG.least_student_steps, CONFIG.most_student_values,
    )  # fmt: skip
    for steps, most, least, values in (teachers, students):
        assert least <= steps <= most
        assert steps in (most, least) or steps * CONFIG.batch * columns <= values
    assert CONFIG.weight_decay <= config.decoder_decay <= CONFIG.decoder_decay
    followed = ('latent', 'decoder_decay', 'dropout', 'most_steps', 'student_steps')
    assert replace(config, **{name: getattr(CONFIG, name) for name in followed}) == CONFIG


@pytest.mark.parametrize('views', [1, 2])
def test_one_repaired_view_takes_no_more_steps_than_none(views):
    assert CONFIG.for_table(20_000, 10, 2, views) == CONFIG.for_table(20_000, 10, 2, 1)


def test_each_further_view_adds_its_share():
    two, four = (CONFIG.for_table(20_000, 10, 2, views) for views in (2, 4))

    more = 1 + 2 * CONFIG.view_passes
    assert four.passes == two.passes * more
    assert four.student_steps == int(two.student_steps * more)


def test_epochs_are_taken_with_many_columns_too():
    config = CONFIG.with_epochs(30).for_table(20_000, 10_000, 2, 4)

    assert config.steps_of(20_000) == int(30 * 20_000 / config.batch_of(20_000))


class TestRepair:
    def test_rows_by_the_size_of_the_table(self):
        config = FitConfig()

        assert [config.repair_rows_of(rows, 10) for rows in (100, 700, 34_000, 10**6)] == [6_000, 7_000, 25_000, 25_000]
        assert [config.repair_rows_of(34_000, 10, groups) for groups in (2, 3, 9)] == [25_000, 40_000, 40_000]
        assert config.repair_rows_of(20_000, 200) == 5_000
        assert config.repair_rows_of(20_000, 5_000) == config.least_repair_rows // 2
        assert config.with_epochs(1).repair_rows_of(100, 10) == 1_000

    def test_about_as_many_steps_for_all_sizes(self):
        config = FitConfig()

        assert config.repair_plan_of(40_000) == (1_000, 240)
        assert config.repair_plan_of(6_000) == (150, 240)
        assert config.with_epochs(1).repair_plan_of(1_000) == (64, 15)
        assert config.repair_plan_of(1) == (1, 6)

    def test_more_of_them_where_there_are_more_than_two_groups(self):
        config = FitConfig()

        assert config.repair_plan_of(40_000, groups=2) == (1_000, 240)
        assert config.repair_plan_of(40_000, groups=9) == (1_000, 600)
        assert config.with_epochs(1).repair_plan_of(1_000, groups=9) == (64, 15)
