"""Real beside synthetic in one table; each single figure is tested with the metrics."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sdv.metadata import Metadata

from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.evaluation import COMMON_LINES, LINES, WITHOUT, Evaluation, Scores, evaluate
from sdv_fairdistill.metrics import Associations, Downstream, Parity, Schema, TwoSample
from sdv_fairdistill.table.roles import Roles

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


def test_all_pairs_and_whether_rows_can_be_told_stand_beside_quality(evaluation):
    schema = Schema.of(METADATA.to_dict()['tables']['people'])
    real, fair, holdout = (schema.read(table) for table in (REAL, FAIR, HOLDOUT))
    lines = evaluation.table().loc[['Quality (SDMetrics)', 'Association similarity', 'Two-sample AUC']]
    assert lines.loc['Association similarity'].to_dict() == {
        'real': Associations.of(real, holdout, schema).similarity,
        'synthetic': Associations.of(real, fair, schema).similarity,
    }
    assert lines.loc['Two-sample AUC'].to_dict() == {
        'real': TwoSample.of(holdout, real, schema).auc,
        'synthetic': TwoSample.of(holdout, fair, schema).auc,
    }
    assert lines.loc['Association similarity', 'real'] > lines.loc['Association similarity', 'synthetic']
    assert abs(lines.loc['Two-sample AUC', 'real'] - 0.5) < 0.1
    worst = evaluation.scores['synthetic'].associations.pairs.loc[0]
    assert {worst['Column 1'], worst['Column 2']} == {'sex', 'hired'}
    text = ' '.join(str(evaluation).split())
    assert 'how well boosting tells these rows from held-out real ones' in text
    told = evaluation.get_visualization(utility='Two-sample AUC', parity='Association similarity')
    assert {trace.name: (*trace.x, *trace.y) for trace in told.data} == {
        name: tuple(lines[name].iloc[1:]) for name in lines
    }


def test_rows_of_another_kind_are_told_and_what_has_no_association_is_said():
    found = evaluate(REAL, FAIR.assign(age=200), METADATA, **ROLES, holdout=HOLDOUT)
    assert found.table().loc['Two-sample AUC', 'synthetic'] > 0.99
    reason = '2 of 3 pairs are left out: age has no two values in the synthetic rows'
    assert f'association similarity (synthetic): {reason}' in found.notes()


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


def scores(women: int, men: int) -> Scores:
    """Twenty women and twenty men, of whom so many have the favorable label; a model says so of one woman less."""
    groups = np.repeat(['f', 'm'], 20)

    def happens(women: int) -> np.ndarray:
        return np.r_[np.arange(20) < women, np.arange(20) < men]

    rows = pd.DataFrame({'group': groups, 'actual': happens(women), 'chosen': happens(women - 1)})
    model = Downstream.from_predictions(rows.assign(score=rows['chosen'].astype(float)), resamples=0)
    blind = Downstream.from_predictions(rows.assign(chosen=rows['actual'], score=0.5), resamples=0)
    likeness = Associations(pd.DataFrame(), 0.95), TwoSample(0.55)
    return Scores(1.0, 0.9, Parity.of(happens(women), groups), model, blind, *likeness)


def evaluated(**kinds: Scores) -> Evaluation:
    return Evaluation(kinds, Roles(('sex',), 'hired', 'yes'), dict.fromkeys((*kinds, 'holdout'), 40))


def test_where_the_favorable_label_is_common_lines_tell_of_the_others():
    found = evaluated(real=scores(17, 19), fair=scores(19, 19))
    table = found.table()
    assert list(table.index) == [*LINES, *COMMON_LINES]
    assert table.loc['Label parity ratio', 'real'] == pytest.approx(0.85 / 0.95)
    assert table.loc['Label unfavorable ratio'].to_dict() == pytest.approx({'real': 1 / 3, 'fair': 1})
    assert table.loc['Label parity difference'].to_dict() == pytest.approx({'real': 0.1, 'fair': 0})
    assert table.loc['Downstream unfavorable ratio'].to_dict() == pytest.approx({'real': 0.25, 'fair': 0.5})
    assert table.loc[f'Downstream parity difference{WITHOUT}', 'real'] == pytest.approx(0.1)
    assert found.notes()[0].startswith('the favorable label is common (0.900 of the real rows), where a ratio of')
    assert 'Unfavorable ratio: the smallest share of all other labels' in ' '.join(str(found).split())


def test_an_unfavorable_ratio_that_is_undefined_has_its_reason():
    found = evaluated(real=scores(17, 19), all=scores(20, 20))
    assert np.isnan(found.table().loc['Label unfavorable ratio', 'all'])
    reason = 'the unfavorable rate is 0 in every group, so that it has no ratio'
    assert f'label (all), downstream without sensitive columns (all): {reason}' in found.notes()


def test_where_it_is_not_common_nothing_is_said_of_it():
    found = evaluated(real=scores(9, 11), fair=scores(10, 10))
    assert list(found.table().index) == list(LINES)
    assert not any('common' in note for note in found.notes())


def test_the_picture_shows_models_with_and_without_the_sensitive_columns(evaluation):
    table = evaluation.table()
    points = {trace.name: trace for trace in evaluation.get_visualization().data}
    for name in ('real', 'synthetic'):
        expected = table.loc[['Downstream parity ratio', f'Downstream parity ratio{WITHOUT}'], name]
        assert list(points[name].x) == list(expected)
        assert list(points[name].y) == list(table.loc[['AUC', f'AUC{WITHOUT}'], name])
    other = evaluation.get_visualization(utility='Accuracy', parity='Label parity ratio')
    assert {trace.name: len(trace.x) for trace in other.data} == {'real': 1, 'synthetic': 1}
