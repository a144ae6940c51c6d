"""Rows in the latent space, coloured by group and by label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import COLOURS, SMALL, styled

__all__ = ['latent_figure']

BINS = 30  # of the strip above the points


def latent_figure(points: pd.DataFrame, title: str) -> go.Figure:
    """Draws the same points twice: coloured by group, and by label.

    A strip above the points shows how each colour is distributed along ``x``, whatever its number of points.

    Args:
        points: Columns ``x``, ``y``, ``Group`` and ``Label``, a row a point.
        title: Title of the figure.
    """
    panels = ('Group', 'Label')
    figure = make_subplots(
        rows=2,
        cols=2,
        row_heights=[0.25, 0.75],
        vertical_spacing=0.03,
        subplot_titles=[f'by {panel.lower()}' for panel in panels],
        shared_yaxes='rows',
        shared_xaxes='columns',
    )
    edges = np.linspace(points['x'].min(), points['x'].max(), BINS + 1)
    for place, panel in enumerate(panels, start=1):
        for number, (value, part) in enumerate(points.groupby(panel, sort=True)):
            colours = COLOURS[1:] if panel == 'Group' else COLOURS[::-4]
            name, colour = f'{panel}: {value}', colours[number % len(colours)]
            marker = {'size': 4, 'opacity': 0.5, 'color': colour}
            dots = go.Scatter(x=part['x'], y=part['y'], mode='markers', name=name, legendgroup=name, marker=marker)
            figure.add_trace(dots, row=2, col=place)
            share = np.histogram(part['x'], edges)[0] / len(part)
            line = {'color': colour, 'shape': 'hvh', 'width': 1.5}
            strip = go.Scatter(x=(edges[:-1] + edges[1:]) / 2, y=share, mode='lines', fill='tozeroy', line=line)
            figure.add_trace(strip.update(name=name, legendgroup=name, showlegend=False), row=1, col=place)
    figure.update_xaxes(title='first component', tickangle=0, row=2)
    figure.update_yaxes(title='share', tickformat='.0%', nticks=4, row=1, col=1)
    figure.update_yaxes(title='second component', row=2, col=1)
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(tickfont_size=SMALL, title_font_size=SMALL)
    return styled(figure, title, height=660, margin_t=130, legend_itemsizing='constant')
