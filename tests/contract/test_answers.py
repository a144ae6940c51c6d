"""What the model says of real rows: how likely they are, and what their labels would be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sdv.errors import NotFittedError

from sdv_fairdistill.errors import FairDistillError


class TestLogLikelihood:
    @pytest.fixture(scope='class')
    @staticmethod
    def found(fitted, people):
        return fitted.log_likelihood(people)

    def test_every_row_has_one_under_its_index(self, fitted, people, found):
        assert list(found) == ['log_likelihood', 'standard_error']
        assert np.isfinite(found).all(axis=None)
        assert (found['standard_error'] > 0).all()
        renamed = people.set_index(pd.Index(np.arange(len(people)) % 7, name='fold'))
        pd.testing.assert_index_equal(fitted.log_likelihood({'table': renamed}).index, renamed.index)

    def test_it_is_the_same_each_time_and_at_any_dial_and_moves_no_sample(self, fitted, people, found, first_rows):
        fitted.reset_sampling()
        fitted.set_fairness(dial=0.2)
        pd.testing.assert_frame_equal(fitted.log_likelihood(people), found)
        fitted.set_fairness(dial=1.0)
        pd.testing.assert_frame_equal(fitted.sample(50)['table'], first_rows)

    @pytest.mark.parametrize('changed', [{'town': 'Nowhere'}, {'age': 500}, {'seen': pd.Timestamp('2090-01-01')}])
    def test_what_is_never_drawn_is_impossible(self, fitted, people, changed):
        found = fitted.log_likelihood(people.head(5).assign(**changed))
        assert (found['log_likelihood'] == -np.inf).all()
        assert (found['standard_error'] == 0).all()

    def test_what_was_never_missing_is_summed_out(self, fitted, people):
        more = fitted.log_likelihood(people.head(20).assign(age=np.nan, sex=None))['log_likelihood']
        assert (more > fitted.log_likelihood(people.head(20))['log_likelihood']).all()

    def test_no_rows(self, fitted, people):
        assert fitted.log_likelihood(people.head(0)).shape == (0, 2)

    def test_a_lacking_column_is_named(self, fitted, people):
        with pytest.raises(FairDistillError, match=r"lack the columns \['age'\]"):
            fitted.log_likelihood(people.drop(columns='age'))

    def test_it_needs_a_fit(self, tiny, people):
        with pytest.raises(NotFittedError, match='Likelihoods are not available yet'):
            tiny.people().log_likelihood(people)


class TestPredictProba:
    @pytest.fixture(scope='class')
    @staticmethod
    def found(fitted, people):
        return fitted.predict_proba(people)

    def test_classes_have_probabilities(self, people, found):
        assert set(found.columns) == {'high', 'low'}
        assert found.columns.name == 'income'
        assert found.sum(axis=1).to_numpy() == pytest.approx(1)
        assert (found >= 0).all(axis=None)
        pd.testing.assert_index_equal(found.index, people.index)

    def test_a_blind_notion_reads_no_sensitive_column_and_no_label(self, fitted, people, found):
        left_out = people.drop(columns=['sex', 'income', 'person', 'name', 'note'])
        pd.testing.assert_frame_equal(fitted.predict_proba(left_out), found)
        pd.testing.assert_frame_equal(fitted.predict_proba(people.assign(sex='male', income='low')), found)

    def test_it_is_the_same_each_time_and_moves_no_sample(self, fitted, people, found, first_rows):
        fitted.reset_sampling()
        pd.testing.assert_frame_equal(fitted.predict_proba(people), found)
        pd.testing.assert_frame_equal(fitted.sample(50)['table'], first_rows)

    def test_the_dial_matters(self, fitted, people, found):
        assert not np.allclose(fitted.predict_proba(people, dial=0.0), found, atol=0.01)
        assert np.allclose(fitted.predict_proba(people, 'blind_parity', 1.0), found)

    def test_what_is_not_known_is_averaged_over(self, fitted, people):
        with pytest.warns(UserWarning, match=r'tell the model nothing.* town \(120\)'):
            found = fitted.predict_proba(people.assign(town='Nowhere', age=np.nan))
        assert found.sum(axis=1).to_numpy() == pytest.approx(1)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [({'notion': 'demographic_parity'}, 'not among those learned'), ({'dial': 2}, 'dial')],
    )
    def test_what_is_not_allowed_is_said(self, fitted, people, arguments, message):
        with pytest.raises(FairDistillError, match=message):
            fitted.predict_proba(people, **arguments)

    def test_it_needs_a_target(self, tiny, people):
        levels = {'sdtype': 'categorical'}
        plain = tiny.fit(people[['sex', 'badge']], {'sex': levels, 'badge': levels})
        with pytest.raises(FairDistillError, match='no label to predict'):
            plain.predict_proba(people[['sex', 'badge']])

    @pytest.mark.parametrize('target', ['wealth', 'joined'])
    def test_a_number_or_date_has_mean_and_quantiles(self, tiny, people, target):
        columns = {name: tiny.columns[name] for name in ('sex', 'town', 'wealth', 'joined')}
        synthesizer = tiny.fit(people[list(columns)], columns, sensitive_columns=['sex'], target_column=target)
        found = synthesizer.predict_proba(people[list(columns)].head(30))

        assert list(found) == ['mean', 'q05', 'q25', 'q50', 'q75', 'q95']
        numbers = found if target == 'wealth' else found.apply(pd.to_datetime, format='%d.%m.%Y')
        quantiles = numbers[list(found)[1:]].to_numpy().astype(float)
        assert (np.diff(quantiles, axis=1) >= 0).all()
        assert (numbers['mean'] > numbers['q05']).all()
        assert (numbers['mean'] < numbers['q95']).all()
