"""Rates by group, measures and columns, real beside synthetic."""

from __future__ import annotations

from itertools import product

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import BAR, FRAME, SMALL, SYMBOL, broken, real_or_not, styled

__all__ = ['associations_figure', 'model_rates_figure', 'rates_figure', 'scores_figure']

MOST_COLUMNS = 15  # columns of a table that are drawn; the details list all
UNDEFINED = 'undefined'
LINE = 26  # pixels of a line of points
FIGURES = 14  # pixels of the figures in bars
PANEL = 70  # pixels of a panel's title and axis
SHARES = (-0.02, 1.02)  # of an axis: points at 0 and 1 are whole
ACROSS = 2  # panels of models beside each other
DENSE = 10  # pixels of a point of a model: two of them are as high as the model's name
TINY = 9  # pixels of the word at an undefined rate, where points are dense
TITLE = 15  # characters of a panel's title in one line: as wide as a panel on a phone
HEADING = 33  # characters of a group's name above its models: as wide as two panels on a phone


def rates_figure(rates: pd.DataFrame, title: str, share: str) -> go.Figure:
    """Draws rates by group with their 95 % intervals as points.

    Args:
        rates: Columns ``Data`` (``'real'`` or not), ``Group``, ``Rate``, ``Low``, ``High``, ``Rows`` and ``Reason``. An
            undefined rate is written so in its place.
        title: Title of the figure.
        share: What the rates are shares of, in a few words.
    """
    rates = rates.assign(Line=rates['Group'].map(broken))
    lines, kinds = list(rates['Line'].unique()), list(rates['Data'].unique())
    figure = make_subplots(subplot_titles=[share])
    for kind in reversed(kinds):  # the last is drawn on top, and the legend is turned round
        figure.add_trace(_rate_points(rates[rates['Data'] == kind], kind, marker_size=12))
    figure.update_xaxes(range=SHARES, tickformat='.0%')
    figure.update_yaxes(categoryorder='array', categoryarray=lines[::-1], automargin=True)
    height = FRAME + PANEL + len(kinds) * len(lines) * LINE
    return styled(figure, title, height=height, scattermode='group', legend_traceorder='reversed')


def model_rates_figure(rates: pd.DataFrame, title: str) -> go.Figure:
    """Draws rates of several models by group, with their 95 % intervals: a panel a rate, two beside each other.

    A group's name stands once, above its models, so that a line needs the height of a letter only.

    Args:
        rates: As for :func:`rates_figure`, with the columns ``Rate of`` and ``Model`` before.
        title: Title of the figure.
    """
    panels, kinds = list(rates['Rate of'].unique()), list(rates['Data'].unique())
    rates = rates.assign(Line=(rates['Model'] + ': ' + rates['Group']).map(broken))
    lines, down = _lines_of(rates), -(-len(panels) // ACROSS)
    height = PANEL + BAR + len(lines) * len(kinds) * DENSE  # titles may have two lines
    figure = make_subplots(
        rows=down,
        cols=ACROSS,
        shared_yaxes=True,
        subplot_titles=[broken(panel, TITLE) for panel in panels],
        horizontal_spacing=0.16,
        vertical_spacing=(PANEL + BAR) / (height * down) if down > 1 else 0,
    )
    for number, panel in enumerate(panels):
        for kind in reversed(kinds):
            part = rates[(rates['Rate of'] == panel) & (rates['Data'] == kind)]
            look = {'marker_size': 8, 'textfont_size': TINY, 'cliponaxis': False}
            points = _rate_points(part, kind, showlegend=number == 0, **look)
            figure.add_trace(points, row=number // ACROSS + 1, col=number % ACROSS + 1)
    for row, (place, heading, _) in product(range(1, down + 1), lines):
        if heading:
            about = {'x': 0, 'xanchor': 'left', 'y': place, 'showarrow': False, 'text': f'<b>{heading}</b>'}
            figure.add_annotation(xref='x domain', row=row, col=1, **about)
    places, _, models = zip(*lines[::-1], strict=True)
    figure.update_xaxes(range=SHARES, tickvals=[0, 0.5, 1], ticktext=['0', '50%', '100%'])
    figure.update_yaxes(type='category', categoryorder='array', categoryarray=places, range=[-0.5, len(lines) - 0.5])
    figure.update_yaxes(tickvals=places, ticktext=models, tickfont_size=SMALL, automargin=True)
    layout = {'scattermode': 'group', 'legend_traceorder': 'reversed'}
    return styled(figure, title, height=FRAME + down * height, **layout)


def _lines_of(rates: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Each line from the top: its place on the axis, and a part of a group's name or the name of a model."""
    lines = []
    for group in rates['Group'].unique():
        heading = broken(group, HEADING).split('<br>')
        lines += [(f'{group} {number}', part, '') for number, part in enumerate(heading)]
        lines += [(broken(f'{model}: {group}'), '', model) for model in rates['Model'].unique()]
    return lines


def _rate_points(part: pd.DataFrame, kind: str, **look: object) -> go.Scatter:
    known = part['Rate'].notna()
    points = go.Scatter(
        x=part['Rate'].fillna(0),
        y=part['Line'],
        orientation='h',
        mode='markers+text',
        name=kind,
        legendgroup=kind,
        marker={'color': real_or_not(kind), 'symbol': SYMBOL[kind == 'real'], 'opacity': known.astype(int)},
        error_x={
            'type': 'data',
            'symmetric': False,
            'array': part['High'] - part['Rate'],
            'arrayminus': part['Rate'] - part['Low'],
            'thickness': 1.5,
        },
        text=['' if defined else f'{kind}: {UNDEFINED}' for defined in known],
        textposition='middle right',
        customdata=part[['Rate', 'Low', 'High', 'Rows', 'Reason']],
        hovertemplate=(
            '%{y}: %{customdata[0]:.3f} (95 % interval %{customdata[1]:.3f} to %{customdata[2]:.3f}),'
            ' %{customdata[3]:,} rows %{customdata[4]}'
        ),
    )
    return points.update(look)


def scores_figure(scores: pd.DataFrame, title: str) -> go.Figure:
    """Draws a bar a measure, real beside synthetic.

    Args:
        scores: Columns ``Measure``, ``real`` and ``synthetic``, 0 to 1.
        title: Title of the figure.
    """
    return _pairs(scores, 'Measure', title, '')


def associations_figure(columns: pd.DataFrame, title: str) -> go.Figure:
    """Draws how closely each column goes with the group, real beside synthetic; the closest ones only.

    Args:
        columns: Columns ``Column``, ``real`` and ``synthetic``, 0 to 1, the closest first.
        title: Title of the figure.
    """
    return _pairs(columns.head(MOST_COLUMNS), 'Column', title, "Cramér's V with the group")


def _pairs(table: pd.DataFrame, names: str, title: str, axis: str) -> go.Figure:
    figure, lines = go.Figure(), table[names].astype(str).map(broken)
    for kind in ('synthetic', 'real'):  # the last is drawn on top, and the legend is turned round
        values = table[kind]
        text = [UNDEFINED if pd.isna(value) else f'{value:.3f}' for value in values]
        places = ['outside' if pd.isna(value) else 'auto' for value in values]
        bars = go.Bar(x=values.fillna(0), y=lines, orientation='h', name=kind, text=text, textposition=places)
        bars.update(textfont_size=FIGURES, constraintext='none')  # not smaller in a short bar than in a long one
        figure.add_trace(bars.update(marker_color=real_or_not(kind), hovertemplate='%{y}: %{text}'))
    figure.update_xaxes(range=[0, 1.02], title=axis)
    figure.update_yaxes(categoryorder='array', categoryarray=list(lines)[::-1], automargin=True)
    height = FRAME + len(table) * (2 * BAR + 12)
    return styled(figure, title, barmode='group', bargap=0.25, height=height, legend_traceorder='reversed')
