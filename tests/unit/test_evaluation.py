"""Real beside synthetic in one table; each single figure is tested with the metrics."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sdv.metadata import Metadata

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.evaluation import LINES, evaluate

ROLES = {'sensitive_columns': ['sex'], 'target_column': 'hired', 'favorable_value': 'yes'}


def draw(rows: int, seed: int, men: float = 0.8, women: float = 0.2) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    sex = generator.choice(['f', 'm'], rows)
    hired = generator.random(rows) < np.where(sex == 'm', men, women)
    return pd.DataFrame(
        {
            'row': [f'r{number}' for number in range(rows)],
            'sex': sex,
            'age': generator.integers(18, 70, rows),
            'hired': np.where(hired, 'yes', 'no'),
        }
    )


METADATA = Metadata.load_from_dict(
    {
        'tables': {
            'people': {
                'primary_key': 'row',
                'columns': {
                    'row': {'sdtype': 'id'},
                    'sex': {'sdtype': 'categorical'},
                    'age': {'sdtype': 'numerical'},
                    'hired': {'sdtype': 'categorical'},
                },
            }
        }
    }
)
REAL, FAIR, HOLDOUT = draw(600, 1), draw(500, 2, men=0.5, women=0.5), draw(400, 3)


@pytest.fixture(scope='module')
def evaluation():
    return evaluate(REAL, FAIR, METADATA, **ROLES, holdout=HOLDOUT)


def test_real_and_synthetic_stand_side_by_side(evaluation):
    table = evaluation.table()
    assert list(table) == ['real', 'synthetic']
    assert list(table.index) == list(LINES)
    assert table.loc['Label parity ratio', 'real'] < 0.4 < 0.8 < table.loc['Label parity ratio', 'synthetic']
    assert evaluation.rows == {'real': 600, 'synthetic': 500, 'holdout': 400}


def test_the_real_column_shows_the_quality_of_the_held_out_rows(evaluation):
    swapped = evaluate(REAL, HOLDOUT, METADATA, **ROLES, holdout=HOLDOUT)
    quality = swapped.table().loc['Quality (SDMetrics)']
    assert quality['real'] == quality['synthetic'] == evaluation.table().loc['Quality (SDMetrics)', 'real']


def test_models_are_tested_on_the_held_out_rows_for_both_columns(evaluation):
    sizes = HOLDOUT['sex'].value_counts().to_dict()
    for scores in evaluation.scores.values():
        assert scores.downstream.selection.rates['rows'].to_dict() == sizes
        assert 'sex' in scores.downstream.features
        assert 'sex' not in scores.downstream_without.features
        assert 'row' not in scores.downstream.features


def test_label_rates_are_those_of_each_table(evaluation):
    rates = evaluation.label_rates()
    for name, table in {'real': REAL, 'synthetic': FAIR}.items():
        expected = (table['hired'] == 'yes').groupby(table['sex']).mean()
        pd.testing.assert_series_equal(rates[name], expected, check_names=False)


def test_dicts_of_tables_are_taken_too(evaluation):
    wrapped = [{'people': table} for table in (REAL, FAIR, HOLDOUT)]
    again = evaluate(wrapped[0], wrapped[1], METADATA, **ROLES, holdout=wrapped[2])
    pd.testing.assert_frame_equal(again.table(), evaluation.table())


def test_the_printed_table_says_what_is_undefined_and_why():
    real, holdout = (table.assign(sex=table['sex'].where(table.index > 3, 'x')) for table in (REAL, HOLDOUT))
    text = str(evaluate(real, FAIR, METADATA, **ROLES, holdout=holdout))
    line = next(line for line in text.splitlines() if line.startswith('Share of hired = yes: x'))
    assert line.split()[-2:] == ['undefined', 'undefined']
    assert 'Note: label (real): groups with fewer than 10 rows are left out: x (4).' in text
    assert 'Note: label (synthetic): groups with fewer than 10 rows are left out: x (0).' in text
    assert '600 real, 500 synthetic' in ' '.join(text.split())


def test_a_note_that_holds_for_every_model_is_given_once():
    holdout = HOLDOUT.assign(sex=HOLDOUT['sex'].where(HOLDOUT.index > 3, 'x'))
    notes = evaluate(REAL, FAIR, METADATA, **ROLES, holdout=holdout).notes()
    selected = [note for note in notes if 'selected' in note]
    assert len(selected) == 1
    assert selected[0].startswith('downstream (real), downstream without sensitive columns (real), downstream (synth')


def test_a_numeric_sensitive_column_is_cut_into_bins():
    roles = {**ROLES, 'sensitive_columns': ['age']}
    assert len(evaluate(REAL, FAIR, METADATA, **roles, holdout=HOLDOUT).label_rates()) == 5


@pytest.mark.parametrize(
    ('changed', 'expected'),
    [
        ({'favorable_value': None}, 'favorable_value missing'),
        ({'favorable_value': None, 'sensitive_columns': []}, 'sensitive_columns and favorable_value missing'),
        ({'favorable_value': 'maybe'}, "favorable_value='maybe' never occurs"),
        ({'sensitive_columns': ['gender']}, "'gender', which is not in the metadata"),
        ({'sensitive_columns': ['row']}, 'is a key'),
        ({'target_column': 'sex'}, 'is both target_column and'),
    ],
)
def test_roles_that_cannot_be_played_are_refused(changed, expected):
    with pytest.raises(RoleError, match=expected):
        evaluate(REAL, FAIR, METADATA, **{**ROLES, **changed}, holdout=HOLDOUT)


def test_a_table_that_lacks_a_column_or_has_another_name_is_refused():
    with pytest.raises(FairDistillError, match=r"synthetic data lack the columns \['age'\]"):
        evaluate(REAL, FAIR.drop(columns='age'), METADATA, **ROLES, holdout=HOLDOUT)
    with pytest.raises(FairDistillError, match=r"holdout data have the tables \['other'\]"):
        evaluate(REAL, FAIR, METADATA, **ROLES, holdout={'other': HOLDOUT})
