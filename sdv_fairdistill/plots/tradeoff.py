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
GREY = '#888'
SEEING, BLIND = 'model with the sensitive columns', 'model without the sensitive columns'
OPEN = '-open'  # ends the name of plotly's outlined symbols


def tradeoff_figure(
    points: pd.DataFrame,
    title: str,
    utility: str,
    parity: str,
    line: bool = False,
    legend: bool = False,
    without: str = '',
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
        without: What ends the names of the same columns for models without the sensitive columns. Where any of these is
            known, tables have a second point, open and joined to the first, and the legend has the names; of a line
            there is a second one, dashed, with a name beside each point.
    """
    blind = points.reindex(columns=[utility + without, parity + without])
    both = bool(without) and bool(blind.notna().all(axis=1).any())
    known = _long(points, utility, parity, ('', without) if both else ('',))
    missing = known[known[['x', 'y']].isna().any(axis=1)]
    if len(missing):
        title = f'{title}<br><sub>undefined, so not drawn: {", ".join(_named(missing, both))}</sub>'
    known, legend = known.drop(missing.index), legend or both
    figure, mode = go.Figure(), 'markers' if legend else 'markers+text'
    others, hover = known[known['name'] != 'real'], (parity, utility)
    if line:
        figure.add_traces(_lines(others, hover, both))
    else:
        for number, (name, table) in enumerate(others.groupby('name', sort=False)):
            figure.add_trace(_points(table, name, mode, number, hover))
    real = known[known['name'] == 'real']
    if len(real):
        drawn = _points(real, 'real', mode, 0, hover, PlotConfig.DATACEBO_DARK, 'diamond')
        # Its name goes below: a faithful copy lies on the real rows, with its name above.
        figure.add_trace(drawn.update(textposition='bottom center'))
    if both:
        figure.add_traces([_key(SEEING, 'circle'), _key(BLIND, f'circle{OPEN}')])
    figure.add_vline(x=FOUR_FIFTHS, line_dash='dot', line_color=GREY, annotation_text='four-fifths rule')
    figure.update_xaxes(title=parity, range=[-0.08, 1.08], zeroline=False)  # room for the names at both ends
    figure.update_yaxes(title=utility)
    return styled(figure, title, height=560 + legend * LEGEND_LINE * len(figure.data), showlegend=legend)


def _long(points: pd.DataFrame, utility: str, parity: str, ends: tuple[str, ...]) -> pd.DataFrame:
    """The points one below the other, those of a table together: ``name``, ``x``, ``y`` and whether it is ``open``."""
    names = {'name': points.index.map(str)}
    parts = [
        pd.DataFrame(names | {'x': points[parity + end].to_numpy(), 'y': points[utility + end].to_numpy()})
        for end in ends
    ]
    long = pd.concat([part.assign(open=bool(end)) for part, end in zip(parts, ends, strict=True)])
    return long.sort_index(kind='stable').reset_index(drop=True)


def _named(missing: pd.DataFrame, both: bool) -> list[str]:
    """The tables without a point, and of those that have one of two, which they lack."""
    kinds = missing.groupby('name', sort=False)['open'].agg(list)
    part = {True: ' (without)', False: ' (with)'}
    return [name + (part[lacks[0]] if both and len(lacks) == 1 else '') for name, lacks in kinds.items()]


def _points(
    table: pd.DataFrame,
    name: str,
    mode: str,
    number: int,
    hover: tuple[str, str],
    colour: str = '',
    symbol: str = '',
) -> go.Scatter:
    turn = number + number // len(COLOURS)  # neighbours differ in both, and no two of 25 are the same
    colour, symbol = colour or COLOURS[number % len(COLOURS)], symbol or SYMBOLS[turn % len(SYMBOLS)]
    joined = table['open'].nunique() > 1
    return go.Scatter(
        x=table['x'],
        y=table['y'],
        text=list(table['name']),
        customdata=table['name'] + table['open'].map({True: f', {BLIND}', False: ''}),
        name=name,
        mode=f'lines+{mode}' if joined else mode,
        textposition='top center',
        line={'width': 1, 'color': colour, 'dash': 'dot'} if joined else {},
        marker={
            'size': 14,
            'color': colour,
            'symbol': [symbol + OPEN * hollow for hollow in table['open']],
            'line': {'width': [1 + 1.5 * hollow for hollow in table['open']], 'color': 'white'},
        },
        hovertemplate=f'%{{customdata}}: {hover[0]} %{{x:.3f}}, {hover[1]} %{{y:.3f}}<extra></extra>',
    )


def _lines(table: pd.DataFrame, hover: tuple[str, str], both: bool) -> list[go.Scatter]:
    """A solid line through the filled points and a dashed one through the open ones, which lie close to each other."""
    lines = []
    for hollow, points in table.groupby('open'):
        line = _points(points, 'synthetic', 'lines+markers+text', 0, hover)
        if both:  # names on the outer sides
            line.update(textposition='top center' if hollow else 'bottom center')
        if hollow:
            line.update(line_dash='dash', showlegend=False)  # the legend says what open points are
        lines.append(line)
    return lines


def _key(name: str, symbol: str) -> go.Scatter:
    """Says in the legend what filled and what open points are."""
    marker = {'size': 14, 'color': GREY, 'symbol': symbol, 'line': {'width': 2, 'color': GREY}}
    return go.Scatter(x=[None], y=[None], name=name, mode='markers', marker=marker)
