"""The method as a whole on tokens: what is repaired, what is kept, what is saved, and what repeats."""

import pickle
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest
import torch

from sdv_fairdistill.method import model as module
from sdv_fairdistill.method.model import FairDistillModel
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig

NOTION = 'demographic_parity'
CPU = torch.device('cpu')
LEVELS = 1_500  # of a column that is written with two digits


def fit(tokens, layout, config, seed=0):
    return FairDistillModel.fit(tokens, layout, [NOTION], config, seed, CPU)


@pytest.fixture(scope='module')
def model(unfair, layout, small_config):
    return fit(unfair, layout, small_config)


@pytest.fixture(scope='module')
def hasty(small_config):
    """A fit that learns nothing but runs through every part."""
    return replace(small_config, most_steps=3, student_steps=3, mixture_rows=300, pool_batches=1)


@pytest.fixture(scope='module')
def samples(model):
    model.set_random_state(0)
    return {dial: model.sample(20_000, NOTION, dial) for dial in (0.0, 0.5, 1.0)}


@pytest.mark.parametrize('last', [False, True])
def test_heads_of_all_columns_are_deeper_and_wider_where_the_raw_label_is_drawn_last(
    unfair, layout, hasty, monkeypatch, last
):
    teachers, train = [], module.train_teacher

    def noted(rows, sizes, *rest):
        teachers.append(sizes)
        return train(rows, sizes, *rest)

    monkeypatch.setattr(module, 'train_teacher', noted)
    config = replace(hasty, last_rows=len(unfair) + 1 - last, last_head=hasty.teacher_head + 5)

    fitted = FairDistillModel.fit(unfair, layout, ['unawareness'], config, 0, CPU)

    columns = len(layout.drawn)
    assert [view.layers for view in fitted.student.sizes.views] == ([2, 2] if last else [1, 1])
    assert [view.columns for view in fitted.student.sizes.views] == [columns if last else 0, columns]
    assert [sizes.head for sizes in teachers] == [hasty.teacher_head + 5 * last]


def gap(tokens):
    """Difference of the two groups' label rates."""
    return tokens[tokens[:, 0] == 1, 3].mean() - tokens[tokens[:, 0] == 0, 3].mean()


class TestFairness:
    def test_the_repaired_view_takes_the_gap(self, unfair, samples):
        assert gap(unfair) > 0.4
        assert abs(gap(samples[1.0])) < 0.1 * gap(unfair)

    def test_the_raw_view_keeps_it(self, unfair, samples):
        assert gap(samples[0.0]) == pytest.approx(gap(unfair), rel=0.2)

    def test_the_dial_lies_between(self, samples):
        assert gap(samples[0.5]) == pytest.approx((gap(samples[0.0]) + gap(samples[1.0])) / 2, abs=0.05)

    @pytest.mark.parametrize('dial', [0.0, 1.0])
    def test_the_label_still_follows_the_other_columns(self, unfair, samples, dial):
        def influence(tokens):
            return tokens[tokens[:, 2] == 2, 3].mean() - tokens[tokens[:, 2] == 0, 3].mean()

        assert influence(samples[dial]) > 0.5 * influence(unfair)

    @pytest.mark.parametrize('dial', [0.0, 0.5, 1.0])
    def test_every_column_keeps_its_distribution(self, unfair, layout, samples, dial):
        for column, size in enumerate(layout.cardinalities):
            own, real = (np.bincount(t[:, column], minlength=size) / len(t) for t in (samples[dial], unfair))
            assert np.abs(own - real).sum() / 2 < 0.06

    @pytest.mark.parametrize('dial', [0.0, 1.0])
    def test_the_other_columns_keep_their_dependence_on_the_group(self, unfair, samples, dial):
        def telling(tokens):
            return tokens[tokens[:, 0] == 1, 1].mean() - tokens[tokens[:, 0] == 0, 1].mean()

        assert telling(samples[dial]) == pytest.approx(telling(unfair), rel=0.15)

    def test_an_unknown_notion_is_the_raw_view(self, unfair, model):
        model.set_random_state(0)

        assert gap(model.sample(20_000, 'raw', 1.0)) == pytest.approx(gap(unfair), rel=0.2)


class TestSampling:
    def test_a_table_of_tokens(self, model, layout):
        table = model.sample(123, NOTION, 1.0)

        assert table.shape == (123, 4)
        assert table.dtype == np.int32
        assert ((table >= 0) & (table < layout.cardinalities)).all()

    def test_conditions(self, model):
        table = model.sample(200, NOTION, 1.0, {0: 1, 1: 0, 3: 1})

        assert (table[:, [0, 1, 3]] == [1, 0, 1]).all()

    def test_a_state_repeats(self, model):
        tables = []
        for state in (5, 5, 6):
            model.set_random_state(state)
            tables.append(model.sample(100, NOTION, 1.0))

        assert (tables[0] == tables[1]).all()
        assert (tables[0] != tables[2]).any()

    def test_the_next_sample_is_another(self, model):
        model.set_random_state(0)

        assert (model.sample(100, NOTION, 1.0) != model.sample(100, NOTION, 1.0)).any()


@pytest.fixture(scope='module')
def many_levels(unfair):
    levels = (LEVELS * np.random.default_rng(1).beta(1, 3, len(unfair))).astype(np.int64)
    return np.column_stack([unfair, levels])


@pytest.fixture(scope='module')
def wide(many_levels, layout, hasty):
    layout = replace(layout, cardinalities=(*layout.cardinalities, LEVELS), ordered=(*layout.ordered, False))
    return fit(many_levels, layout, hasty)


class TestManyLevels:
    def test_tables_go_in_and_come_out_with_one_column(self, wide):
        drawn = wide.sample(3_000, NOTION, 1.0)

        assert drawn.shape == (3_000, 5)
        assert (drawn >= 0).all()
        assert (drawn < wide.layout.cardinalities).all()
        assert len(np.unique(drawn[:, -1])) > 500

    @pytest.mark.parametrize('level', [0, 700, LEVELS - 1])
    def test_its_levels_can_be_asked_for(self, wide, level):
        assert (wide.sample(40, NOTION, 1.0, {4: level, 1: 2})[:, [1, 4]] == [2, level]).all()

    def test_rows_have_a_representation(self, wide, many_levels):
        assert wide.represent(many_levels[:10]).shape == (10, wide.student.sizes.latent)

    def test_its_output_layers_are_small(self, wide):
        assert max(wide.student.sizes.cardinalities) < 50


class TestRepresentation:
    def test_a_latent_for_every_row(self, model, unfair):
        latent = model.represent(unfair)

        assert latent.shape == (len(unfair), model.student.sizes.latent)
        assert latent.dtype == np.float32
        assert np.isfinite(latent).all()

    def test_the_target_is_not_looked_at(self, model, unfair):
        changed = unfair.copy()
        changed[:, 3] = 1 - changed[:, 3]

        assert (model.represent(changed) == model.represent(unfair)).all()

    def test_the_other_columns_are(self, model, unfair):
        changed = unfair.copy()
        changed[:, 2] = (changed[:, 2] + 1) % 3

        assert (np.abs(model.represent(changed) - model.represent(unfair)).max(1) > 1e-4).all()

    def test_rows_do_not_depend_on_each_other(self, model, unfair):
        assert model.represent(unfair[:5]) == pytest.approx(model.represent(unfair)[:5], abs=1e-5)


class TestFit:
    def test_the_losses_of_both_stages(self, model, small_config):
        losses = model.loss_values

        steps = losses.groupby('Stage', sort=False)['Step'].agg(['min', 'max', 'size'])
        assert steps.index.tolist() == ['Teacher', 'Student']
        assert steps['min'].tolist() == [1, 1]
        assert steps['max'].tolist() == steps['size'].tolist() == [small_config.most_steps, small_config.student_steps]
        assert losses['Loss'].notna().all()
        assert {'Reconstruction', 'KL', 'Label', 'Quality', 'Utility', 'Independence'} <= set(losses)

    def test_each_view_beyond_the_first_repaired_one_adds_steps(self, unfair, layout, hasty):
        def steps(notions):
            model = FairDistillModel.fit(unfair, layout, notions, config, 0, torch.device('cpu'))
            return (model.loss_values['Stage'] == 'Student').sum()

        config = replace(hasty, student_steps=10, view_passes=0.5)
        assert steps(['unawareness']) == 10
        assert steps(['unawareness', 'conditional_parity']) == 15

    def test_a_notion_that_changes_drawn_labels_adds_none(self, unfair, layout, hasty):
        for notions in (['blind_parity'], ['blind_parity', 'demographic_parity', 'equalized_odds']):
            model = FairDistillModel.fit(unfair, layout, notions, hasty, 0, torch.device('cpu'))
            assert len(model.student.sizes.views) == 1
            assert (model.loss_values['Stage'] == 'Student').sum() == hasty.student_steps

    def test_a_seed_repeats(self, unfair, layout, hasty):
        first, same, other = (fit(unfair, layout, hasty, seed) for seed in (1, 1, 2))

        pd.testing.assert_frame_equal(first.loss_values, same.loss_values)
        for one, two in zip(first.student.parameters(), same.student.parameters(), strict=True):
            assert torch.equal(one, two)
        assert (first.loss_values['Loss'] != other.loss_values['Loss']).all()

    def test_the_global_generators_stay_as_they_are(self, unfair, layout, hasty):
        before, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002

        model = fit(unfair, layout, hasty)
        model.sample(50, NOTION, 1.0)
        model.sample(50, NOTION, 1.0, {1: 0})
        pickle.loads(pickle.dumps(model))

        assert torch.equal(torch.get_rng_state(), before)
        assert (np.random.get_state()[1] == legacy).all()  # noqa: NPY002

    def test_the_tokens_stay_as_they_are(self, unfair, layout, hasty):
        before = unfair.copy()

        fit(unfair, layout, hasty)

        assert (unfair == before).all()

    @pytest.mark.parametrize(
        ('sensitive', 'target', 'repaired'),
        [
            ((), 3, False), ((0,), None, False), ((), None, False),
            ((0, 1), 3, True), ((0, 1, 2), 3, True), ((1,), 0, True), ((0,), 1, True),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize('notion', [NOTION, 'blind_parity'])
    def test_any_roles(self, unfair, layout, hasty, sensitive, target, repaired, notion):
        layout = replace(layout, sensitive=sensitive, target=target)
        model = FairDistillModel.fit(unfair, layout, [notion], hasty, 0, CPU)

        assert model.recipes == {}
        assert model.repair_recipes == ({notion: (notion, 1.0)} if repaired else {})
        assert model.sample(50, notion, 1.0).shape == (50, 4)
        assert (model.sample(20, notion, 0.5, {3: 1, 0: 0})[:, [3, 0]] == [1, 0]).all()
        assert len(model.represent(unfair[:3])) == 3

    @pytest.mark.parametrize('rows', [1, 2, 30])
    def test_tiny_tables(self, unfair, layout, hasty, rows):
        model = fit(unfair[:rows], layout, hasty)

        assert model.sample(10, NOTION, 1.0).shape == (10, 4)

    def test_one_column(self, unfair, hasty):
        model = fit(unfair[:, :1], Layout((2,), (False,)), hasty)

        assert model.sample(10, NOTION, 1.0).shape == (10, 1)


class TestSaving:
    def test_what_is_loaded_draws_the_same_rows(self, model):
        loaded = pickle.loads(pickle.dumps(model))
        model.set_random_state(3)
        loaded.set_random_state(3)

        assert (model.sample(200, NOTION, 0.7) == loaded.sample(200, NOTION, 0.7)).all()
        assert (model.sample(50, NOTION, 0.7, {1: 2}) == loaded.sample(50, NOTION, 0.7, {1: 2})).all()

    def test_what_is_loaded_is_whole(self, model, unfair):
        loaded = pickle.loads(pickle.dumps(model))

        assert (loaded.represent(unfair) == model.represent(unfair)).all()
        assert loaded.recipes == model.recipes
        assert loaded.student.sizes == model.student.sizes
        assert loaded.student_parameters == model.student_parameters
        assert loaded.teacher_parameters == model.teacher_parameters
        assert loaded.groups.shares.tolist() == model.groups.shares.tolist()
        pd.testing.assert_frame_equal(loaded.loss_values, model.loss_values)

    def test_nothing_in_it_has_as_many_rows_as_the_table(self, model, unfair):
        sizes = list(array_sizes(model.__getstate__()))

        assert len(sizes) > 20
        assert all(len(unfair) not in shape for shape in sizes)
        weights = model.student_parameters + sum(part.numel() for part in model.repairs.network.parameters())
        numbers = sum(int(np.prod(shape)) for shape in sizes)
        assert numbers < 0.5 * unfair.size + weights + 8 * len(model.loss_values)

    def test_its_size_does_not_grow_with_the_table(self, unfair, layout, hasty):
        once, tenfold = (len(pickle.dumps(fit(table, layout, hasty))) for table in (unfair, np.tile(unfair, (10, 1))))

        assert tenfold < 1.05 * once

    def test_the_teacher_is_gone(self, model):
        state = model.__getstate__()
        kept = sum(weights.size for weights in state['weights'].values())

        assert kept == model.student_parameters < 0.5 * model.teacher_parameters

    def test_by_default_the_student_is_far_smaller_than_the_teacher(self):
        # Cardinalities as in Adult: numbers in bins, and categories; sex is sensitive, income the target.
        cardinalities = (64, 9, 64, 16, 16, 7, 15, 6, 5, 2, 40, 40, 30, 42, 2)
        generator = np.random.default_rng(0)
        tokens = np.stack([generator.integers(0, size, 5_000) for size in cardinalities], axis=1)
        layout = Layout(cardinalities, (False,) * 15, sensitive=(9,), target=14)
        config = replace(FitConfig(), least_steps=1, most_steps=1, student_steps=1, mixture_rows=4_000, pool_batches=1)

        model = fit(tokens, layout, config)

        assert model.student_parameters <= 0.3 * model.teacher_parameters


def array_sizes(thing):
    """The shapes of everything in a state that holds many values."""
    if isinstance(thing, dict):
        yield (len(thing),)
        for value in thing.values():
            yield from array_sizes(value)
    elif isinstance(thing, list | tuple | set):
        yield (len(thing),)
        for value in thing:
            yield from array_sizes(value)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from array_sizes(getattr(thing, field.name))
    elif hasattr(thing, 'shape'):
        yield tuple(thing.shape)
    else:
        assert isinstance(thing, str | int | float | None | torch.device), f'what is in a {type(thing)}?'
