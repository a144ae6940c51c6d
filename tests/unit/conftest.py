"""A small unfair table and a small fit of it, for the tests of the training stages and of the model; and cores."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.networks.fair_vae import Sizes
from sdv_fairdistill.networks.heads import LabelInputs
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.tables import TrainingRows
from sdv_fairdistill.views import Evidence, LabelView, Reads
from sdv_fairdistill.views.coupling import couple
from sdv_fairdistill.views.demographic_parity import DemographicParity
from sdv_fairdistill.views.score import label_score

ROWS = 2_003  # a prime: nothing else has this size by chance
SMALL = {
    'latent': 3, 'teacher_features': 48, 'teacher_hidden': 16, 'teacher_head': 16, 'student_features': 24,
    'student_hidden': 12, 'student_head': 12, 'batch': 256, 'least_steps': 1, 'most_steps': 300, 'passes': 1e9,
    'components': 8, 'mixture_rows': 2_000, 'pool_batches': 8, 'student_steps': 200, 'most_repair_rows': 10_000,
}  # fmt: skip


@pytest.fixture(params=[1, 2, 3])
def many(request, monkeypatch):
    """How many cores there seem to be."""
    monkeypatch.setattr(threads, 'cores', lambda: request.param)
    return request.param


@pytest.fixture(scope='session')
def small_config():
    return replace(FitConfig(), **SMALL)


@pytest.fixture(scope='session')
def layout():
    return Layout((2, 4, 3, 2), (False, True, False, False), sensitive=(0,), target=3)


@pytest.fixture(scope='session')
def unfair():
    """Tokens: a group, a column that tells the group, one that does not, and a label that depends on all three."""
    generator = np.random.default_rng(0)
    group = generator.integers(0, 2, ROWS)
    telling = generator.binomial(3, 0.25 + 0.5 * group)
    other = generator.integers(0, 3, ROWS)
    label = generator.random(ROWS) < 0.05 + 0.35 * group + 0.08 * telling + 0.15 * other
    return np.column_stack([group, telling, other, label]).astype(np.int64)


def repaired_view(tokens, layout, groups, group):
    """The label as the groups would have it at equal rates, for a head that reads the latent alone."""
    score = label_score(tokens, layout, groups, False, 0).own
    given = Evidence(tokens[:, 3], score, score, group, np.zeros(len(tokens), dtype=int), 0)
    probabilities = couple(score, DemographicParity().repair_score(given), tokens[:, 3])
    return LabelView('repaired', tokens[:, 3], probabilities.astype(np.float32), Reads.LATENT)


@pytest.fixture(scope='session')
def training_rows(unfair, layout):
    groups, combination = Groups.fit(unfair, layout)
    group = groups.group_of[combination]
    views = (LabelView('raw', unfair[:, 3]), repaired_view(unfair, layout, groups, group))
    sensitive = groups.features(unfair[:, layout.sensitive])
    return TrainingRows.of(unfair[:, layout.drawn], sensitive, group, views, layout.classes, torch.device('cpu'))


@pytest.fixture(scope='session')
def sizes(layout, small_config):
    return Sizes(
        cardinalities=layout.drawn_cardinalities, sensitive=2, classes=2,
        views=(LabelInputs(sensitive=True), LabelInputs()), groups=2, latent=small_config.latent,
        features=small_config.teacher_features, hidden=small_config.teacher_hidden, head=small_config.teacher_head,
    )  # fmt: skip
