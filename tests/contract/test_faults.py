"""What goes wrong: Ctrl-C, fits that fail, a full disk, and tables that leave next to nothing to learn from."""

from __future__ import annotations

import copy
import errno
import warnings
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sdv.errors import InvalidDataError, NotFittedError, SamplingError
from sdv.sampling import Condition
from sdv.utils import load_synthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals import frontier

NOTIONS = ['demographic_parity', 'conditional_parity', 'unawareness', 'equalized_odds']
CATEGORY, NUMBER = {'sdtype': 'categorical'}, {'sdtype': 'numerical'}
COLUMNS = {'sex': CATEGORY, 'work': CATEGORY, 'x': NUMBER, 'y': CATEGORY}
ROLES = {'sensitive_columns': ['sex'], 'target_column': 'y', 'favorable_value': 'yes', 'admissible_columns': ['work']}
MOMENTS = {
    'encoding': 'sdv_fairdistill.encoding.binned.BinnedTransformer._fit',
    'tokens': 'sdv_fairdistill.encoding.table_tokenizer.TableTokenizer.to_tokens',
    'label score': 'sdv_fairdistill.training.repairs.LabelScores.evidence',
    'frontier': 'sdv_fairdistill.goals.frontier.frontier',
}


@pytest.fixture(scope='module', autouse=True)
def few_dials():
    """Keeps frontiers short: what they hold is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frontier, 'DIALS', (0.0, 0.5, 1.0))
        yield


@pytest.fixture(scope='module')
def learned(tiny, people):
    """A synthesizer of the people that kept rows aside; copied for each test."""
    synthesizer = tiny.people(holdout_share=0.2)
    synthesizer.fit({'table': people.copy()})
    return synthesizer


def check_refuses_to_draw(synthesizer: Any, people: pd.DataFrame) -> None:
    """No verb gives rows, latents or figures of a fit that was not finished."""
    assert not synthesizer.get_info()['is_fit']
    for verb in (
        lambda: synthesizer.sample(5),
        lambda: synthesizer.sample_from_conditions([Condition({'sex': 'female'}, num_rows=2)]),
        lambda: synthesizer.sample_remaining_columns(people[['sex']].head(2)),
        lambda: synthesizer.get_fair_representation(people),
        synthesizer.get_loss_values,
        synthesizer.get_frontier,
    ):
        with pytest.raises((NotFittedError, SamplingError), match='fit'):
            verb()


# Ctrl-C, and other ends of a fit


@pytest.mark.parametrize('place', MOMENTS.values(), ids=MOMENTS)
def test_ctrl_c_at_any_moment_of_a_second_fit_leaves_nothing_to_draw_from(learned, people, monkeypatch, place):
    synthesizer = copy.deepcopy(learned)
    first = synthesizer.sample(20)['table']

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, interrupt)
        with pytest.raises(KeyboardInterrupt):
            synthesizer.fit({'table': people.copy()})

    check_refuses_to_draw(synthesizer, people)
    synthesizer.fit({'table': people.copy()})
    pd.testing.assert_frame_equal(synthesizer.sample(20)['table'], first)


@pytest.mark.parametrize(
    ('changed', 'error'),
    [
        ({'wealth': np.inf}, 'infinite'),
        ({'sex': 'female'}, 'single value'),
        ({'income': ['middle', 'low'] * 60}, 'never occurs'),
    ],
    ids=['no numbers', 'no groups', 'no desired label'],
)
def test_a_second_fit_on_a_table_that_is_refused_leaves_nothing_to_draw_from(fitted, people, changed, error):
    synthesizer = copy.deepcopy(fitted)
    with pytest.raises((InvalidDataError, ValueError), match=error):
        synthesizer.fit({'table': people.assign(**changed)})

    check_refuses_to_draw(synthesizer, people)


def test_preprocessing_that_fails_half_way_leaves_no_old_model_to_new_transformers(fitted, people, monkeypatch):
    synthesizer = copy.deepcopy(fitted)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError('out of memory')

    monkeypatch.setattr('sdv_fairdistill.encoding.binned.BinnedTransformer._fit', fail)
    with pytest.warns(UserWarning, match='already been fitted'), pytest.raises(RuntimeError, match='out of memory'):
        synthesizer.preprocess({'table': people})

    check_refuses_to_draw(synthesizer, people)


def test_rows_that_are_refused_before_any_work_leave_the_old_fit(fitted, people):
    synthesizer = copy.deepcopy(fitted)
    with pytest.raises(FairDistillError, match='infinite'):
        synthesizer.preprocess({'table': people.assign(wealth=np.inf)})

    assert len(synthesizer.sample(5)['table']) == 5


def test_a_fit_of_processed_rows_that_fails_leaves_nothing_to_draw_from(tiny, people, monkeypatch):
    synthesizer = tiny.people()
    processed = synthesizer.preprocess({'table': people.copy()})
    synthesizer.fit_processed_data(processed)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError('out of memory')

    monkeypatch.setattr('sdv_fairdistill.training.repairs.LabelScores.evidence', fail)
    with pytest.raises(RuntimeError, match='out of memory'):
        synthesizer.fit_processed_data(processed)

    check_refuses_to_draw(synthesizer, people)


def test_what_was_interrupted_is_saved_as_unfitted(fitted, people, monkeypatch, tmp_path):
    synthesizer = copy.deepcopy(fitted)
    with pytest.raises(ValueError, match='infinite'):
        synthesizer.fit({'table': people.assign(wealth=np.inf)})
    with pytest.warns(UserWarning, match='not yet been fitted'):
        synthesizer.save(tmp_path / 'unfitted.pkl')

    check_refuses_to_draw(load_synthesizer(tmp_path / 'unfitted.pkl'), people)


# A full disk


def test_a_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(fitted, monkeypatch, tmp_path):
    path = tmp_path / 'synthesizer.pkl'
    fitted.save(path)
    before = path.read_bytes()

    def fill(_: Any, output: Any) -> None:
        output.write(b'half a file')
        raise OSError(errno.ENOSPC, 'No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr(cloudpickle, 'dump', fill)
        with pytest.raises(OSError, match='No space left on device'):
            fitted.save(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='a device that is always full is one of Linux')
def test_a_device_that_is_full_says_so(fitted):
    with pytest.raises(OSError, match='No space left on device'):
        fitted.save('/dev/full')


def test_saving_follows_a_link_and_takes_a_text_as_elsewhere(fitted, tmp_path):
    file, link = tmp_path / 'file.pkl', tmp_path / 'link.pkl'
    file.write_bytes(b'old')
    link.symlink_to(file)
    fitted.save(str(link))

    assert link.is_symlink()
    assert load_synthesizer(file).get_info()['is_fit']


# Next to nothing to learn from


def cycle(*values: Any, rows: int = 120) -> np.ndarray:
    return np.array([values[row % len(values)] for row in range(rows)], dtype=object)


def table(rows: int = 120, **columns: Any) -> pd.DataFrame:
    """Two groups, two classes, two kinds of work and a number, each crossed with the others."""
    base = {
        'sex': cycle('f', 'm', rows=rows),
        'work': cycle('a', 'a', 'b', rows=rows),
        'x': np.arange(rows) * 7 % 31,
        'y': cycle('no', 'yes', 'yes', 'no', 'no', rows=rows),
    }
    return pd.DataFrame({**base, **columns})


def rare(values: np.ndarray, value: str, count: int, other: str | None = None) -> np.ndarray:
    """Values in which one occurs in the last rows only; ``other`` fills the rest."""
    values = values.copy() if other is None else np.full(len(values), other, dtype=object)
    values[-count:] = value
    return values


MANY = 10_001
TABLES = {
    'a group of one row': table(sex=rare(cycle('f', 'm'), 'd', 1)),
    'a group of two rows': table(sex=rare(cycle('f', 'm'), 'd', 2)),
    'two groups, one of one row': table(sex=rare(cycle('f'), 'd', 1)),
    'every group one row': table(sex=[f'group {row}' for row in range(120)]),
    'a class of one row': table(y=rare(cycle('no', 'yes'), 'perhaps', 1)),
    'a class of two rows': table(y=rare(cycle('no', 'yes'), 'perhaps', 2)),
    'the desired class of one row': table(y=rare(cycle(''), 'yes', 1, 'no')),
    'the desired class of two rows': table(y=rare(cycle(''), 'yes', 2, 'no')),
    'every class one row': table(30, y=['yes', *(f'class {row}' for row in range(29))]),
    'a class in 10,001': table(MANY, y=rare(cycle('', rows=MANY), 'yes', 1, 'no')),
    'a group in 10,001': table(MANY, sex=rare(cycle('', rows=MANY), 'd', 1, 'f')),
    'a stratum in 10,001': table(MANY, work=rare(cycle('', rows=MANY), 'b', 1, 'a')),
    'the label determines a column': table(x=np.where(table()['y'] == 'yes', 1.5, -2.0)),
    'a column determines the label': table(y=np.where(table()['x'] > 14, 'yes', 'no')),
    'the groups are the classes': table(y=np.where(table()['sex'] == 'f', 'yes', 'no')),
    'the groups are the strata': table(work=table()['sex']),
    'a column is another': table(x=np.where(table()['work'] == 'a', 0, 1)),
    'one row a class and a group': table(2, sex=['f', 'm'], y=['yes', 'no']),
}


@pytest.mark.parametrize('name', TABLES)
def test_a_table_with_next_to_nothing_to_learn_from_is_learned(tiny, name):
    data = TABLES[name]
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Some groups have fewer than 5 rows')
        warnings.filterwarnings('ignore', 'The number of unique classes')  # scikit-learn's, of a class a row
        synthesizer = tiny.fit(data.copy(), COLUMNS, notions=NOTIONS, **ROLES)

    for notion in NOTIONS:
        synthesizer.set_fairness(notion=notion, dial=1)
        rows = synthesizer.sample(40)['table']
        assert len(rows) == 40
        assert all(set(rows[column]) <= set(data[column]) for column in ('sex', 'work', 'y'))
        assert rows['x'].between(data['x'].min(), data['x'].max()).all()
    wanted = [Condition({'sex': data['sex'].iloc[-1], 'y': 'yes'}, num_rows=3)]
    assert (synthesizer.sample_from_conditions(wanted)['table']['y'] == 'yes').all()
    assert np.isfinite(synthesizer.get_fair_representation(data)).all(axis=None)


def test_goals_that_a_single_desired_row_cannot_judge_say_so(tiny):
    data = TABLES['the desired class of one row']
    synthesizer = tiny.fit(data.copy(), COLUMNS, holdout_share=0.3, notions=NOTIONS, **ROLES)
    lines = synthesizer.get_frontier()

    assert lines['equalized_odds_difference'].isna().all()
    with pytest.raises(ValueError, match='equalized_odds_difference is undefined at every dial'):
        synthesizer.set_fairness(at_most=0.05)
