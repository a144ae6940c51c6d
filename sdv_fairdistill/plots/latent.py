"""Rows in the latent space, coloured by group and by label."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import COLOURS, styled

__all__ = ['latent_figure']


def latent_figure(points: pd.DataFrame, title: str) -> go.Figure:
    """Draws the same points twice: coloured by group, and by label.

    Args:
        points: Columns ``x``, ``y``, ``Group`` and ``Label``, a row a point.
        title: Title of the figure.
    """
    panels = ('Group', 'Label')
    figure = make_subplots(
        cols=2, subplot_titles=[f'by {panel.lower()}' for panel in panels], shared_yaxes=True, shared_xaxes=True
    )
    for place, panel in enumerate(panels, start=1):
        for number, (value, part) in enumerate(points.groupby(panel, sort=True)):
            colours = COLOURS[1:] if panel == 'Group' else COLOURS[::-4]
            marker = {'size': 4, 'opacity': 0.5, 'color': colours[number % len(colours)]}
            trace = go.Scatter(x=part['x'], y=part['y'], mode='markers', name=f'{panel}: {value}', marker=marker)
            figure.add_trace(trace, row=1, col=place)
    figure.update_xaxes(title='first component')
    figure.update_yaxes(title='second component', col=1)
    return styled(figure, title, height=560, legend_itemsizing='constant')
