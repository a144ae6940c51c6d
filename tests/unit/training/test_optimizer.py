"""Tests of the optimizer, against torch's."""

import copy
import subprocess
import sys

import pytest
import torch
from torch import nn

from sdv_fairdistill.training.optimizer import OneCycleAdamW, one_cycle

PEAK = 6e-3


def torchs(groups, steps, warm_up):
    given = [{'params': group, 'weight_decay': decay} for decay, group in groups.items()]
    optimizer = torch.optim.AdamW(given, lr=PEAK, betas=(0.9, 0.99), fused=True)
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK, total_steps=steps, pct_start=warm_up)


@pytest.mark.parametrize(('steps', 'warm_up'), [(1, 0.9), (2, 0.9), (3, 0.9), (10, 0.2), (400, 0.1), (401, 0.37)])
def test_the_cycle_is_torchs(steps, warm_up):
    optimizer, schedule = torchs({0.0: [nn.Parameter(torch.ones(1))]}, steps, warm_up)
    for step in range(steps):
        group = optimizer.param_groups[0]
        assert one_cycle(step, steps, PEAK, warm_up) == pytest.approx((group['lr'], group['betas'][0]), rel=1e-12)
        optimizer.step()
        schedule.step()


def test_the_steps_are_torchs():
    torch.manual_seed(1)
    first = nn.ModuleList([nn.Linear(4, 16), nn.Linear(16, 16), nn.Linear(9, 9)])  # nothing depends on the last
    second = nn.ModuleList([nn.Linear(4, 16), nn.Linear(16, 16), nn.Linear(9, 9)])
    second.load_state_dict(first.state_dict())
    inputs, wanted = torch.randn(20, 4), torch.randn(20, 16)
    groups = [{0.3: [p for p in net.parameters() if p.dim() > 1], 0.0: [p for p in net.parameters() if p.dim() == 1]}
              for net in (first, second)]  # fmt: skip
    ours = OneCycleAdamW(groups[0], 30, PEAK, 0.2)
    theirs, schedule = torchs(groups[1], 30, 0.2)
    for _ in range(30):
        for net, optimizer in ((first, ours), (second, theirs)):
            (net[1](net[0](inputs).relu()) - wanted).square().mean().backward()
            optimizer.step()
        theirs.zero_grad()
        schedule.step()

    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
    assert first[2].weight.grad is None


def test_gradients_are_clipped_together_as_torch_does():
    torch.manual_seed(2)
    first = nn.ModuleList([nn.Linear(4, 16), nn.Linear(16, 16)])
    second = copy.deepcopy(first)
    groups = [{0.3: [p for p in net.parameters() if p.dim() > 1], 0.0: [p for p in net.parameters() if p.dim() == 1]}
              for net in (first, second)]  # fmt: skip
    ours, (theirs, schedule) = OneCycleAdamW(groups[0], 10, PEAK, 0.2, clip_norm=0.05), torchs(groups[1], 10, 0.2)
    inputs = torch.randn(20, 4)
    for _ in range(10):
        for net in (first, second):
            net[1](net[0](inputs).relu()).square().sum().backward()
        assert nn.utils.clip_grad_norm_(second.parameters(), 0.05) > 1
        ours.step(), theirs.step(), schedule.step(), theirs.zero_grad()

    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_a_parameter_that_is_used_later_moves_from_then_on():
    early, late = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(2))
    optimizer = OneCycleAdamW({0.1: [early, late]}, 10, PEAK, 0.2)

    places = []
    for loss in (early.sum(), early.sum() + late.sum(), late.sum()):
        loss.backward()
        optimizer.step()
        places.append((early.detach().clone(), late.detach().clone()))

    (first, unmoved), (second, moved), (third, further) = places
    assert (first > second).all()
    assert (second > third).all()  # it goes on with its momentum
    assert torch.equal(unmoved, torch.ones(2))
    assert (moved < 1).all()
    assert (further < moved).all()
    assert early.grad is None
    assert late.grad is None


def test_training_leaves_torchs_compiler_unloaded():
    program = """
import sys, torch
from sdv_fairdistill.training.loop import Plan, train
layer = torch.nn.Linear(2, 1)
batches = iter(lambda: torch.ones(3, 2), None)
train(layer, lambda batch, _: {'Loss': layer(batch).square().mean()}, batches, Plan('A', 3, 0.1, 0.1, 1, 0, False))
print('torch._dynamo' in sys.modules)
"""
    shown = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == 'False'
