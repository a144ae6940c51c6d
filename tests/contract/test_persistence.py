"""Saved, copied and shared between processes, machines and threads."""

from __future__ import annotations

import copy
import os
import pickle
import random
import subprocess
import sys
import threading

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
from sdv.utils import load_synthesizer

from sdv_fairdistill.helpers import threads
from sdv_fairdistill.views import boosted, score

MODELLED = ['badge', 'sex', 'town', 'grade', 'owner', 'age', 'wealth', 'joined', 'seen', 'income']

# Loads a synthesizer, and writes rows, conditioned rows, latents, and rows of a fit of its own.
OTHER_PROCESS = """
import sys
import pandas as pd
from sdv.sampling import Condition
from sdv.utils import load_synthesizer
from sdv_fairdistill.plugin.versions import as_given, frame_of
from sdv_fairdistill.views import score
file, people, rows, conditioned, latents, refitted, score.ROUNDS = *sys.argv[1:7], int(sys.argv[7])
synthesizer = load_synthesizer(file)
assert synthesizer.get_info()['is_fit']
synthesizer.set_fairness(dial=1)
frame_of(synthesizer.sample(50)).to_pickle(rows)
frame_of(synthesizer.sample_from_conditions([Condition({'town': 'Vik'}, num_rows=5)])).to_pickle(conditioned)
synthesizer.get_fair_representation(pd.read_pickle(people)).to_pickle(latents)
synthesizer.fit(as_given('table', pd.read_pickle(people)))
frame_of(synthesizer.sample(50)).to_pickle(refitted)
"""


@pytest.fixture(scope='module')
def file(fitted, tmp_path_factory):
    fitted.reset_sampling()
    path = tmp_path_factory.mktemp('saved') / 'people.pkl'
    fitted.save(path)
    return path


def test_it_works_in_another_process(file, people, fitted, first_rows, tmp_path):
    paths = [tmp_path / name for name in ('people', 'rows', 'conditioned', 'latents', 'refitted')]
    people.to_pickle(paths[0])
    command = [sys.executable, '-c', OTHER_PROCESS, file, *paths, str(score.ROUNDS)]
    variables = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONHASHSEED': '8'}  # another order of sets
    subprocess.run(command, check=True, timeout=300, cwd=sys.prefix, env=variables, capture_output=True)
    rows, conditioned, latents, refitted = map(pd.read_pickle, paths[1:])

    pd.testing.assert_frame_equal(rows, first_rows)
    assert (conditioned['town'] == 'Vik').all()
    pd.testing.assert_frame_equal(latents, fitted.get_fair_representation(people))
    pd.testing.assert_frame_equal(refitted, first_rows)


def test_a_loaded_synthesizer_can_be_reset_and_fitted_again(file, people, first_rows):
    loaded = load_synthesizer(file)
    loaded.sample(20)
    loaded.reset_sampling()
    pd.testing.assert_frame_equal(loaded.sample(50)['table'], first_rows)
    loaded.fit({'table': people.copy()})

    pd.testing.assert_frame_equal(loaded.sample(50)['table'], first_rows)


def test_rows_drawn_before_saving_are_not_drawn_again_after_loading(fitted):
    fitted.reset_sampling()
    before = fitted.sample(50)['table']
    saved = cloudpickle.dumps(fitted)
    one, two = (pickle.loads(saved).sample(50)['table'] for _ in range(2))

    pd.testing.assert_frame_equal(one, two)
    assert not one[MODELLED].equals(before[MODELLED])


def test_saving_changes_no_later_rows(fitted, first_rows):
    following = []
    for save in (False, True):
        fitted.reset_sampling()
        pd.testing.assert_frame_equal(fitted.sample(50)['table'], first_rows)
        if save:
            cloudpickle.dumps(fitted)
        following.append(fitted.sample(50)['table'])

    pd.testing.assert_frame_equal(*following)


def test_the_file_holds_no_tensor_no_generator_and_no_training_row(fitted, people):
    state = fitted._model.__getstate__()
    saved = cloudpickle.dumps(fitted)

    assert all(isinstance(weights, np.ndarray) for weights in state['weights'].values())
    assert not any(isinstance(value, (torch.Tensor, torch.Generator, torch.nn.Module)) for value in state.values())
    assert not any(getattr(value, 'shape', (0,))[0] == len(people) for value in state['weights'].values())
    assert not any(name.encode() in saved for name in people['name'])
    assert not any(key.encode() in saved for key in people['person'])


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
def test_what_a_gpu_fitted_is_loaded_on_the_cpu(tiny, people):
    synthesizer = tiny.people(enable_gpu=True)
    synthesizer.fit({'table': people.copy()})
    assert synthesizer._model.device.type == 'cuda'
    loaded = cloudpickle.loads(cloudpickle.dumps(synthesizer))

    assert loaded._model.device.type == 'cpu'
    assert next(loaded._model.student.parameters()).device.type == 'cpu'
    assert len(loaded.sample(20)['table']) == 20
    np.testing.assert_allclose(
        loaded.get_fair_representation(people), synthesizer.get_fair_representation(people), atol=1e-4
    )


def test_an_unfitted_synthesizer_is_saved_with_a_warning_and_can_be_fitted(tiny, people, first_rows, tmp_path):
    with pytest.warns(UserWarning, match='has not yet been fitted'):
        tiny.people().save(tmp_path / 'unfitted.pkl')
    loaded = load_synthesizer(tmp_path / 'unfitted.pkl')
    loaded.fit({'table': people.copy()})

    pd.testing.assert_frame_equal(loaded.sample(50)['table'], first_rows)


def test_a_copy_is_independent(fitted, first_rows):
    fitted.reset_sampling()
    twin = copy.deepcopy(fitted)
    twin.set_fairness(dial=0)
    twin.sample(5)

    assert fitted.dial == 1
    pd.testing.assert_frame_equal(fitted.sample(50)['table'], first_rows)


def test_loading_leaves_the_callers_random_states_alone(file):
    random.seed(1)
    np.random.seed(2)  # noqa: NPY002
    torch.manual_seed(3)
    expected = random.random(), np.random.random(), torch.rand(1).item()  # noqa: NPY002
    random.seed(1)
    np.random.seed(2)  # noqa: NPY002
    torch.manual_seed(3)
    load_synthesizer(file)

    assert (random.random(), np.random.random(), torch.rand(1).item()) == expected  # noqa: NPY002


def in_threads(works: list) -> list:
    """Runs functions at the same time, a thread each, and gives their results."""
    results = [None] * len(works)

    def run(place: int) -> None:
        results[place] = works[place]()

    started = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return results


def test_threads_fit_what_one_thread_fits(tiny, people, first_rows):
    def fit() -> pd.DataFrame:
        synthesizer = tiny.people()
        synthesizer.fit({'table': people.copy()})
        return synthesizer.sample(50)['table'][MODELLED]

    torch.manual_seed(3)
    before = torch.get_rng_state()
    for rows in in_threads([fit] * 3):
        pd.testing.assert_frame_equal(rows, first_rows[MODELLED])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize('many', [1, 2, 3])
def test_a_fit_is_the_same_on_any_number_of_cores(many, tiny, people, first_rows, monkeypatch):
    monkeypatch.setattr(threads, 'cores', lambda: many)
    monkeypatch.setattr(boosted, 'CHUNK', 50)
    synthesizer = tiny.people()

    synthesizer.fit({'table': people.copy()})

    pd.testing.assert_frame_equal(synthesizer.sample(50)['table'][MODELLED], first_rows[MODELLED])


def test_threads_sample_from_synthesizers_of_their_own(file, first_rows):
    synthesizers = [load_synthesizer(file) for _ in range(3)]
    drawn = in_threads([lambda one=one: one.sample(50)['table'][MODELLED] for one in synthesizers])

    for rows in drawn:
        pd.testing.assert_frame_equal(rows, first_rows[MODELLED])
