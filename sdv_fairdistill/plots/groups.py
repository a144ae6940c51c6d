"""Bars by group, by measure and by column, real beside synthetic."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import BAR, FIVE, FRAME, real_or_not, styled

__all__ = ['associations_figure', 'rates_figure', 'scores_figure']

MOST_COLUMNS = 15  # columns of a table that are drawn; the details list all
UNDEFINED = 'undefined'


def rates_figure(rates: pd.DataFrame, title: str) -> go.Figure:
    """Draws rates by group with their intervals, one panel under the other.

    Args:
        rates: Columns ``Panel``, ``Data`` (``'real'`` or not), ``Group``, ``Rate``, ``Low``, ``High``, ``Rows`` and
            ``Reason``; bars of several models also have ``Model``. An undefined rate is written so in its place.
        title: Title of the figure.
    """
    panels, groups = list(rates['Panel'].unique()), list(rates['Group'].unique())[::-1]
    series = [name for name in ('Data', 'Model') if name in rates]
    parts = list(rates.groupby(series, sort=False))
    figure = make_subplots(rows=len(panels), subplot_titles=panels, vertical_spacing=0.16 / len(panels))
    for number, (names, part) in enumerate(parts):
        for row, panel in enumerate(panels, start=1):
            bars = _rate_bars(part[part['Panel'] == panel], ', '.join(names), names[0], FIVE[number // 2 % len(FIVE)])
            figure.add_trace(bars.update(showlegend=row == 1), row=row, col=1)
    figure.update_xaxes(range=[0, 1.02], tickformat='.0%')
    figure.update_yaxes(categoryorder='array', categoryarray=groups, automargin=True)
    height = FRAME + len(panels) * (60 + len(groups) * (len(parts) * BAR + 12))
    return styled(figure, title, barmode='group', height=height, bargap=0.25)


def _rate_bars(part: pd.DataFrame, name: str, kind: str, pattern: str) -> go.Bar:
    known = part['Rate'].notna()
    return go.Bar(
        x=part['Rate'].fillna(0),
        y=part['Group'],
        orientation='h',
        name=name,
        legendgroup=name,
        marker={'color': real_or_not(kind), 'pattern': {'shape': pattern}},
        error_x={
            'type': 'data',
            'symmetric': False,
            'array': (part['High'] - part['Rate']).where(known, 0),
            'arrayminus': (part['Rate'] - part['Low']).where(known, 0),
            'color': '#888',
            'thickness': 1.5,
            'width': 3,
        },
        text=[''] * 0 if known.all() else ['' if defined else UNDEFINED for defined in known],
        textposition='outside',
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
    figure = go.Figure()
    for kind in ('real', 'synthetic'):
        values = table[kind]
        text = [UNDEFINED if pd.isna(value) else f'{value:.3f}' for value in values]
        bars = go.Bar(x=values.fillna(0), y=table[names], orientation='h', name=kind, text=text, textposition='auto')
        figure.add_trace(bars.update(marker_color=real_or_not(kind), hovertemplate='%{y}: %{text}'))
    figure.update_xaxes(range=[0, 1.02], title=axis)
    figure.update_yaxes(categoryorder='array', categoryarray=list(table[names])[::-1], automargin=True)
    return styled(figure, title, barmode='group', bargap=0.25, height=FRAME + len(table) * (2 * BAR + 12))
