"""Where to train: a GPU only if there is one and it may be used."""

import pytest
import torch

from sdv_fairdistill.training.device import choose_device


@pytest.mark.parametrize(
    ('there', 'allowed', 'kind'),
    [(True, True, 'cuda'), (True, False, 'cpu'), (False, True, 'cpu'), (False, False, 'cpu')],
)
def test_the_device(monkeypatch, there, allowed, kind):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: there)

    assert choose_device(allowed).type == kind
