"""Fair latents of real rows: what they need, what they ignore, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sdv.errors import NotFittedError

from sdv_fairdistill.errors import FairDistillError


@pytest.fixture(scope='module')
def latents(fitted, people):
    return fitted.get_fair_representation(people)


def test_every_row_has_a_latent_under_its_own_index(fitted, people, latents):
    assert list(latents) == [f'z{place}' for place in range(fitted._model.student.sizes.latent)]
    assert len(latents) == len(people)
    assert np.isfinite(latents.to_numpy()).all()
    shuffled = people.sample(frac=1, random_state=0).set_index(pd.Index(np.arange(len(people)) % 7, name='fold'))
    of_shuffled = fitted.get_fair_representation(shuffled)
    pd.testing.assert_index_equal(of_shuffled.index, shuffled.index)
    order = people.sample(frac=1, random_state=0).index
    np.testing.assert_allclose(of_shuffled, latents.loc[order], atol=1e-6)


def test_a_dict_serves_as_well_as_a_table(fitted, people, latents):
    pd.testing.assert_frame_equal(fitted.get_fair_representation({'table': people}), latents)


def test_latents_are_the_same_each_time_and_move_no_sample(fitted, people, latents, first_rows):
    fitted.reset_sampling()
    pd.testing.assert_frame_equal(fitted.get_fair_representation(people), latents)
    pd.testing.assert_frame_equal(fitted.sample(50)['table'], first_rows)


@pytest.mark.parametrize('label', ['low', 'unheard of', None, 3])
def test_the_label_is_not_looked_at(fitted, people, latents, label, recwarn):
    pd.testing.assert_frame_equal(fitted.get_fair_representation(people.assign(income=label)), latents)
    assert not [warning for warning in recwarn if 'income' in str(warning.message)]


@pytest.mark.parametrize('left_out', [['income'], ['person', 'name', 'note'], ['income', 'person', 'name', 'note']])
def test_label_keys_and_personal_data_are_not_needed(fitted, people, latents, left_out, recwarn):
    pd.testing.assert_frame_equal(fitted.get_fair_representation(people.drop(columns=left_out)), latents)
    assert not [warning for warning in recwarn if 'income' in str(warning.message)]


def test_order_and_extra_columns_do_not_matter(fitted, people, latents):
    given = people[people.columns[::-1]].assign(extra=1)

    pd.testing.assert_frame_equal(fitted.get_fair_representation(given), latents)


@pytest.mark.parametrize('column', ['sex', 'town', 'age', 'badge', 'seen'])
def test_a_missing_column_is_named(fitted, people, column):
    with pytest.raises(FairDistillError, match=rf"lack the columns \['{column}'\] that were fitted"):
        fitted.get_fair_representation(people.drop(columns=column))


def test_unseen_levels_and_values_of_new_rows_are_read_with_a_warning(fitted, people):
    rows = people.head(3).assign(town=['Elsewhere', 'Vik', None], age=[200, -5, 40], wealth=[1e12, np.nan, 3.0])
    with pytest.warns(UserWarning, match="Column 'town': levels that it has not learned"):
        latents = fitted.get_fair_representation(rows)

    assert np.isfinite(latents.to_numpy()).all()


def test_missing_values_where_none_were_seen_are_read_with_a_warning(fitted, people):
    with pytest.warns(UserWarning, match="Column 'age': 1 values are missing"):
        latents = fitted.get_fair_representation(people.head(3).assign(age=[30, None, 40]))

    assert np.isfinite(latents.to_numpy()).all()


def test_the_given_rows_are_left_alone(fitted, people):
    given = people.copy()
    fitted.get_fair_representation(given)

    pd.testing.assert_frame_equal(given, people)


def test_it_needs_a_fit(tiny, people):
    with pytest.raises(NotFittedError, match='Representations are not available yet'):
        tiny.people().get_fair_representation(people)


def test_integer_column_names_are_understood(tiny):
    rows = np.random.default_rng(0)
    table = pd.DataFrame({0: rows.choice(['f', 'm'], 60), 1: rows.normal(size=60), 2: rows.choice(['p', 'q'], 60)})
    columns = {0: {'sdtype': 'categorical'}, 1: {'sdtype': 'numerical'}, 2: {'sdtype': 'categorical'}}
    synthesizer = tiny.fit(table, columns, sensitive_columns=[0], target_column=2)

    assert len(synthesizer.get_fair_representation(table[[0, 1]])) == 60
    with pytest.raises(FairDistillError, match=r"\['1'\]"):
        synthesizer.get_fair_representation(table[[0]])
