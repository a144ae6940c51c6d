"""Pictures of causes: effects with their intervals, and a causal graph."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import plotly.graph_objects as go
from sdmetrics.visualization import PlotConfig

from sdv_fairdistill.plots.style import BAR, DASH, FRAME, SYMBOL, broken, real_or_not, styled

__all__ = ['effects_figure', 'graph_figure']

ROW = 70  # pixels between two rows of it
NODE = 18  # pixels
SHORTER = 14  # pixels that an arrow ends before its node


def effects_figure(effects: pd.DataFrame, title: str) -> go.Figure:
    """Draws a line for each effect, real beside synthetic, with its interval; what is undefined is not drawn.

    Args:
        effects: Columns ``Of`` (whose rates), ``Group``, ``Effect``, ``Data`` (real or synthetic), ``Value``, ``Low``,
            ``High``.
        title: Title of the figure.
    """
    several = effects['Group'].nunique() > 1
    names = effects['Of'] + ': ' + effects['Effect'] + (', ' + effects['Group'] if several else '')
    lines = names.map(broken)
    figure = go.Figure()
    for kind in dict.fromkeys(effects['Data']):
        part = effects['Data'] == kind
        known = effects[part & effects['Value'].notna()]
        figure.add_trace(
            go.Scatter(
                x=known['Value'],
                y=lines[known.index],
                mode='markers',
                orientation='h',
                name=kind,
                marker={'color': real_or_not(kind), 'symbol': SYMBOL[kind == 'real'], 'size': 9},
                error_x={
                    'type': 'data',
                    'symmetric': False,
                    'array': known['High'] - known['Value'],
                    'arrayminus': known['Value'] - known['Low'],
                },
                hovertemplate='%{y}: %{x:.3f}',
            )
        )
    order = list(dict.fromkeys(lines))[::-1]
    figure.add_vline(x=0, line_width=1)
    figure.update_xaxes(title='difference of rates')
    figure.update_yaxes(type='category', categoryorder='array', categoryarray=order, automargin=True)
    return styled(figure, title, scattermode='group', height=FRAME + len(order) * 2 * BAR)


def graph_figure(
    edges: Collection[tuple[str, str]],
    places: dict[str, tuple[float, float]],
    parts: dict[str, str],
    cut: Collection[tuple[str, str]],
    title: str,
) -> go.Figure:
    """Draws a causal graph, an arrow an edge; cut edges are dashed.

    Args:
        edges: Pairs of columns, cause first.
        places: Where each column stands.
        parts: What each column is: the legend has a colour and a form for each part.
        cut: The edges that are cut.
        title: Title of the figure.
    """
    figure = go.Figure()
    for whether, name in ((False, 'effect'), (True, 'cut')):
        some = [edge for edge in edges if (edge in cut) == whether]
        x, y = ([value for a, b in some for value in (places[a][k], places[b][k], None)] for k in (0, 1))
        line = {'color': PlotConfig.DATACEBO_DARK, 'width': 1, 'dash': DASH[not whether]}
        if some:
            figure.add_trace(go.Scatter(x=x, y=y, mode='lines', line=line, name=name, hoverinfo='skip'))
        for cause, effect in some:
            figure.add_annotation(
                x=places[effect][0], y=places[effect][1], ax=places[cause][0], ay=places[cause][1], xref='x', yref='y',
                axref='x', ayref='y', showarrow=True, arrowhead=2, arrowwidth=1, text='', standoff=SHORTER,
                opacity=0.35 if whether else 1, arrowcolor=PlotConfig.DATACEBO_DARK,
            )  # fmt: skip
    looks = {
        'sensitive': (PlotConfig.ORANGE, 'diamond'),
        'resolving': (PlotConfig.DATACEBO_GREEN, 'square'),
        'label': (PlotConfig.DATACEBO_BLUE, 'star'),
        'other': (PlotConfig.DATACEBO_DARK, 'circle'),
    }
    for part, (colour, symbol) in looks.items():
        names = [name for name in places if parts[name] == part]
        if names:
            figure.add_trace(
                go.Scatter(
                    x=[places[name][0] for name in names],
                    y=[places[name][1] for name in names],
                    mode='markers',
                    text=[broken(name) for name in names],
                    name=part,
                    marker={'color': colour, 'symbol': symbol, 'size': NODE},
                    hovertemplate='%{text}',
                )
            )
    for name, (x, y) in places.items():  # on a ground of their own, so that arrows do not cross them out
        ground = {'bgcolor': PlotConfig.BACKGROUND_COLOR, 'borderpad': 1}
        figure.add_annotation(x=x, y=y, text=broken(name), showarrow=False, yshift=NODE + 4, **ground)
    figure.update_xaxes(visible=False, range=[-0.6, max(x for x, _ in places.values()) + 0.6])
    low, high = min(y for _, y in places.values()), max(y for _, y in places.values())
    figure.update_yaxes(visible=False, range=[low - 0.5, high + 0.7])
    tall = high - low + 1.2
    return styled(figure, title, height=FRAME + round(tall * ROW))
