"""Pictures, in SDMetrics' colours: each takes a table of figures and draws it; nothing is measured here."""

from sdv_fairdistill.plots.cost import cost_figure, growth_figure
from sdv_fairdistill.plots.effects import effects_figure, graph_figure
from sdv_fairdistill.plots.groups import associations_figure, model_rates_figure, rates_figure, scores_figure
from sdv_fairdistill.plots.latent import latent_figure
from sdv_fairdistill.plots.losses import loss_figure
from sdv_fairdistill.plots.roc import roc_figure
from sdv_fairdistill.plots.tradeoff import tradeoff_figure

__all__ = [
    'associations_figure',
    'cost_figure',
    'effects_figure',
    'graph_figure',
    'growth_figure',
    'latent_figure',
    'loss_figure',
    'model_rates_figure',
    'rates_figure',
    'roc_figure',
    'scores_figure',
    'tradeoff_figure',
]
