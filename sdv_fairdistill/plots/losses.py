"""Figures of a fit, in SDMetrics' colours."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from sdmetrics.visualization import PlotConfig

__all__ = ['loss_figure']

DASHES = ('solid', 'dash', 'dot', 'dashdot', 'longdash')


def loss_figure(losses: pd.DataFrame, title: str) -> go.Figure:
    """Draws losses a step, one panel a stage.

    Args:
        losses: Columns ``Stage``, ``Step``, then the losses.
        title: Title of the figure.
    """
    stages = list(losses['Stage'].unique())
    figure = make_subplots(cols=len(stages), subplot_titles=stages)
    for panel, stage in enumerate(stages, start=1):
        part = losses[losses['Stage'] == stage].dropna(axis=1, how='all')
        colour = PlotConfig.DATACEBO_DARK if panel == 1 else PlotConfig.DATACEBO_GREEN
        for number, name in enumerate(column for column in part.columns if column not in ('Stage', 'Step')):
            line = {'color': colour, 'dash': DASHES[number % len(DASHES)], 'width': 1.5}
            trace = go.Scatter(x=part['Step'], y=part[name], name=f'{stage}: {name}', mode='lines', line=line)
            figure.add_trace(trace, row=1, col=panel)
    figure.update_layout(
        title=title,
        template='plotly_white',
        plot_bgcolor=PlotConfig.BACKGROUND_COLOR,
        font={'size': PlotConfig.FONT_SIZE},
    )
    figure.update_xaxes(title='Step')
    figure.update_yaxes(title='Loss', col=1)
    return figure
