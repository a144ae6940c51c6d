"""The verbs that SDV gives every synthesizer, from its arguments over fit and interruption to samples."""

from __future__ import annotations

import logging
import random
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from rdt.errors import InvalidConfigError
from sdv.errors import InvalidDataTypeError, NotFittedError, RefitWarning, SamplingError

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.versions import TAKES_FRAMES


def global_states() -> list:
    """The states of the generators that the caller may use."""
    name, keys, *rest = np.random.get_state()  # noqa: NPY002
    return [random.getstate(), name, keys.tolist(), rest, torch.get_rng_state().tolist()]


# Construction


def test_without_roles_it_is_plain_and_says_so_once(tiny, people, caplog):
    with pytest.warns(UserWarning, match='plain synthesizer, nothing is made fair') as given:
        synthesizer = FairDistillSynthesizer(tiny.metadata({'sex': tiny.columns['sex']}), epochs=1)
    synthesizer._config = tiny.people()._config

    with warnings.catch_warnings(record=True) as later, caplog.at_level(logging.WARNING):
        warnings.simplefilter('always')
        synthesizer.fit({'table': people[['sex']].copy()})
        rows = synthesizer.sample(20)['table']

    assert len(given) == 1
    assert not [warning for warning in later if 'plain' in str(warning.message)]
    assert not caplog.records
    assert set(rows['sex']) == {'female', 'male'}


@pytest.mark.parametrize(
    ('roles', 'message'),
    [
        ({'target_column': 'income'}, 'No sensitive_columns are given: this is a plain synthesizer'),
        ({'sensitive_columns': ['sex']}, 'No target_column is given: the latent space is kept independent'),
    ],
)
def test_half_of_the_roles_says_what_is_missing(tiny, roles, message):
    with pytest.warns(UserWarning, match=message):
        FairDistillSynthesizer(tiny.metadata(tiny.columns), **roles)


def test_with_roles_nothing_is_said(tiny):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warnings.filterwarnings('ignore', 'We strongly recommend saving the metadata')
        FairDistillSynthesizer(tiny.metadata(tiny.columns), **tiny.roles)


@pytest.mark.parametrize('dial', [-0.1, 1.1, np.nan, np.inf, '1', None, True, [1]])
def test_a_dial_out_of_range_is_refused(tiny, fitted, dial):
    with pytest.raises(FairDistillError, match=r'dial=.* is not allowed: give a number from 0'):
        tiny.people(dial=dial)
    if dial is not None:  # there None leaves the dial as it is
        with pytest.raises(FairDistillError, match=r'dial=.* is not allowed'):
            fitted.set_fairness(dial=dial)
    assert fitted.dial == 1.0


@pytest.mark.parametrize('value', [-1, 1.5, '1', True, [1]])
@pytest.mark.parametrize('name', ['seed', 'epochs'])
def test_a_seed_or_epochs_that_is_no_number_is_refused(tiny, name, value):
    with pytest.raises(FairDistillError, match=f'{name}=.* is not allowed: give a whole number'):
        tiny.people(**{name: value})


def test_the_ends_of_what_is_allowed(tiny):
    with pytest.raises(FairDistillError, match='epochs=0 is not allowed: give a whole number of at least 1, or None'):
        tiny.people(epochs=0)
    with pytest.raises(FairDistillError, match='a whole number from 0 to 4294967295, or None'):
        tiny.people(seed=2**32)
    for seed in (0, 2**32 - 1, np.int64(7)):
        assert tiny.people(seed=seed).seed == seed
    for dial in (0, 1, np.float32(0.5)):
        assert tiny.people(dial=dial).dial == dial


def test_parameters_go_round_through_the_constructor(tiny):
    given = {**tiny.roles, 'dial': 0.3, 'epochs': 7, 'seed': 5, 'verbose': True, 'locales': ['nb_NO']}
    given |= {'enforce_min_max_values': False, 'enforce_rounding': False, 'enable_gpu': False}
    given |= {'notion': 'unawareness', 'notions': ['conditional_parity', 'unawareness']}
    given |= {'admissible_columns': ['town'], 'holdout_share': 0.2, 'min_category_count': 2, 'privacy': None}
    given |= {'causal_graph': [('sex', 'town'), ('town', 'income')], 'repair_columns': True}
    given |= {'cut_edges': [('sex', 'town')], 'notions': [*given['notions'], 'cut_edges']}
    parameters = FairDistillSynthesizer(tiny.metadata(tiny.columns), **given).get_parameters()

    assert parameters == given
    assert FairDistillSynthesizer(tiny.metadata(tiny.columns), **parameters).get_parameters() == given


def test_parameters_follow_the_dial_and_the_notion(tiny):
    synthesizer = tiny.people(notions=['demographic_parity', 'unawareness'])
    synthesizer.set_fairness('unawareness', dial=0.25)

    assert synthesizer.get_parameters()['dial'] == 0.25
    assert synthesizer.get_parameters()['notion'] == 'unawareness'


def test_info_and_metadata_are_those_of_any_synthesizer(tiny, fitted, ctgan):
    info, theirs = fitted.get_info(), ctgan.get_info()

    assert info.pop('class_name') == 'FairDistillSynthesizer'
    assert theirs.pop('class_name') == 'CTGANSynthesizer'
    assert info == theirs
    assert fitted.get_metadata().to_dict() == tiny.metadata(tiny.columns, 'person').to_dict()
    assert not tiny.people().get_info()['is_fit']


def test_metadata_changed_after_construction_is_not_seen_but_said(tiny, people, first_rows):
    metadata = tiny.metadata(tiny.columns, 'person')
    synthesizer = tiny.make(metadata, **tiny.roles)
    metadata.update_column('sex', sdtype='id')

    with pytest.warns(UserWarning, match='Your metadata has been modified'):
        synthesizer.fit({'table': people.copy()})
    with pytest.warns(UserWarning, match='Your metadata has been modified'):
        rows = synthesizer.sample(50)['table']
    pd.testing.assert_frame_equal(rows, first_rows)


# Fitting


def test_the_same_seed_and_data_give_the_same_fit_and_rows(tiny, people, fitted, first_rows):
    again = tiny.people()
    again.fit({'table': people.copy()})

    pd.testing.assert_frame_equal(again.get_loss_values(), fitted.get_loss_values(), check_exact=True)
    pd.testing.assert_frame_equal(again.sample(50)['table'], first_rows)
    again.fit({'table': people.copy()})
    pd.testing.assert_frame_equal(again.sample(50)['table'], first_rows)


@pytest.mark.parametrize('seed', [1, None])
def test_another_seed_gives_another_fit(tiny, people, fitted, seed):
    other = tiny.people(seed=seed)
    other.fit({'table': people.copy()})

    assert not other.get_loss_values().equals(fitted.get_loss_values())


def test_preprocess_and_fit_processed_data_are_a_fit(tiny, people, first_rows):
    synthesizer = tiny.people()
    processed = synthesizer.preprocess({'table': people.copy()})
    assert set(processed) == {'table'}

    for _ in range(2):  # the second time, sampling starts anew as well
        synthesizer.fit_processed_data(processed)
        rows = synthesizer.sample(50)['table']
        modelled = [column for column in rows if column not in ('person', 'name', 'note')]
        pd.testing.assert_frame_equal(rows[modelled], first_rows[modelled])


def test_preprocessing_a_fitted_synthesizer_warns_and_asks_for_a_new_fit(tiny, people):
    """A decision: SDV's own go on drawing with the old model, and decode its rows by the new transformers."""
    synthesizer = tiny.people()
    synthesizer.fit({'table': people.copy()})
    with pytest.warns(RefitWarning):
        processed = synthesizer.preprocess({'table': people.tail(60).reset_index(drop=True)})

    with pytest.raises(SamplingError, match='not been fitted'):
        synthesizer.sample(5)
    synthesizer.fit_processed_data(processed)
    assert len(synthesizer.sample(5)['table']) == 5


def test_the_data_is_left_alone(tiny, people):
    given = people.copy()
    tiny.people().fit({'table': given})

    pd.testing.assert_frame_equal(given, people)


def test_the_callers_random_states_are_left_alone(tiny, people):
    random.seed(1)
    np.random.seed(2)  # noqa: NPY002
    torch.manual_seed(3)
    before = global_states()

    synthesizer = tiny.people(seed=None)
    synthesizer.fit({'table': people.copy()})
    assert global_states() == before
    synthesizer.sample(10)
    synthesizer.sample_remaining_columns(people[['town']].head(3))
    synthesizer.get_fair_representation(people)
    assert global_states() == before


def test_the_callers_random_states_decide_nothing(tiny, people, first_rows):
    random.seed(11)
    np.random.seed(12)  # noqa: NPY002
    torch.manual_seed(13)
    synthesizer = tiny.people()
    synthesizer.fit({'table': people.copy()})

    pd.testing.assert_frame_equal(synthesizer.sample(50)['table'], first_rows)


def test_two_synthesizers_do_not_disturb_each_other(tiny, people, first_rows):
    one, two = tiny.people(), tiny.people(seed=8, target_column=None, favorable_value=None)
    one.fit({'table': people.copy()})
    two.fit({'table': people.copy()})
    other = two.sample(50)['table']
    two.reset_sampling()

    parts = [rows['table'] for _ in range(2) for rows in (one.sample(50), two.sample(50))]

    pd.testing.assert_frame_equal(parts[0], first_rows)
    pd.testing.assert_frame_equal(parts[1], other)


@pytest.mark.parametrize('verbose', [True, False])
def test_progress_is_shown_only_when_asked_for(tiny, people, capsys, verbose):
    tiny.fit(people[['sex', 'income']].copy(), {'sex': {'sdtype': 'categorical'}, 'income': {'sdtype': 'categorical'}},
             verbose=verbose, **tiny.roles)  # fmt: skip
    shown = capsys.readouterr().err

    assert all((stage in shown) == verbose for stage in ('Teacher', 'Student'))
    assert ('loss=' in shown) == verbose


@pytest.mark.parametrize('stage', ['train_teacher', 'train_student'])
def test_an_interrupted_fit_leaves_it_unfitted_and_usable(tiny, people, first_rows, monkeypatch, stage):
    synthesizer = tiny.people()
    synthesizer.fit({'table': people.copy()})
    before = global_states()

    def interrupt(*_):
        torch.rand(1)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f'sdv_fairdistill.method.model.{stage}', interrupt)
        with pytest.raises(KeyboardInterrupt):
            synthesizer.fit({'table': people.copy()})

    assert global_states() == before
    assert not synthesizer.get_info()['is_fit']
    with pytest.raises(SamplingError, match='not been fitted'):
        synthesizer.sample(5)
    with pytest.raises(NotFittedError):
        synthesizer.sample_remaining_columns(people[['sex']].head(2))
    with pytest.raises(NotFittedError):
        synthesizer.get_fair_representation(people)
    with pytest.raises(NotFittedError):
        synthesizer.get_loss_values()
    synthesizer.fit({'table': people.copy()})
    pd.testing.assert_frame_equal(synthesizer.sample(50)['table'], first_rows)


# Sampling


def test_rows_look_as_those_of_any_synthesizer(fitted, ctgan, people):
    rows, theirs = fitted.sample(30)['table'], ctgan.sample(30)['table']

    assert type(rows.index) is pd.RangeIndex
    pd.testing.assert_index_equal(rows.index, theirs.index)
    pd.testing.assert_series_equal(rows.dtypes, theirs.dtypes)
    pd.testing.assert_series_equal(rows.dtypes, people.dtypes)
    assert rows['person'].is_unique
    assert not rows[['person', 'name', 'note', 'badge', 'age', 'seen']].isna().any(axis=None)


def test_values_stay_levels_and_ranges_of_the_data(fitted, people):
    rows = fitted.sample(500)['table']

    for column in ('sex', 'town', 'grade', 'owner', 'badge', 'income'):
        assert set(rows[column].dropna()) == set(people[column].dropna())
    for column in ('age', 'wealth', 'seen'):
        assert rows[column].dropna().between(people[column].min(), people[column].max()).all()
    assert rows['wealth'].dropna().equals(rows['wealth'].dropna().round(2))
    assert pd.to_datetime(rows['joined'].dropna(), format='%d.%m.%Y').dt.year.between(1965, 1989).all()
    for column in ('town', 'owner', 'wealth', 'joined'):
        assert 0 < rows[column].isna().mean() < 0.5


def test_reset_sampling_gives_the_same_rows_again(fitted, first_rows):
    fitted.sample(3)
    fitted.reset_sampling()
    same, following = fitted.sample(50)['table'], fitted.sample(50)['table']

    pd.testing.assert_frame_equal(same, first_rows)
    assert not following.equals(first_rows)


def test_reset_sampling_resets_conditions(fitted, people):
    drawn = []
    for _ in range(2):
        fitted.reset_sampling()
        drawn.append(fitted.sample_remaining_columns(people[['town', 'age']].head(6))['table'])

    pd.testing.assert_frame_equal(*drawn)


@pytest.mark.parametrize('batch_size', [1, 7, 30, 1000])
def test_batches_add_up(fitted, batch_size):
    rows = fitted.sample(30, batch_size=batch_size)['table']

    assert rows.shape == (30, 13)
    assert type(rows.index) is pd.RangeIndex
    assert rows['person'].is_unique


@pytest.mark.skipif(TAKES_FRAMES, reason='SDV 1 writes to a file, not to a folder')
def test_rows_are_written_to_the_folder(fitted, tmp_path):
    folder = tmp_path / 'rows'
    folder.mkdir()
    rows = fitted.sample(20, batch_size=5, output_folder_path=str(folder))['table']
    written = pd.read_csv(folder / 'table.csv')

    assert len(written) == 20
    assert written['person'].tolist() == rows['person'].tolist()


@pytest.mark.parametrize('rows', [None, 0, -1])
def test_odd_numbers_of_rows_are_met_as_elsewhere(fitted, ctgan, rows):
    results = []
    for synthesizer in (fitted, ctgan):
        try:
            results.append(synthesizer.sample(rows)['table'].shape)
        except ValueError as error:
            results.append(str(error))

    assert results[0] == results[1]


def test_misuse_fails_as_elsewhere(tiny, people, fitted, ctgan):
    for synthesizer in (fitted, ctgan):
        if not TAKES_FRAMES:
            with pytest.raises(ValueError, match='does not match the metadata'):
                synthesizer.sample(5, main_table_name='other')
            with pytest.raises(InvalidDataTypeError):
                synthesizer.fit(people)
        with pytest.raises(InvalidConfigError):
            synthesizer.update_transformers({'nothing': None})
    with pytest.raises(SamplingError):
        tiny.people().sample(5)


def test_the_model_takes_what_sdv_may_hand_it(fitted):
    model = fitted._model
    pairs = [(np.random.RandomState(4), torch.Generator().manual_seed(4)) for _ in range(2)]
    drawn = []
    for state in (3, 3, *pairs, None, None):
        fitted._set_random_state(state)
        drawn.append(model.sample(40, 'demographic_parity', 1.0))

    assert bool(model)
    assert [np.array_equal(drawn[i], drawn[i + 1]) for i in (0, 2, 4)] == [True, True, False]
    assert not np.array_equal(drawn[0], drawn[2])
