"""A student whose latents are a few points, so that the probability of every row can be written down."""

from functools import cached_property
from itertools import product

import numpy as np
import pytest
import torch

from sdv_fairdistill.networks.fair_vae import Sizes, Student
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.networks.links import Link
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.rows import Source
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout

LAYOUT = Layout((2, 3, 2, 2, 2), (False,) * 5, sensitive=(3, 0), target=2)  # drawn: columns 4 and 1
COMPONENTS = 3
LINKS = (Link(1, 0, np.arange(3), np.arange(2), np.array([[0.6, -0.5, 0], [-0.7, 0.3, 0.2]], dtype=np.float32)),)
# The label is drawn first, between the two columns, or after both and without the latent.
VIEWS = (LabelInputs(sensitive=True), LabelInputs(), LabelInputs(columns=1), LabelInputs(latent=False, columns=2))
LAST = LabelInputs(latent=False, sensitive=True, columns=2, layers=2)


class Enumeration:
    """A source and the exact probability of each of its rows."""

    def __init__(self, dial, view=1, raw=VIEWS[0]):
        self.views = (raw, *VIEWS[1:])
        tokens = np.zeros((10, 5), dtype=np.int64)
        tokens[:, 3] = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
        tokens[:, 0] = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]  # the pair (column 3, column 0) = (1, 0) is never seen
        self.groups = Groups.fit(tokens, LAYOUT)[0]
        self.source = Source(self._student(), LAYOUT, self.groups, view=view, dial=dial)
        self.rows = np.array(list(product(*map(range, LAYOUT.cardinalities))))

    def _student(self):
        sizes = Sizes(
            LAYOUT.drawn_cardinalities, self.groups.width, 2, views=self.views, groups=self.groups.count,
            latent=2, features=8, hidden=6, head=6, links=LINKS,
        )  # fmt: skip
        student = Student(sizes, COMPONENTS).eval()
        generator = torch.Generator().manual_seed(7)  # weights for which columns and label depend on each other
        for parameter in student.parameters():
            parameter.data = 0.8 * torch.randn(parameter.shape, generator=generator)
        student.sampler.means.data *= 4
        student.sampler.lower.data.zero_()
        student.sampler.log_scales.data.fill_(-20)
        return student

    @cached_property
    @torch.no_grad()
    def probabilities(self):
        """The probability of every row of ``rows``, as the student is when it is asked for first."""
        total, student = np.zeros(len(self.rows)), self.source.student
        for combination, share in zip(self.groups.combinations, self.groups.shares, strict=True):
            for view, weight in ((0, 1 - self.source.dial), (self.source.view, self.source.dial)):
                group = int(self.groups.group_of[(self.groups.combinations == combination).all(1)][0])
                mixture = student.sampler.log_weights(torch.tensor([view]), torch.tensor([group])).exp()[0]
                for component in range(COMPONENTS):
                    total += share * weight * float(mixture[component]) * self._given(combination, view, component)
        return total

    def _given(self, combination, view, component):
        student, count = self.source.student, len(self.rows)
        latent = student.sampler.means[component].expand(count, -1)
        sensitive = torch.from_numpy(self.groups.features(np.tile(combination, (count, 1))))
        views, label = torch.full((count,), view), torch.from_numpy(self.rows[:, LAYOUT.target])
        drawn = torch.from_numpy(self.rows[:, LAYOUT.drawn])
        blocks = student.decode(drawn, latent, sensitive, label, views)
        likelihood = (-student.decoder.negative_log_likelihood(blocks, drawn)).exp()
        chosen = student.heads(latent, sensitive, drawn, views).exp()[torch.arange(count), label]
        return (likelihood * chosen).numpy() * (self.rows[:, LAYOUT.sensitive] == combination).all(1)

    def frequencies(self, table):
        """How often each of ``rows`` occurs in a table."""
        place = np.ravel_multi_index(table.T, LAYOUT.cardinalities)
        return np.bincount(place, minlength=len(self.rows)) / len(table)


@pytest.fixture(
    params=[(0.0, 1), (0.6, 1), (0.6, 2), (0.6, 3), (1.0, 1), (1.0, 2), (1.0, 3), (0.0, 1, LAST), (0.6, 1, LAST)],
    ids=lambda given: f'dial {given[0]} of view {given[1]}' + ', raw label last' * (len(given) > 2),
    scope='session',
)
def enumeration(request):
    return Enumeration(*request.param)


@pytest.fixture(params=['label first', 'label last'])
def raw_enumeration(request):
    """One of the raw view alone, for a test to change."""
    return Enumeration(0.0, raw=VIEWS[0] if request.param == 'label first' else LAST)


@pytest.fixture
def generators():
    return Generators.of(0, torch.device('cpu'))
