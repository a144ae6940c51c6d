"""What pictures must not do: hide a name behind another, or print figures of several sizes side by side."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from sdv_fairdistill.plots import model_rates_figure, roc_figure, scores_figure, tradeoff_figure


def test_a_copy_on_the_real_rows_hides_no_name():
    points = pd.DataFrame({'parity': 0.3, 'AUC': 0.9}, index=['real', 'copy'])
    places = {trace.name: trace.textposition for trace in tradeoff_figure(points, '', 'AUC', 'parity').data}
    assert places == {'real': 'bottom center', 'copy': 'top center'}


def test_figures_in_short_bars_are_as_large_as_in_long_ones():
    scores = pd.DataFrame({'Measure': ['short', 'long'], 'real': [0.01, 0.99], 'synthetic': [0.02, 0.98]})
    bars = scores_figure(scores, '').data
    assert {bar.constraintext for bar in bars} == {'none'}
    assert len({bar.textfont.size for bar in bars}) == 1


RATES = ('predicted favorable', 'true positive rate', 'false positive rate', 'predictive value')
COLUMNS = ('Rate of', 'Model', 'Data', 'Group')
MODELS = ('boosting', 'boosting, blind', 'logistic', 'logistic, blind')


def rates_of(groups: list[str], undefined: str = '') -> pd.DataFrame:
    """A rate of every model in every group, but for one group."""
    table = pd.DataFrame(product(RATES, MODELS, ('real', 'synthetic'), groups), columns=list(COLUMNS))
    known = table['Group'] != undefined
    figures = pd.DataFrame({'Rate': 0.5, 'Low': 0.4, 'High': 0.6}, index=table.index).where(known)
    reasons = known.map({True: '', False: '4 rows, fewer than the 10 needed'})
    return table.join(figures).assign(Rows=known.map({True: 90, False: 4}), Reason=reasons)


def test_rates_of_models_are_all_drawn_and_an_undefined_one_keeps_its_reason():
    traces = model_rates_figure(rates_of(['a', 'b', 'few'], undefined='few'), '').data
    assert sum(len(trace.x) for trace in traces) == 4 * 4 * 2 * 3
    words = [(text, point[-1]) for trace in traces for text, point in zip(trace.text, trace.customdata, strict=True)]
    reason = '4 rows, fewer than the 10 needed'
    for kind in ('real', 'synthetic'):
        assert words.count((f'{kind}: undefined', reason)) == 4 * 4
    assert words.count(('', '')) == 4 * 4 * 2 * 2


def test_every_line_of_models_is_in_sight_under_the_name_of_its_group():
    figure = model_rates_figure(rates_of(['women & <b>', '5']), '')
    axis = figure.layout.yaxis
    assert list(axis.ticktext)[::-1] == ['', *MODELS] * 2
    assert list(axis.range) == [-0.5, 9.5]
    assert {line for trace in figure.data for line in trace.y} < set(axis.categoryarray)
    headings = [(note.y, note.text) for note in figure.layout.annotations if note.xref.endswith('domain')]
    assert {text for _, text in headings} == {'<b>women &amp; &lt;b></b>', '<b>5</b>'}
    assert {place for place, _ in headings} == {axis.categoryarray[place] for place in (9, 4)}
    assert len(headings) == 2 * 2  # in both rows of panels


@pytest.mark.parametrize('groups', [2, 10])
def test_a_group_more_costs_a_line_for_its_name_and_one_a_model_in_each_row_of_panels(groups):
    few, more = (
        model_rates_figure(rates_of([f'g{number}' for number in range(size)]), '') for size in (groups, groups + 1)
    )
    assert more.layout.height - few.layout.height == 2 * (1 + len(MODELS)) * 20


def test_titles_of_roc_curves_are_in_lines_that_a_phone_shows():
    curve = pd.DataFrame({'fpr': [0.0, 1.0], 'tpr': [0.0, 1.0], 'threshold': [1.0, 0.0], 'Data': 'real'})
    groups = ['Female / Asian-Pac-Islander', 'R&D <3']
    figure = roc_figure(pd.concat([curve.assign(Group=group) for group in groups]), '')
    titles = [note.text for note in figure.layout.annotations]
    assert titles == ['Female /<br>Asian-Pac-Islander', 'R&amp;D &lt;3']
