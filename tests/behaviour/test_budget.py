"""The training needs no early stopping: at the end of its cycle, rows kept aside are told as well as they ever were."""

from dataclasses import replace

import pytest
import torch

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.datasets import load_adult, load_german_credit
from sdv_fairdistill.method import model
from sdv_fairdistill.training import teacher
from sdv_fairdistill.training.config import FitConfig

pytestmark = pytest.mark.slow

ROWS = 12_000
ASIDE = 0.1  # of the rows
LOOKS = 10  # at the rows kept aside in the course of a training
COMPARED = 1_000  # rows kept aside
LITTLE = 0.005  # of the least loss


class Watched(teacher.TeacherStage):
    """The teacher's stage, which passes by the last rows of the table and now and then measures the loss of these."""

    course: list[float]

    def __call__(self, batch, progress):
        rows = len(self.rows.tokens)
        learned = int(rows * (1 - ASIDE))
        losses = super().__call__(batch[batch < learned], progress)
        if progress * LOOKS >= len(self.course) + 1:
            self.course.append(self.loss_of(torch.arange(learned, rows)[:COMPARED]))
        return losses

    @torch.no_grad()
    def loss_of(self, rows):
        """The loss of rows without the independence term, whose weight makes up for the size of a batch."""
        state = self.generator.get_state()
        self.generator.manual_seed(0)
        self.teacher.eval()
        losses = super().__call__(rows, 1.0)
        self.teacher.train()
        self.generator.set_state(state)
        return float(losses['Reconstruction'] + losses['KL'] + self.config.label_weight * losses['Label'])


@pytest.fixture
def course_of(monkeypatch):
    """Gives the course of the loss of rows kept aside while the teacher learns the others."""

    def course_of(dataset, **numbers):
        monkeypatch.setattr(teacher, 'TeacherStage', Watched)
        monkeypatch.setattr(Watched, 'course', [], raising=False)
        monkeypatch.setattr(model, 'learn_repairs', lambda *_: (None, {}))  # comes after, and takes longest
        synthesizer = FairDistillSynthesizer(dataset.metadata, **dataset.roles, seed=0, enable_gpu=False)
        synthesizer._config = replace(FitConfig(), student_steps=1, pool_batches=1, **numbers)
        table = dataset.table.sample(frac=1, random_state=0, ignore_index=True).head(ROWS)
        synthesizer.fit({next(iter(dataset.metadata.tables)): table})
        assert len(Watched.course) == LOOKS
        return Watched.course

    return course_of


@pytest.mark.parametrize('load', [load_adult, load_german_credit])
def test_nothing_is_gained_by_stopping_early(course_of, load):
    course = course_of(load())
    assert course[0] > course[-1]
    assert course[-1] <= min(course) * (1 + LITTLE)


def test_without_dropout_and_decay_something_would_be(course_of):
    course = course_of(load_german_credit(), dropout=0.0, weight_decay=0.0, decoder_decay=0.0)
    assert course[-1] > min(course) * (1 + LITTLE)
