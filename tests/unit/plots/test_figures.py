"""What pictures must not do: hide a name behind another, or print figures of several sizes side by side."""

from __future__ import annotations

import pandas as pd

from sdv_fairdistill.plots import scores_figure, tradeoff_figure


def test_a_copy_on_the_real_rows_hides_no_name():
    points = pd.DataFrame({'parity': 0.3, 'AUC': 0.9}, index=['real', 'copy'])
    places = {trace.name: trace.textposition for trace in tradeoff_figure(points, '', 'AUC', 'parity').data}
    assert places == {'real': 'bottom center', 'copy': 'top center'}


def test_figures_in_short_bars_are_as_large_as_in_long_ones():
    scores = pd.DataFrame({'Measure': ['short', 'long'], 'real': [0.01, 0.99], 'synthetic': [0.02, 0.98]})
    bars = scores_figure(scores, '').data
    assert {bar.constraintext for bar in bars} == {'none'}
    assert len({bar.textfont.size for bar in bars}) == 1
