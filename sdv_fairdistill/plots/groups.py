"""Rates by group, measures and columns, real beside synthetic."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import BAR, FRAME, SYMBOL, real_or_not, styled

__all__ = ['associations_figure', 'rates_figure', 'scores_figure']

MOST_COLUMNS = 15  # columns of a table that are drawn; the details list all
UNDEFINED = 'undefined'
LINE = 26  # pixels of a line of points
FIGURES = 14  # pixels of the figures in bars
PANEL = 70  # pixels of a panel's title and axis


def rates_figure(rates: pd.DataFrame, title: str) -> go.Figure:
    """Draws rates by group with their 95 % intervals as points, one panel under the other.

    Args:
        rates: Columns ``Panel``, ``Data`` (``'real'`` or not), ``Group``, ``Rate``, ``Low``, ``High``, ``Rows`` and
            ``Reason``; rates of several models also have ``Model``. An undefined rate is written so in its place.
        title: Title of the figure.
    """
    panels = list(rates['Panel'].unique())
    lines = rates['Group'] if 'Model' not in rates else rates['Model'] + ': ' + rates['Group']
    rates = rates.assign(Line=lines.map(_broken))
    kinds = list(rates['Data'].unique())
    height = PANEL + len(kinds) * len(rates['Line'].unique()) * LINE
    figure = make_subplots(
        rows=len(panels), subplot_titles=panels, vertical_spacing=PANEL / (height * len(panels)) if panels[1:] else 0
    )
    for row, panel in enumerate(panels, start=1):
        for kind in reversed(kinds):  # the last is drawn on top, and the legend is turned round
            part = rates[(rates['Panel'] == panel) & (rates['Data'] == kind)]
            figure.add_trace(_rate_points(part, kind, showlegend=row == 1), row=row, col=1)
    figure.update_xaxes(range=[-0.02, 1.02], tickformat='.0%')
    order = list(rates['Line'].unique())[::-1]
    figure.update_yaxes(categoryorder='array', categoryarray=order, automargin=True)
    figure.update_layout(scattermode='group')
    return styled(figure, title, height=FRAME + len(panels) * height, legend_traceorder='reversed')


def _rate_points(part: pd.DataFrame, kind: str, showlegend: bool) -> go.Scatter:
    known = part['Rate'].notna()
    return go.Scatter(
        x=part['Rate'].fillna(0),
        y=part['Line'],
        orientation='h',
        mode='markers+text',
        name=kind,
        legendgroup=kind,
        showlegend=showlegend,
        marker={'color': real_or_not(kind), 'symbol': SYMBOL[kind == 'real'], 'size': 12, 'opacity': known.astype(int)},
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
    figure, lines = go.Figure(), table[names].astype(str).map(_broken)
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


def _broken(name: str) -> str:
    """A name as plotly shall show it: its own characters, and in lines of some 20 at spaces, for narrow pages."""
    lines = ['']
    for word in name.replace('&', '&amp;').replace('<', '&lt;').split(' '):
        if lines[-1] and len(lines[-1]) + len(word) > 20:
            lines.append(word)
        else:
            lines[-1] = f'{lines[-1]} {word}'.strip()
    return '<br>'.join(lines)
