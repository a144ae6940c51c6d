"""The classifier behaves as scikit-learn's do, and says what its synthesizer says."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import demographic_parity_ratio
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from sdv_fairdistill import FairDistillSynthesizer, FairLabelClassifier
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.method.model import FairDistillModel
from sdv_fairdistill.training.config import FitConfig

CHECKS = (
    'check_no_attributes_set_in_init',
    'check_parameters_default_constructible',
    'check_get_params_invariance',
    'check_set_params',
    'check_estimators_unfitted',
    'check_estimators_empty_data_messages',
    'check_requires_y_none',
    'check_n_features_in',
    'check_supervised_y_2d',
    'check_classifiers_one_label',
    'check_dont_overwrite_attributes',
)


@pytest.fixture(autouse=True, scope='module')
def small(tiny):
    """Fits of the classifier are as small as the other tests'."""
    patched = pytest.MonkeyPatch()
    config = tiny.make(tiny.metadata({'sex': {'sdtype': 'categorical'}}))._config
    fit = FairDistillModel.fit.__func__

    def small_fit(cls, tokens, layout, notions, _config: FitConfig, *rest):
        return fit(cls, tokens, layout, notions, config.with_epochs(1), *rest)

    patched.setattr(FairDistillModel, 'fit', classmethod(small_fit))
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'N(either|o) |Some groups|blind_parity is dear')
        yield
    patched.undo()


@pytest.fixture(scope='module')
def rows(people):
    return people[['sex', 'town', 'owner', 'age', 'wealth']]


@pytest.fixture(scope='module')
def model(rows, people):
    return FairLabelClassifier(sensitive_columns=['sex'], random_state=0).fit(rows, people['income'])


def test_it_predicts_classes_with_their_probabilities(model, rows):
    chances = model.predict_proba(rows)

    assert model.classes_.tolist() == ['high', 'low']
    assert chances.shape == (len(rows), 2)
    assert chances.sum(1) == pytest.approx(1)
    assert (model.predict(rows) == model.classes_[chances.argmax(1)]).all()
    assert set(model.predict(rows)) <= {'high', 'low'}


def test_a_blind_notion_needs_no_sensitive_column(model, rows):
    assert (model.predict_proba(rows.drop(columns='sex')) == model.predict_proba(rows)).all()


def test_it_goes_into_pipelines_and_fairlearns_metrics(model, rows, people):
    pipeline = make_pipeline(FunctionTransformer(lambda table: table.drop(columns='wealth')), clone(model))
    predicted = pipeline.fit(rows, people['income']).predict(rows)
    ratio = demographic_parity_ratio(people['income'] == 'high', predicted == 'high', sensitive_features=people['sex'])
    assert 0 <= ratio <= 1 or np.isnan(ratio)
    assert 0 <= pipeline.score(rows, people['income']) <= 1


def test_it_can_be_made_of_a_fitted_synthesizer(fitted, people):
    made = FairLabelClassifier.of(fitted)
    chances = fitted.predict_proba(people)
    assert made.classes_.tolist() == ['high', 'low']
    assert made.predict_proba(people) == pytest.approx(chances[['high', 'low']].to_numpy())


def test_classes_that_are_numbers_come_back_as_numbers(rows, people):
    model = FairLabelClassifier(random_state=0).fit(rows, np.where(people['income'] == 'high', 11, 2))
    assert model.classes_.tolist() == [2, 11]
    assert model.predict(rows.head(5)).dtype.kind == 'i'


def test_a_synthesizer_without_classes_makes_none(tiny, people):
    columns = {name: tiny.columns[name] for name in ('sex', 'town', 'wealth', 'joined')}
    numeric = tiny.fit(people[list(columns)], columns, sensitive_columns=['sex'], target_column='wealth')
    with pytest.raises(FairDistillError, match='There are no classes'):
        FairLabelClassifier.of(numeric)


def test_it_needs_a_fit(rows):
    with pytest.raises(NotFittedError):
        FairLabelClassifier().predict(rows)


@pytest.mark.parametrize('name', CHECKS)
def test_it_passes_scikit_learns_checks(name):
    check = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip('this scikit-learn has another name for the check')
    estimator = FairLabelClassifier(random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        check('FairLabelClassifier', estimator)


def test_the_type_of_the_rows_is_read_off_them(model):
    sdtypes = model.synthesizer_._sdtypes()
    assert isinstance(model.synthesizer_, FairDistillSynthesizer)
    assert (sdtypes['age'], sdtypes['town'], sdtypes['label']) == ('numerical', 'categorical', 'categorical')
    assert isinstance(model.feature_names_in_, np.ndarray)
    assert pd.Index(model.feature_names_in_).tolist() == ['sex', 'town', 'owner', 'age', 'wealth']
