"""The student's start: what is left of the teacher says nearly what the teacher says."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from sdv_fairdistill.networks.fair_vae import FairVAE, Sizes, Student
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.networks.links import Link
from sdv_fairdistill.training.pruning import _chosen, _least_squares, prune
from sdv_fairdistill.training.tables import DrawnRows

ROWS = 1_500
VIEWS = (
    LabelInputs(sensitive=True),
    LabelInputs(),
    LabelInputs(columns=2),
    LabelInputs(latent=False, columns=4),
    LabelInputs(latent=False, sensitive=True, columns=4, layers=2),
)
WHOLE = Sizes(
    cardinalities=[3, 9, 2, 12], sensitive=3, classes=3, views=VIEWS, groups=3, latent=2, features=24, hidden=16,
    head=12, bins=(0, 8, 0, 12), label_bins=2, block=2,
)  # fmt: skip
SMALLER = {'features': 12, 'hidden': 8, 'head': 6, 'encoder': 10}
TABLES = {
    'every kind of input': {},
    'links': {'links': (Link(3, 1, torch.arange(12).numpy(), torch.arange(9).numpy(), torch.randn(9, 12).numpy()),)},
    'no target': {'classes': 0, 'views': (LabelInputs(sensitive=True),), 'label_bins': 0},
    'no sensitive column': {'sensitive': 0, 'groups': 1, 'views': (LabelInputs(),)},
    'no drawn column': {'cardinalities': [], 'bins': (), 'views': (LabelInputs(sensitive=True), LabelInputs())},
    'one drawn column': {'cardinalities': [5], 'bins': (), 'views': (LabelInputs(sensitive=True), LabelInputs())},
    'levels only': {'bins': (), 'label_bins': 0},
}


def network(sizes, kind=FairVAE, seed=0):
    """A network whose weights are those of a start, made stronger, so that what it says depends on its inputs."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        result = kind(sizes) if kind is FairVAE else kind(sizes, 3)
        for parameter in result.parameters():
            nn.init.normal_(parameter, std=max(2 / parameter.shape[-1] ** 0.5, 0.2) if parameter.dim() > 1 else 0.5)
        return result.eval()


def drawn(sizes, seed=1, rows=ROWS):
    """Rows in two batches, as prune wants them."""
    chance = torch.Generator().manual_seed(seed)
    tokens = [torch.randint(many, (rows,), generator=chance) for many in sizes.cardinalities]
    group = torch.randint(sizes.groups, (rows,), generator=chance)
    parts = {
        'tokens': torch.stack(tokens, 1) if tokens else torch.zeros(rows, 0, dtype=torch.long),
        'sensitive': nn.functional.one_hot(group, sizes.groups).float()[:, : sizes.sensitive],
        'group': group,
        'view': torch.randint(len(sizes.views), (rows,), generator=chance),
        'latent': torch.randn(rows, sizes.latent, generator=chance),
        'label': torch.randint(max(sizes.classes, 1), (rows,), generator=chance),
    }
    halves = [{name: part.chunk(2)[number] for name, part in parts.items()} for number in range(2)]
    nothing = {'encoded': torch.zeros(0), 'targets': [], 'entropy': torch.zeros(())}
    return [DrawnRows(**half, **nothing) for half in halves]


@torch.no_grad()
def distances(teacher, student, rows):
    """How far a student is from its teacher: KL divergences of columns and label, and the squared error of latents."""
    given = rows.tokens, rows.latent, rows.sensitive, rows.label, rows.view
    own, wanted = (network.decode(*given) for network in (student, teacher))
    result = {'latents': (student.encoder(*given[:3:2])[0] - teacher.encoder(*given[:3:2])[0]).square().sum(1).mean()}
    if own:
        pairs = zip(wanted, own, strict=True)
        result['columns'] = sum((block.exp() * (block - ours)).sum((0, 2)).mean() for block, ours in pairs)
    if teacher.sizes.classes:
        own, wanted = (net.heads(rows.latent, rows.sensitive, rows.tokens, rows.view) for net in (student, teacher))
        result['label'] = (wanted.exp() * (wanted - own)).sum(1).mean()
    return {name: value.item() for name, value in result.items()}


class TestPruning:
    @pytest.mark.parametrize('changes', TABLES.values(), ids=TABLES)
    def test_a_student_as_large_as_its_teacher_says_what_it_says(self, changes):
        sizes = replace(WHOLE, **changes)
        teacher, student = network(sizes), network(sizes, Student, seed=5)
        before = distances(teacher, student, drawn(sizes, seed=9)[0])

        prune(teacher, student, drawn(sizes))

        after = distances(teacher, student, drawn(sizes, seed=9)[0])
        assert all(after[name] < 2e-4 * far for name, far in before.items()), (before, after)

    @pytest.mark.parametrize('changes', TABLES.values(), ids=TABLES)
    def test_a_smaller_one_is_much_nearer_to_it_than_before(self, changes):
        sizes = replace(WHOLE, **changes)
        teacher, student = network(sizes), network(replace(sizes, **SMALLER), Student, seed=5)
        before = distances(teacher, student, drawn(sizes, seed=9)[0])

        prune(teacher, student, drawn(sizes))

        after = distances(teacher, student, drawn(sizes, seed=9)[0])
        assert all(after[name] < 0.35 * far for name, far in before.items()), (before, after)

    def test_features_that_a_student_has_more_stay_as_they_are(self):
        teacher, student = network(replace(WHOLE, **SMALLER)), network(WHOLE, Student, seed=5)
        before = student.decoder.embeddings[0].weight[:, 12:].clone()

        prune(teacher, student, drawn(WHOLE))

        assert torch.equal(student.decoder.embeddings[0].weight[:, 12:], before)
        assert distances(teacher, student, drawn(WHOLE, seed=9)[0])['columns'] < 0.01

    def test_the_teacher_stays_as_it_is_and_the_same_rows_give_the_same_student(self):
        teacher = network(WHOLE)
        before = {name: value.clone() for name, value in teacher.state_dict().items()}
        students = [network(replace(WHOLE, **SMALLER), Student, seed=5) for _ in range(2)]

        for student in students:
            prune(teacher, student, drawn(WHOLE))

        assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())
        first, second = (student.state_dict() for student in students)
        assert all(torch.equal(value, second[name]) for name, value in first.items())

    def test_layers_that_say_nothing_are_no_trouble(self):
        teacher, student = network(WHOLE), network(replace(WHOLE, **SMALLER), Student, seed=5)
        with torch.no_grad():
            for parameter in teacher.parameters():
                parameter.zero_()

        prune(teacher, student, drawn(WHOLE))

        assert all(value.isfinite().all() for value in student.state_dict().values())
        assert distances(teacher, student, drawn(WHOLE, seed=9)[0])['columns'] < 1e-3


class TestChoice:
    def test_of_features_that_say_the_same_one_is_chosen(self):
        first, second = torch.randn(2, 400, 3, generator=torch.Generator().manual_seed(0)).unbind()
        features = torch.cat([first, second[:, :1], -2 * first], 1)

        chosen = _chosen([(features, torch.ones(1, 7))], 4)

        assert 3 in chosen
        assert sorted(number % 4 for number in chosen.tolist()) == [0, 1, 2, 3]

    def test_those_that_move_most_come_first(self):
        features = torch.randn(400, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 5, 0, 3])

        assert _chosen([(features, torch.ones(1, 4))], 2).tolist() == [1, 3]

    def test_they_count_as_much_as_what_reads_them_makes_of_them(self):
        features = torch.randn(400, 3, generator=torch.Generator().manual_seed(0))
        readers = [(features, torch.tensor([[5.0, 0, 0], [-5, 0, 0]])), (features, torch.tensor([[0.1, 0.0, 0.2]]))]

        assert _chosen(readers[1:], 1).tolist() == [2]
        assert _chosen(readers, 1).tolist() == [0]

    def test_a_constant_is_chosen_last(self):
        features = torch.randn(400, 3, generator=torch.Generator().manual_seed(0))
        features[:, 1] = 7.0

        assert _chosen([(features, torch.ones(1, 3))], 2).tolist() == [0, 2]
        assert _chosen([(features, torch.ones(1, 3))], 9).tolist() == [0, 1, 2]


class TestLeastSquares:
    def test_they_are_those_of_torch(self):
        chance = torch.Generator().manual_seed(0)
        inputs, outputs = torch.randn(500, 6, generator=chance) + 2, torch.randn(500, 3, generator=chance)

        weight, bias = _least_squares(inputs, outputs)

        known = torch.linalg.lstsq(torch.cat([inputs, torch.ones(500, 1)], 1), outputs).solution
        torch.testing.assert_close(torch.cat([weight, bias[None]]), known, rtol=0, atol=1e-3)

    def test_what_never_moves_has_no_weight(self):
        inputs = torch.randn(500, 3, generator=torch.Generator().manual_seed(0))
        inputs[:, 1] = 4.0

        weight, bias = _least_squares(inputs, inputs.sum(1, keepdim=True))

        torch.testing.assert_close(weight[:, 0], torch.tensor([1.0, 0.0, 1.0]), rtol=0, atol=5e-3)
        torch.testing.assert_close(bias, torch.tensor([4.0]), rtol=0, atol=1e-2)
