"""Numbers that move together are learned from few rows, since bins are known to stand in a row."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from sdv_fairdistill.method.model import FairDistillModel
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig

pytestmark = pytest.mark.slow

ROWS, NUMBERS, BINS = 700, 10, 40
LAYOUT = Layout((BINS,) * NUMBERS, (True,) * NUMBERS)


@pytest.fixture(scope='module')
def tokens():
    """Bins of numbers that follow one thing, each with noise of its own; every other one falls where it rises."""
    generator = np.random.default_rng(0)
    common = generator.normal(size=(ROWS, 1))
    signs = np.where(np.arange(NUMBERS) % 2, -1, 1)
    numbers = signs * common + generator.normal(scale=0.4, size=(ROWS, NUMBERS))
    return (numbers.argsort(0).argsort(0) * BINS // ROWS).astype(np.int32)


def correlations(tokens):
    return spearmanr(tokens).statistic[np.triu_indices(NUMBERS, 1)]


def lost(tokens):
    """The mean of what is lost of the correlations of all pairs."""
    fitted = FairDistillModel.fit(tokens, LAYOUT, (), FitConfig(), 0, torch.device('cpu'))
    return float(np.abs(correlations(fitted.sample(5 * ROWS, '', 0.0)) - correlations(tokens)).mean())


def test_numbers_keep_the_correlations_of_all_pairs(tokens, monkeypatch):
    with_places = lost(tokens)
    monkeypatch.setattr(Layout, 'drawn_bins', [0] * NUMBERS)

    assert with_places < 0.06
    assert lost(tokens) > 2 * with_places
