"""Rows keep what numbers and dates of a table have to do with each other exactly, through every verb that draws."""

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sdv.errors import NotFittedError
from sdv.metadata import Metadata
from sdv.sampling import Condition

from sdv_fairdistill import FairDistillSynthesizer

ROWS = 1_000


def people():
    generator = np.random.default_rng(0)
    bill = np.exp(generator.normal(6, 0.8, ROWS)).round(2)
    fee = generator.exponential(30, ROWS).round(2)
    start = pd.Timestamp('2020-01-01') + pd.to_timedelta(generator.integers(0, 900, ROWS), 'D')
    sex = generator.choice(['f', 'm'], ROWS)
    return pd.DataFrame({
        'sex': sex,
        'bill': bill,
        'paid': np.where(generator.random(ROWS) < 0.2, bill, (bill * generator.random(ROWS)).round(2)),
        'fee': np.where(generator.random(ROWS) < 0.1, np.nan, fee),
        'total': (bill + fee).round(2),
        'start': start,
        'end': start + pd.to_timedelta(generator.integers(0, 300, ROWS), 'D'),
        'good': np.where(generator.random(ROWS) < 0.4 + 0.2 * (sex == 'm'), 'yes', 'no'),
    })  # fmt: skip


@pytest.fixture(scope='module')
def table():
    return people()


@pytest.fixture(scope='module')
def fitted(table):
    metadata = Metadata.detect_from_dataframes({'t': table}, infer_keys=None)
    for name in ('bill', 'paid', 'fee', 'total'):
        metadata.update_column(table_name='t', column_name=name, sdtype='numerical')
    synthesizer = FairDistillSynthesizer(
        metadata, sensitive_columns=['sex'], target_column='good', favorable_value='yes', seed=0, epochs=3
    )
    synthesizer.fit({'t': table})
    return synthesizer


def check(rows):
    assert (rows.paid <= rows.bill).all()
    assert (pd.to_datetime(rows.start) <= pd.to_datetime(rows.end)).all()
    assert np.isclose(rows.total, rows.bill + rows.fee, atol=0.011)[rows.fee.notna()].mean() > 0.99  # ends of ranges


def test_they_are_found(fitted):
    found = fitted.get_relations().set_index('Relation').Share

    assert set(found.index) >= {'paid <= bill', 'start <= end', 'paid = bill', 'total = bill + fee'}
    assert found['paid = bill'] == pytest.approx(0.2, abs=0.05)
    assert not [name for name in found.index if 'sex' in name or 'good' in name]


def test_rows_keep_them(fitted, table):
    rows = fitted.sample(2_000)['t']

    check(rows)
    assert list(rows) == list(table)
    assert (rows.paid == rows.bill).mean() == pytest.approx((table.paid == table.bill).mean(), abs=0.06)
    assert rows.fee.isna().mean() == pytest.approx(0.1, abs=0.05)


def test_conditions_are_met_and_the_others_fit_them(fitted, table):
    bill = float(table.bill.iloc[3])
    rows = fitted.sample_from_conditions([Condition({'bill': bill}, num_rows=200)])['t']

    assert (rows.bill == bill).all()
    check(rows)


def test_known_values_stay_and_those_filled_in_fit_them(fitted, table):
    holes = table.head(300).copy()
    holes.loc[::2, 'total'] = np.nan
    holes.loc[1::2, 'bill'] = np.nan
    holes.loc[::3, 'end'] = pd.NaT

    filled = fitted.impute(holes)

    for name in holes:
        known = holes[name].notna()
        assert (filled[name][known] == holes[name][known]).all()
    assert (filled.start <= filled.end).all()
    known_fee = table.fee.head(300).notna()
    assert np.isclose(filled.total, filled.bill + filled.fee, atol=0.011)[known_fee].mean() > 0.97


def test_they_are_saved(fitted):
    restored = cloudpickle.loads(cloudpickle.dumps(fitted))

    pd.testing.assert_frame_equal(restored.get_relations(), fitted.get_relations())
    check(restored.sample(200)['t'])


def test_predictions_and_likelihoods_read_such_rows(fitted, table):
    assert fitted.predict_proba(table.head(20)).notna().all(axis=None)
    assert np.isfinite(fitted.log_likelihood(table.head(20)).to_numpy(dtype=float)).all()


def test_nothing_is_known_before_a_fit(fitted):
    with pytest.raises(NotFittedError):
        FairDistillSynthesizer(fitted.get_metadata()).get_relations()
