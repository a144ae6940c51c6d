"""What parity costs: tables or dials as points between fairness and use."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from sdmetrics.visualization import PlotConfig

from sdv_fairdistill.plots.style import COLOURS, styled

__all__ = ['FOUR_FIFTHS', 'tradeoff_figure']

FOUR_FIFTHS = 0.8  # selection ratio below which the US Uniform Guidelines (29 CFR 1607.4 D) presume adverse impact
LEGEND_LINE = 14  # pixels that a name in the legend adds to the height
SYMBOLS = ('circle', 'square', 'triangle-up', 'cross', 'x')


def tradeoff_figure(
    points: pd.DataFrame, title: str, utility: str, parity: str, line: bool = False, legend: bool = False
) -> go.Figure:
    """Draws a point a table: parity to the right, use upwards, real rows as a diamond.

    Args:
        points: A line a point, named by the index; ``'real'`` is real rows. An undefined point is left out, and the
            title says so.
        title: Title of the figure.
        utility: Column drawn upwards.
        parity: Column drawn to the right.
        line: Whether the points other than ``'real'`` are stations of one line.
        legend: Whether a legend names the points, where names beside many of them would hide each other.
    """
    known = points.dropna(subset=[utility, parity])
    missing = [str(name) for name in points.index.difference(known.index, sort=False)]
    if missing:
        title = f'{title}<br><sub>undefined, so not drawn: {", ".join(missing)}</sub>'
    figure, mode = go.Figure(), 'markers' if legend else 'markers+text'
    others = known[known.index != 'real']
    if line:
        figure.add_trace(_points(others, utility, parity, 'synthetic', 'lines+markers+text', 0))
    else:
        for number, name in enumerate(others.index):
            figure.add_trace(_points(others.loc[[name]], utility, parity, str(name), mode, number))
    if 'real' in known.index:
        real = _points(known.loc[['real']], utility, parity, 'real', mode, 0)
        # Its name goes below: a faithful copy lies on the real rows, with its name above.
        real.update(marker={'color': PlotConfig.DATACEBO_DARK, 'symbol': 'diamond'}, textposition='bottom center')
        figure.add_trace(real)
    figure.add_vline(x=FOUR_FIFTHS, line_dash='dot', line_color='#888', annotation_text='four-fifths rule')
    figure.update_xaxes(title=parity, range=[-0.08, 1.08], zeroline=False)  # room for the names at both ends
    figure.update_yaxes(title=utility)
    return styled(figure, title, height=560 + legend * LEGEND_LINE * len(known), showlegend=legend)


def _points(table: pd.DataFrame, utility: str, parity: str, name: str, mode: str, number: int) -> go.Scatter:
    colour, symbol = COLOURS[number % len(COLOURS)], SYMBOLS[number // len(COLOURS) % len(SYMBOLS)]
    return go.Scatter(
        x=table[parity],
        y=table[utility],
        text=[str(label) for label in table.index],
        name=name,
        mode=mode,
        textposition='top center',
        marker={'size': 14, 'color': colour, 'symbol': symbol, 'line': {'width': 1, 'color': 'white'}},
        hovertemplate='%{text}: ' + parity + ' %{x:.3f}, ' + utility + ' %{y:.3f}<extra></extra>',
    )
