"""The loop minimises whatever it is given, keeps the losses, and stops at a loss that is no number."""

import math
from itertools import islice, repeat

import pytest
import torch
from torch import nn

from sdv_fairdistill.errors import TrainingError
from sdv_fairdistill.training.loop import Plan, batches, train


def plan_of(steps, **changes):
    values = {'learning_rate': 0.1, 'warm_up': 0.1, 'clip_norm': 5.0, 'weight_decay': 0.0, 'verbose': False}
    return Plan('Teacher', steps, **(values | changes))


class Point(nn.Module):
    def __init__(self):
        super().__init__()
        self.place = nn.Parameter(torch.tensor([3.0, -2.0]))

    def losses(self, wanted, progress=1.0):
        gap = (self.place - wanted).square()
        return {'First': gap[0], 'Second': gap[1], 'Loss': gap.sum()}


def test_it_finds_the_minimum():
    point = Point()

    history = train(point, point.losses, repeat(torch.tensor([1.0, 1.0])), plan_of(200))

    torch.testing.assert_close(point.place.data, torch.ones(2), rtol=0, atol=1e-2)
    assert history[-1]['Loss'] < 1e-3 * history[0]['Loss']


def test_the_history_has_every_loss_of_every_step():
    point = Point()

    history = train(point, point.losses, repeat(torch.zeros(2)), plan_of(7))

    assert len(history) == 7
    assert history[0] == {'First': 9, 'Second': 4, 'Loss': 13}
    assert all(type(value) is float for losses in history for value in losses.values())


@pytest.mark.parametrize('steps', [*range(1, 12), 20])
@pytest.mark.parametrize('warm_up', [0.1, 0.5])
def test_any_number_of_steps(steps, warm_up):
    point = Point()

    assert len(train(point, point.losses, repeat(torch.zeros(2)), plan_of(steps, warm_up=warm_up))) == steps
    assert torch.isfinite(point.place).all()


def test_the_module_trains_and_is_left_evaluating():
    point, modes = Point(), []

    def step(wanted, _):
        modes.append(point.training)
        return point.losses(wanted)

    train(point.eval(), step, repeat(torch.zeros(2)), plan_of(3))

    assert modes == [True] * 3
    assert not point.training


def test_a_batch_is_taken_for_every_step_and_no_more():
    point, source = Point(), iter(torch.zeros(5, 2))

    train(point, point.losses, source, plan_of(4))

    assert len(list(source)) == 1


def test_weights_decay_and_biases_do_not():
    layer = nn.Linear(2, 2)
    before = {name: value.clone() for name, value in layer.named_parameters()}

    train(layer, lambda *_: {'Loss': 0 * layer(torch.ones(2)).sum()}, repeat(None), plan_of(5, weight_decay=1.0))

    assert (layer.weight.abs() < before['weight'].abs()).all()
    assert torch.equal(layer.bias, before['bias'])


def test_a_step_is_told_how_far_the_training_is():
    point, seen = Point(), []

    def step(wanted, progress):
        seen.append(progress)
        return point.losses(wanted)

    train(point, step, repeat(torch.zeros(2)), plan_of(4))

    assert seen == [0.25, 0.5, 0.75, 1]


class TestLossThatIsNoNumber:
    @staticmethod
    def run(bad_steps, value=float('nan'), steps=50):
        """Trains a point whose loss is bad at some of the steps ever taken; gives point, history and places."""
        point, places = Point(), []

        def step(wanted, _):
            places.append(point.place.detach().clone())
            loss = point.place.square().sum()
            return {'Loss': loss * value if len(places) in bad_steps else loss}

        return point, train(point, step, repeat(None), plan_of(steps)), places

    @pytest.mark.parametrize('value', [float('nan'), float('inf')])
    def test_the_training_begins_once_more_from_the_same_place_at_a_lower_rate(self, value):
        point, history, places = self.run({3}, value)

        again = len(places) - 50
        assert len(history) == 50
        assert torch.equal(places[again], places[0])
        assert 0 < (places[again + 1] - places[again]).norm() < 0.5 * (places[1] - places[0]).norm()
        assert point.place.norm() < places[0].norm()

    def test_a_second_time_it_is_an_error(self):
        with pytest.raises(TrainingError, match=r"teacher's loss became nan at step \d+, at a lower .*another seed"):
            self.run(set(range(3, 200)))

    def test_the_last_step_is_looked_at_too(self):
        with pytest.raises(TrainingError, match=r'at step 7'):
            self.run({7, 14}, steps=7)


class TestBatches:
    @staticmethod
    def take(rows, size, count, seed=0):
        source = batches(rows, size, torch.Generator().manual_seed(seed), torch.device('cpu'))
        return list(islice(source, count))

    @pytest.mark.parametrize(('rows', 'size'), [(12, 4), (13, 4), (5, 5), (7, 6), (1, 1), (3, 8)])
    def test_every_row_comes_once_before_any_comes_again(self, rows, size):
        taken = self.take(rows, size, 3 * rows)

        assert {len(batch) for batch in taken} == {size}
        for seen in torch.cat(taken).split(rows):
            assert sorted(seen.tolist()) == list(range(rows))

    def test_every_pass_has_an_order_of_its_own(self):
        first, second = self.take(50, 50, 2)

        assert first.tolist() != second.tolist()

    def test_a_seed_repeats(self):
        first, same, other = (self.take(50, 10, 3, seed) for seed in (1, 1, 2))

        assert torch.equal(torch.cat(first), torch.cat(same))
        assert not torch.equal(torch.cat(first), torch.cat(other))


class Three(nn.Module):
    def __init__(self):
        super().__init__()
        self.much = nn.Linear(1, 1)
        self.little = nn.Linear(1, 1, bias=False)
        for parameter in self.parameters():
            parameter.data.fill_(1.0)


def test_parts_decay_as_much_as_they_should_and_biases_do_not():
    three = Three()

    def flat(*_):
        return {'Loss': 0 * sum(parameter.sum() for parameter in three.parameters())}

    train(three, flat, repeat(0), plan_of(20, weight_decay=0.1, decays={'much': 1.0}))

    bias, much, little = (part.detach().item() for part in (three.much.bias, three.much.weight, three.little.weight))
    assert bias == 1
    assert 0 < much < little < 1
    assert math.log(little) / math.log(much) == pytest.approx(0.1, rel=0.2)
