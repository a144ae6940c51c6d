"""ROC curves by group, one panel a group."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sdv_fairdistill.plots.style import DASH, FRAME, broken, real_or_not, styled

__all__ = ['roc_figure']

ACROSS = 2  # panels beside each other
PANEL = 300  # pixels
GAP = 60  # pixels between two rows of panels: titles may have two lines
TITLE = 19  # characters of a line of a title: as wide as a panel on a phone


def roc_figure(curves: pd.DataFrame, title: str) -> go.Figure:
    """Draws ROC curves of models trained on real and on synthetic rows, with the threshold .5 as a point.

    Args:
        curves: Columns ``Group``, ``Data``, ``fpr``, ``tpr`` and ``threshold``, a line a point of a curve.
        title: Title of the figure.
    """
    groups = list(curves['Group'].unique())
    down = max(1, -(-len(groups) // ACROSS))
    figure = make_subplots(
        rows=down,
        cols=ACROSS,
        subplot_titles=[broken(group, TITLE) for group in groups],
        shared_xaxes=True,
        shared_yaxes=True,
        vertical_spacing=GAP / (down * PANEL),
    )
    for (group, kind), part in curves.groupby(['Group', 'Data'], sort=False):
        row, column = divmod(groups.index(group), ACROSS)
        place, colour = {'row': row + 1, 'col': column + 1}, real_or_not(kind)
        first = group == groups[0]
        line = {'color': colour, 'dash': DASH[kind == 'real']}
        text = {'name': kind, 'legendgroup': kind, 'hovertemplate': 'FPR %{x:.3f}, TPR %{y:.3f}'}
        figure.add_trace(
            go.Scatter(x=part['fpr'], y=part['tpr'], mode='lines', line=line, showlegend=first, **text), **place
        )
        chosen = part[part['threshold'] >= 0.5].tail(1)
        point = {'color': colour, 'size': 11}
        figure.add_trace(
            go.Scatter(x=chosen['fpr'], y=chosen['tpr'], mode='markers', marker=point, showlegend=False, **text),
            **place,
        )
    figure.update_xaxes(range=[-0.02, 1.02], title='false positive rate', row=down)
    figure.update_yaxes(range=[-0.02, 1.02], title='true positive rate', col=1)
    return styled(figure, title, height=FRAME + down * PANEL)
