"""Figures of a fit, in SDMetrics' colours."""

from __future__ import annotations

from itertools import zip_longest

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import COLOURS, FRAME, SMALL, styled

__all__ = ['loss_figure']

PANEL = 140  # pixels of a panel with its title
TITLE = 45  # pixels of that title


def loss_figure(losses: pd.DataFrame, title: str) -> go.Figure:
    """Draws losses a step: a column of panels a stage, a panel a loss, since their units differ.

    Args:
        losses: Columns ``Stage``, ``Step``, then the losses.
        title: Title of the figure.
    """
    parts = {stage: part.dropna(axis=1, how='all') for stage, part in losses.groupby('Stage', sort=False)}
    names = {stage: part.columns.drop(['Stage', 'Step']) for stage, part in parts.items()}
    rows = max(map(len, names.values()))
    titles = [[f'{stage}<br>{found[0]}', *found[1:]] for stage, found in names.items()]
    across = [panel for line in zip_longest(*titles, fillvalue='') for panel in line]
    gap = TITLE / (rows * PANEL)
    figure = make_subplots(rows, len(parts), subplot_titles=across, shared_xaxes='columns', vertical_spacing=gap)
    for place, (stage, part) in enumerate(parts.items(), start=1):
        line = {'color': COLOURS[place - 2], 'width': 1.5}
        for row, name in enumerate(names[stage], start=1):
            trace = go.Scatter(x=part['Step'], y=part[name], name=f'{stage}: {name}', mode='lines', line=line)
            figure.add_trace(trace, row=row, col=place)
        figure.update_xaxes(title='Step', showticklabels=True, tickangle=0, nticks=4, row=len(names[stage]), col=place)
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(tickfont_size=SMALL, title_font_size=SMALL)
    figure.update_annotations(font_size=SMALL)
    return styled(figure, title, height=FRAME + rows * PANEL, showlegend=False)
