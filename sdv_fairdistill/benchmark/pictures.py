"""Results as pictures: which figures are drawn; drawing itself is in ``plots``."""

from __future__ import annotations

import plotly.graph_objects as go
from sdmetrics.visualization import set_plotly_config

from sdv_fairdistill.benchmark.growth import costs_by_size
from sdv_fairdistill.benchmark.measure import FIT, PEAK, SAMPLE
from sdv_fairdistill.benchmark.results import Results
from sdv_fairdistill.benchmark.summary import medians
from sdv_fairdistill.evaluation import PARITY, UTILITY, WITHOUT
from sdv_fairdistill.plots import cost_figure, growth_figure, tradeoff_figure

__all__ = ['plot_costs', 'plot_growth', 'plot_tradeoff']


@set_plotly_config
def plot_tradeoff(results: Results, table: str) -> go.Figure:
    """Draws what fairness costs on a table: medians over seeds, real rows as diamonds.

    A copy has a filled point, and an open one of models without the sensitive columns where these were measured.
    """
    title = f'What fairness costs on {table}'
    return tradeoff_figure(medians(results, table), title, UTILITY, PARITY, legend=True, without=WITHOUT)


@set_plotly_config
def plot_costs(results: Results, table: str) -> go.Figure:
    """Draws fit time and peak memory on a table, a bar a contender: medians over seeds."""
    frame = results.frame()
    known = frame[(frame['table'] == table) & frame[FIT].notna()].drop_duplicates(['contender', 'seed'])
    costs = known.groupby('contender', sort=False)[[FIT, PEAK]].median()
    return cost_figure(costs, f'What a fit of {table} costs')


@set_plotly_config
def plot_growth(results: Results) -> go.Figure:
    """Draws how fit time, sample time and peak memory grow with rows, columns and levels: medians over seeds."""
    measures = [FIT, SAMPLE, PEAK]
    costs = costs_by_size(results).groupby(['Grows', 'Size', 'copy'], sort=False)[measures].median().reset_index()
    return growth_figure(costs, measures, 'How cost grows')
