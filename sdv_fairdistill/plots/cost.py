"""What contenders cost in time and memory, and how that grows with the size of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import BAR, COLOURS, FRAME, styled

__all__ = ['cost_figure', 'growth_figure']

PANEL = 260  # pixels of a panel of growth


def cost_figure(costs: pd.DataFrame, title: str) -> go.Figure:
    """Draws a panel a measure with a point a contender, on logarithmic axes from decade to decade.

    Args:
        costs: A line a contender, named by the index, and a column a measure, all above zero.
        title: Title of the figure.
    """
    figure = make_subplots(rows=len(costs.columns), subplot_titles=list(costs), vertical_spacing=0.2)
    for row, name in enumerate(costs, start=1):
        text = [f'{value:,.3g}' if value < 1000 else f'{value:,.0f}' for value in costs[name]]
        points = go.Scatter(x=costs[name], y=[str(line) for line in costs.index], mode='markers+text', text=text)
        points.update(marker={'size': 12, 'color': COLOURS[0]}, textposition='middle right')
        points.update(hovertemplate='%{y}: %{text}<extra></extra>')
        figure.add_trace(points, row=row, col=1)
        figure.update_xaxes(_decades(costs[name]), row=row, col=1)
    figure.update_yaxes(autorange='reversed', automargin=True)
    height = FRAME + len(costs.columns) * (FRAME // 2 + len(costs) * (BAR + 12))
    return styled(figure, title, height=height, showlegend=False)


def growth_figure(costs: pd.DataFrame, measures: list[str], title: str) -> go.Figure:
    """Draws costs by size on logarithmic axes: a row of panels a measure, a column for what grows.

    Args:
        costs: Columns ``Grows``, ``Size``, ``copy`` and the measures, a line a point.
        measures: Names of the measures.
        title: Title of the figure.
    """
    across, copies = list(costs['Grows'].unique()), list(costs['copy'].unique())
    figure = make_subplots(rows=len(measures), cols=len(across), shared_xaxes='columns', shared_yaxes='rows')
    for (what, copy), part in costs.groupby(['Grows', 'copy'], sort=False):
        number, column = copies.index(copy), across.index(what) + 1
        for row, measure in enumerate(measures, start=1):
            line = go.Scatter(x=part['Size'], y=part[measure], mode='lines+markers', name=copy, legendgroup=copy)
            line.update(marker_color=COLOURS[number % len(COLOURS)], showlegend=column == row == 1)
            figure.add_trace(line, row=row, col=column)
    for column, what in enumerate(across, start=1):
        figure.update_xaxes(_decades(costs.loc[costs['Grows'] == what, 'Size']), col=column)
        figure.update_xaxes(title=what, row=len(measures), col=column)
    for row, measure in enumerate(measures, start=1):
        figure.update_yaxes(_decades(costs[measure]), row=row)
        figure.update_yaxes(title=measure, row=row, col=1)
    return styled(figure, title, height=FRAME + len(measures) * PANEL)


def _decades(values: pd.Series) -> dict[str, object]:
    """A logarithmic axis from the power of ten at or below the smallest value to the one above the largest."""
    low, high = np.floor(np.log10(values.min())), np.floor(np.log10(values.max())) + 1
    return {'type': 'log', 'range': [low, high], 'dtick': 1}
