"""What pictures must not do: hide a name behind another, or print figures of several sizes side by side."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.plots import model_rates_figure, roc_figure, scores_figure, tradeoff_figure


def test_a_copy_on_the_real_rows_hides_no_name():
    points = pd.DataFrame({'parity': 0.3, 'AUC': 0.9}, index=['real', 'copy'])
    places = {trace.name: trace.textposition for trace in tradeoff_figure(points, '', 'AUC', 'parity').data}
    assert places == {'real': 'bottom center', 'copy': 'top center'}


BOTH = pd.DataFrame(
    {
        'parity': [0.3, 0.9, np.nan, np.nan],
        'AUC': [0.9, 0.8, 0.7, 0.6],
        'parity, blind': [0.4, 0.7, 0.5, np.nan],
        'AUC, blind': [0.91, 0.81, 0.71, 0.61],
    },
    index=['real', 'copy', 'half', 'none'],
)


def test_both_kinds_of_models_have_a_marker_in_the_colour_of_their_copy():
    figure = tradeoff_figure(BOTH, 'cost', 'AUC', 'parity', without=', blind')
    traces = {trace.name: trace for trace in figure.data}
    assert {name: list(zip(trace.x, trace.y, strict=True)) for name, trace in list(traces.items())[:3]} == {
        'copy': [(0.9, 0.8), (0.7, 0.81)],
        'half': [(0.5, 0.71)],
        'real': [(0.3, 0.9), (0.4, 0.91)],
    }
    assert list(traces['real'].marker.symbol) == ['diamond', 'diamond-open']
    assert list(traces['copy'].marker.symbol) == ['circle', 'circle-open']
    assert list(traces['half'].marker.symbol) == ['square-open']
    assert len({traces[name].marker.color for name in ('real', 'copy', 'half')}) == 3
    assert figure.layout.title.text == 'cost<br><sub>undefined, so not drawn: half (with), none</sub>'


def test_both_kinds_are_named_once_in_the_legend_and_not_beside_the_points():
    figure = tradeoff_figure(BOTH, '', 'AUC', 'parity', without=', blind')
    names = ['copy', 'half', 'real', 'model with the sensitive columns', 'model without the sensitive columns']
    assert [trace.name for trace in figure.data] == names
    assert figure.layout.showlegend
    assert not any('text' in trace.mode for trace in figure.data)
    assert list(figure.data[0].customdata) == ['copy', 'copy, model without the sensitive columns']


def test_columns_without_a_second_kind_are_drawn_as_one():
    figure = tradeoff_figure(BOTH.drop(columns='AUC, blind'), '', 'AUC', 'parity', without=', blind')
    assert {trace.name: (trace.mode, len(trace.x)) for trace in figure.data} == {
        'copy': ('markers+text', 1),
        'real': ('markers+text', 1),
    }
    line = tradeoff_figure(BOTH.head(2), '', 'AUC', 'parity', line=True)
    assert {trace.name: tuple(trace.text) for trace in line.data} == {'synthetic': ('copy',), 'real': ('real',)}


def test_models_without_the_sensitive_columns_have_a_dashed_line_of_their_own():
    dials = BOTH.rename({'copy': 'dial 0', 'half': 'dial 0.5', 'none': 'dial 1'}).fillna({'parity': 0.95})
    figure = tradeoff_figure(dials, 'cost', 'AUC', 'parity', line=True, without=', blind')

    solid, dashed, real = figure.data[:3]
    assert list(zip(solid.x, solid.y, solid.text, strict=True)) == [
        (0.9, 0.8, 'dial 0'), (0.95, 0.7, 'dial 0.5'), (0.95, 0.6, 'dial 1')
    ]  # fmt: skip
    assert list(zip(dashed.x, dashed.y, dashed.text, strict=True)) == [(0.7, 0.81, 'dial 0'), (0.5, 0.71, 'dial 0.5')]
    assert (solid.line.dash, dashed.line.dash) == (None, 'dash')
    assert set(solid.marker.symbol) == {'circle'}
    assert set(dashed.marker.symbol) == {'circle-open'}
    assert solid.textposition != dashed.textposition
    assert list(real.marker.symbol) == ['diamond', 'diamond-open']
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == [
        'synthetic', 'real', 'model with the sensitive columns', 'model without the sensitive columns'
    ]  # fmt: skip
    assert figure.layout.title.text == 'cost<br><sub>undefined, so not drawn: dial 1 (without)</sub>'


def test_neighbouring_copies_differ_in_colour_and_symbol():
    points = pd.DataFrame({'parity': 0.5, 'AUC': 0.9}, index=[f'copy {number}' for number in range(25)])
    drawn = [
        (trace.marker.color, trace.marker.symbol[0]) for trace in tradeoff_figure(points, '', 'AUC', 'parity').data
    ]
    assert len(set(drawn)) == 25
    assert all(one[0] != next_[0] and one[1] != next_[1] for one, next_ in pairwise(drawn[:5]))


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
