"""Log-likelihoods agree with exact sums, in each row and on the mean."""

import numpy as np
import pytest
import torch

from sdv_fairdistill.sampling import prediction
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.likelihood import log_likelihoods
from sdv_fairdistill.sampling.prediction import class_probabilities


@pytest.fixture(scope='module')
def exact(enumeration):
    return type(enumeration)(0.0, raw=enumeration.views[0]).probabilities


def generators():
    return Generators.of(0, torch.device('cpu'))


def test_rows_have_their_exact_probabilities(enumeration, exact):
    values, errors = log_likelihoods(enumeration.source, enumeration.rows, generators())

    possible = exact > 0
    assert (values[~possible] == -np.inf).all()
    assert (errors[~possible] == 0).all()
    far = (values - np.log(np.maximum(exact, 1e-300)))[possible]
    assert (np.abs(far) < 6 * errors[possible] + 0.02).all()
    assert np.exp(values).sum() == pytest.approx(1, abs=0.05)
    assert exact[possible] @ far == pytest.approx(0, abs=0.03)  # the mean of rows that are drawn


def test_standard_errors_are_those_of_other_seeds(enumeration, exact):
    rows = np.repeat(enumeration.rows[exact > 0][:1], 400, axis=0)
    values, errors = log_likelihoods(enumeration.source, rows, generators())
    assert 0.3 * errors.mean() < values.std() < 2 * errors.mean()


def test_what_is_lacking_is_summed_out(enumeration, exact):
    joint = exact.reshape(enumeration.source.layout.cardinalities)
    expected = {(-1, 1, 0, 1, -1): joint[:, 1, 0, 1].sum(), (0, -1, -1, 0, 1): joint[0, :, :, 0, 1].sum()}
    values, errors = log_likelihoods(enumeration.source, np.array(list(expected)), generators())
    assert (np.abs(values - np.log(list(expected.values()))) < 6 * errors + 0.02).all()


@pytest.mark.parametrize('few', [8, 1], ids=['each label tried', 'labels drawn'])
def test_predictions_are_the_exact_conditional_probabilities(enumeration, monkeypatch, few):
    monkeypatch.setattr(prediction, 'FEW_CLASSES', few)
    monkeypatch.setattr(prediction, 'PARTICLES', 2_000)
    joint = enumeration.probabilities.reshape(enumeration.source.layout.cardinalities)
    rows = np.array([[0, 1, -1, 0, 1], [1, 0, 0, 1, 0], [-1, 2, 1, -1, 0]])
    given = np.array([joint[0, 1, :, 0, 1], joint[1, 0, :, 1, 0], joint[:, 2, :, :, 0].sum((0, 2))])

    found = class_probabilities(enumeration.source, rows, {}, generators())

    assert found == pytest.approx(given / given.sum(1, keepdims=True), abs=0.06)
