"""What all pictures share: SDMetrics' colours, one per table, and its layout."""

from __future__ import annotations

from textwrap import wrap

import plotly.graph_objects as go
from sdmetrics.visualization import PlotConfig

__all__ = ['BAR', 'COLOURS', 'DASH', 'FRAME', 'SMALL', 'SYMBOL', 'broken', 'real_or_not', 'styled']

COLOURS = (
    PlotConfig.DATACEBO_GREEN,
    PlotConfig.DATACEBO_BLUE,
    PlotConfig.ORANGE,
    PlotConfig.GREEN,
    PlotConfig.DATACEBO_DARK,
)
SYMBOL = {True: 'circle', False: 'diamond'}  # of real rows or not, so that no picture needs colours to be read
DASH = {True: 'solid', False: 'dash'}
BAR = 24  # pixels of a bar
FRAME = 190  # pixels of title, axis and legend
SMALL = 13  # pixels of letters, where two panels are to fit beside each other on a phone


def real_or_not(kind: str) -> str:
    """Gives the colour of a table: SDMetrics' dark for real rows, its green for synthetic ones."""
    return PlotConfig.DATACEBO_DARK if kind == 'real' else PlotConfig.DATACEBO_GREEN


def styled(figure: go.Figure, title: str, **layout: object) -> go.Figure:
    """Gives a figure SDMetrics' layout, with the legend below the picture, where a narrow page has room for it."""
    figure.update_layout(
        title=title,
        template='plotly_white',
        plot_bgcolor=PlotConfig.BACKGROUND_COLOR,
        font={'size': PlotConfig.FONT_SIZE},
        legend={'orientation': 'h', 'y': 0, 'yanchor': 'bottom', 'yref': 'container', 'x': 0, 'title': ''},
    )
    return figure.update_layout(**layout)


def broken(name: str, width: int = 21) -> str:
    """A name as plotly shall show it: its own characters, and in lines of such a width at spaces, for narrow pages."""
    shown = name.replace('&', '&amp;').replace('<', '&lt;')
    return '<br>'.join(wrap(shown, width, break_long_words=False, break_on_hyphens=False))
