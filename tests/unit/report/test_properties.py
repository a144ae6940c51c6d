"""Each score by hand from what it says it is made of, and undefined where that is."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from sdmetrics.reports import QualityReport

from sdv_fairdistill.metrics import Associations, Schema, TwoSample
from sdv_fairdistill.report import MODELS, Case, FairnessReport, Judge
from sdv_fairdistill.report.association import group_associations
from sdv_fairdistill.report.likeness import likeness, likeness_facts, likeness_notes
from sdv_fairdistill.report.properties import PROPERTIES
from sdv_fairdistill.report.rates import roc_table

from .conftest import METADATA, ROLES, draw_people


def score(report: FairnessReport, name: str) -> float:
    return report.get_properties().set_index('Property').loc[name, 'Score']


def generated(real, copy, **changes) -> FairnessReport:
    report = FairnessReport()
    report.generate(real, copy, METADATA, **{**ROLES, **changes}, verbose=False)
    return report


def test_label_parity_is_the_ratio_of_the_synthetic_rates(report, tables):
    rates = (tables['fair']['hired'] == 'yes').groupby(tables['fair']['sex']).mean()
    assert score(report, 'Label Parity') == pytest.approx(rates.min() / rates.max())
    details = report.get_details('Label Parity')
    assert set(details['Data']) == {'real', 'synthetic'}
    assert (details['Low'] < details['Rate']).all()
    assert (details['Rate'] < details['High']).all()


def test_downstream_parity_is_the_worst_ratio_of_all_models(report):
    models = report.get_models()
    ratios = models.loc[models['Measure'] == 'parity ratio', 'synthetic']
    assert len(ratios) == len(MODELS)
    assert score(report, 'Downstream Parity') == pytest.approx(ratios.min())
    details = report.get_details('Downstream Parity')
    chosen = details[(details['Rate of'] == 'predicted favorable') & (details['Data'] == 'synthetic')]
    rates = chosen.pivot(index='Model', columns='Group', values='Rate')
    assert (rates.min(axis=1) / rates.max(axis=1)).min() == pytest.approx(ratios.min())


def test_utility_is_the_mean_of_quality_and_of_the_skill_kept(report):
    details = report.get_details('Utility').set_index('Measure')
    auc = details.loc[[f'AUC, {model}' for model in MODELS]]
    kept = ((auc['synthetic'] - 0.5) / (auc['real'] - 0.5)).clip(0, 1)
    expected = (details.loc['SDMetrics quality', 'synthetic'] + kept.mean()) / 2
    assert score(report, 'Utility') == pytest.approx(expected)


def test_likeness_is_shown_beside_quality_and_does_not_count(report, tables):
    schema = Schema.of(METADATA['tables']['people'])
    real, fair, holdout = (schema.read(tables[kind]) for kind in ('real', 'fair', 'holdout'))
    details = report.get_details('Utility')
    assert list(details['Measure'][:3]) == ['SDMetrics quality', 'association similarity', 'two-sample AUC']
    pairs, told = Associations.of(real, fair, schema), TwoSample.of(holdout, fair, schema)
    assert list(details['synthetic'][1:3]) == [pairs.similarity, told.auc]
    expected = [Associations.of(real, holdout, schema).similarity, TwoSample.of(holdout, real, schema).auc]
    assert list(details['real'][1:3]) == expected
    assert details['Score'][1:3].isna().all()
    said = report.get_info()['likeness']
    assert (said['auc'], said['interval'], said['rows']) == (told.auc, told.interval, 500)
    assert [pair['columns'] for pair in said['worst']] == list(
        pairs.pairs[['Column 1', 'Column 2']].head(3).itertuples(index=False, name=None)
    )
    assert set(said['worst'][0]['columns']) == {'sex', 'hired'}  # the copy is fair


def test_a_likeness_that_is_undefined_has_its_reason(tables):
    case = Case.of(tables['real'], {'synthetic': tables['fair'][:20].assign(skill=0.0)}, METADATA, *ROLES.values())
    notes = likeness_notes(Judge(case))
    assert notes[0].startswith('association similarity, synthetic rows: 3 of 6 pairs are left out: skill has no two')
    assert notes[1] == 'two-sample AUC, synthetic rows: 30 rows of each table are needed, and one has 20'
    assert 'undefined' in likeness_facts(likeness(Judge(case)))['Two-sample AUC']


def test_independence_is_low_where_a_column_gives_the_group_away(report, tables):
    details = report.get_details('Independence').set_index('Column')
    assert score(report, 'Independence') == pytest.approx(2 - 2 * details.loc['all together', 'synthetic'])
    assert score(report, 'Independence') < 0.3
    assert details.loc['role', 'synthetic'] > 0.6 > 0.2 > details.loc['skill', 'synthetic']
    mixed = tables['fair'].assign(role=draw_people(600, 9)['role'])
    assert score(generated(tables['real'], mixed), 'Independence') > 0.8


def test_the_overall_score_is_the_mean_of_the_four(report):
    assert report.get_score() == pytest.approx(report.get_properties()['Score'].mean())
    assert len(report.get_properties()) == 4
    assert report.get_properties()['Score'].between(0, 1).all()


def test_nothing_is_averaged_over_an_undefined_score(tables):
    never = generated(tables['real'], tables['fair'].assign(hired='no'))
    assert np.isnan(score(never, 'Label Parity'))
    assert np.isnan(score(never, 'Downstream Parity'))
    assert np.isnan(score(never, 'Utility'))
    assert np.isnan(never.get_score())
    assert any('never' in note for note in never.get_notes('Downstream Parity'))
    assert never.get_verdict().outcome == 'undefined'
    assert 'cannot be said' in never.get_verdict().headline


def test_a_small_group_is_listed_with_its_reason_and_no_rate(tables):
    real = tables['real'].assign(sex=tables['real']['sex'].where(tables['real'].index > 3, 'x'))
    details = generated(real, tables['fair']).get_details('Label Parity')
    small = details[details['Group'] == 'x']
    assert small['Rate'].isna().all()
    assert list(small['Rows']) == [4, 0]
    assert list(small['Reason']) == ['4 rows, fewer than the 10 needed', 'no rows']


def test_the_verdict_names_groups_that_were_too_small_to_test(tables):
    parts = {kind: table.assign(sex=table['sex'].where(table.index > 3, 'x')) for kind, table in tables.items()}
    report = generated(parts['real'], parts['fair'], holdout=parts['holdout'])
    assert any(sentence.endswith('held-out rows: x.') for sentence in report.get_verdict().sentences)
    assert any(note.startswith('all models: selected: ') for note in report.get_notes('Downstream Parity'))


def test_relabelled_groups_have_the_same_scores(report, tables):
    swapped = {kind: table.replace({'sex': {'f': 'z', 'm': 'a'}}) for kind, table in tables.items()}
    other = generated(swapped['real'], swapped['fair'], holdout=swapped['holdout'])
    pd.testing.assert_frame_equal(
        other.get_properties().iloc[:3], report.get_properties().iloc[:3], atol=0.02, check_exact=False
    )


@pytest.mark.parametrize('part', PROPERTIES, ids=lambda part: part.name)
def test_every_property_has_a_picture_of_real_and_synthetic(report, part):
    figure = report.get_visualization(part.name)
    assert isinstance(figure, go.Figure)
    assert {trace.name for trace in figure.data} == {'real', 'synthetic'}
    assert part.name in figure.layout.title.text


def test_an_undefined_rate_is_written_so_in_the_picture(tables):
    real = tables['real'].assign(sex=tables['real']['sex'].where(tables['real'].index > 3, 'x'))
    figure = generated(real, tables['fair']).get_visualization('Label Parity')
    assert [text for trace in figure.data for text in trace.text if text] == ['synthetic: undefined', 'real: undefined']


def test_independent_columns_have_no_association(tables):
    case = Case.of(tables['real'], {}, METADATA, *ROLES.values())
    found = group_associations(tables['real'].assign(skill=0.0), case.task)
    assert np.isnan(found['skill'])
    shuffled = tables['real'].assign(role=draw_people(600, 9)['role'])
    assert group_associations(shuffled, case.task)['role'] < 0.1


def test_curves_run_from_corner_to_corner_and_leave_out_groups_without_rates(tables):
    holdout = tables['holdout'].assign(sex=tables['holdout']['sex'].where(tables['holdout'].index > 3, 'x'))
    case = Case.of(tables['real'], {'copy': tables['fair']}, METADATA, *ROLES.values(), holdout=holdout)
    curves = roc_table(Judge(case).model('copy', 'boosting'), Data='synthetic')
    assert set(curves['Group']) == {'f', 'm'}
    for _, curve in curves.groupby('Group'):
        assert curve[['fpr', 'tpr']].iloc[0].tolist() == [0, 0]
        assert curve[['fpr', 'tpr']].iloc[-1].tolist() == [1, 1]
        assert len(curve) <= 102


def test_a_number_that_is_mostly_the_same_has_an_association_all_the_same(tables):
    case = Case.of(tables['real'], {}, METADATA, *ROLES.values())
    rare = (tables['real']['sex'] == 'm') & (tables['real'].index % 20 == 0)
    found = group_associations(tables['real'].assign(skill=rare * tables['real'].index.astype(float)), case.task)
    assert 0 < found['skill'] < 0.5


def test_scipy_s_warning_about_a_p_value_that_no_score_uses_is_not_passed_on(tables, monkeypatch):
    compare = QualityReport.generate

    def warn_and_compare(*given, **named):
        warnings.warn('ks_2samp: Exact calculation unsuccessful. Switching to method=asymp.', RuntimeWarning, 2)
        warnings.warn('something else', RuntimeWarning, 2)
        return compare(*given, **named)

    monkeypatch.setattr(QualityReport, 'generate', warn_and_compare)
    with pytest.warns(RuntimeWarning) as caught:
        generated(tables['real'], tables['fair'], holdout=tables['holdout'])

    messages = {str(warning.message) for warning in caught}
    assert 'something else' in messages
    assert not [message for message in messages if 'ks_2samp' in message]


def common_people(rows: int, seed: int, gap: float = 0.1) -> pd.DataFrame:
    """Nine of ten are hired, whoever they are good at; women .85, men .95."""
    people, generator = draw_people(rows, seed), np.random.default_rng(seed)
    chance = 0.9 + np.where(people['sex'] == 'm', gap / 2, -gap / 2)
    return people.assign(hired=np.where(generator.random(rows) < chance, 'yes', 'no'))


def test_where_the_favorable_label_is_common_the_unfavorable_rates_are_shown_too(tmp_path):
    real, copy = common_people(400, 1), common_people(400, 2)
    made = generated(real, copy, holdout=common_people(400, 3))
    rates = {kind: (rows['hired'] == 'no').groupby(rows['sex']).mean() for kind, rows in (('r', real), ('s', copy))}
    ratio, before = (rates[kind].min() / rates[kind].max() for kind in 'sr')
    gap, gap_before = (rates[kind].max() - rates[kind].min() for kind in 'sr')
    assert score(made, 'Label Parity') > 0.8 > ratio
    share = (real['hired'] == 'yes').mean()
    assert made.get_info()['favorable_rate'] == share
    assert made.get_notes('Label Parity') == [
        f'the favorable label is common ({share:.3f} of the real rows), where a ratio of favorable rates can flatter:'
        f' smallest unfavorable rate over the largest {ratio:.3f} (real rows {before:.3f}), difference of rates'
        f' {gap:.3f} (real rows {gap_before:.3f})'
    ]
    models = made.get_models()
    unfavorable = models[models['Measure'] == 'unfavorable ratio']['synthetic']
    assert f'over the largest {unfavorable.min():.3f} to ' in ' '.join(made.get_notes('Downstream Parity'))
    assert any('The favorable label is common' in sentence for sentence in made.get_verdict().sentences)
    made.to_html(tmp_path / 'common.html')
    assert 'Beside the parity ratio, since the favorable label is common.' in (tmp_path / 'common.html').read_text()


def test_an_undefined_unfavorable_ratio_has_its_reason(tables):
    parts = {kind: tables[kind].assign(hired=['yes'] * 599 + ['no']) for kind in ('real', 'fair')}
    case = Case.of(parts['real'], {'synthetic': parts['fair'].assign(hired='yes')}, METADATA, *ROLES.values())
    notes = PROPERTIES[0].measure(Judge(case), step=lambda: None).notes
    assert 'smallest unfavorable rate over the largest undefined (real rows 0.000)' in notes[0]
    assert notes[1:] == ('synthetic rows: the unfavorable rate is 0 in every group, so that it has no ratio',)
