"""Labels are drawn from the view that a row is in."""

import numpy as np
import pytest
import torch

from sdv_fairdistill.training.tables import TrainingRows
from sdv_fairdistill.views import LabelView

ROWS = 30_000
SOFT = np.array([0.2, 0.5, 0.3], dtype=np.float32)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def rows_of(views, classes):
    zeros = np.zeros(ROWS, dtype=np.int64)
    features = np.zeros((ROWS, 1), dtype=np.float32)
    return TrainingRows.of(zeros[:, None], features, zeros, views, classes, torch.device('cpu'))


@pytest.fixture
def rows():
    labels = np.arange(ROWS) % 3
    return rows_of([LabelView('raw', labels), LabelView('repaired', labels, np.tile(SOFT, (ROWS, 1)))], 3)


def test_every_view_is_drawn_equally_often(rows, generator):
    view, _, _ = rows.draw_labels(torch.arange(ROWS), generator)

    assert view.double().mean().item() == pytest.approx(0.5, abs=0.02)
    assert set(view.tolist()) == {0, 1}


def test_a_certain_label_stays(rows, generator):
    batch = torch.tensor([5, 1, 0])

    label, soft = rows.labels_of(batch, torch.zeros(3, dtype=torch.long), generator)

    assert label.tolist() == [2, 1, 0]
    assert soft.tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_an_uncertain_label_follows_its_distribution(rows, generator):
    label, soft = rows.labels_of(torch.arange(ROWS), torch.ones(ROWS, dtype=torch.long), generator)

    assert (soft == torch.from_numpy(SOFT)).all()
    assert np.bincount(label) / ROWS == pytest.approx(SOFT, abs=0.015)


def test_the_rows_of_a_batch_may_be_in_different_views(rows, generator):
    view, label, soft = rows.draw_labels(torch.arange(ROWS), generator)

    raw = view == 0
    assert (label[raw] == torch.arange(ROWS)[raw] % 3).all()
    assert np.bincount(label[~raw]) / int((~raw).sum()) == pytest.approx(SOFT, abs=0.02)
    torch.testing.assert_close(soft.sum(1), torch.ones(ROWS))


def test_certain_labels_need_no_chance(generator):
    labels = [np.arange(ROWS) % 3, (np.arange(ROWS) + 1) % 3]
    rows = rows_of([LabelView(name, part) for name, part in zip(('raw', 'repaired'), labels, strict=True)], 3)
    before = generator.get_state()

    label, soft = rows.labels_of(torch.tensor([5, 1, 0]), torch.tensor([0, 1, 1]), generator)

    assert label.tolist() == [2, 2, 1]
    assert soft.argmax(1).tolist() == label.tolist()
    assert torch.equal(generator.get_state(), before)


def test_without_a_target_there_is_no_label(generator):
    rows = rows_of([LabelView('raw', np.zeros(ROWS, dtype=np.int64))], 0)

    view, label, soft = rows.draw_labels(torch.arange(7), generator)

    assert rows.views == 1
    assert view.tolist() == label.tolist() == [0] * 7
    assert soft.shape == (7, 0)
