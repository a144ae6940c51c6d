"""Pictures of labels by group, of what fairness costs over the dial, and of latents; drawing is in ``plots``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from sdmetrics.visualization import set_plotly_config
from sklearn.decomposition import PCA

from sdv_fairdistill.causal import CausalGraph, CausalRoles, read_graph
from sdv_fairdistill.causal.checks import check_cut_edges, check_graph
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plots import graph_figure, latent_figure, tradeoff_figure
from sdv_fairdistill.report.case import REAL, SYNTHETIC, Case, Table
from sdv_fairdistill.report.judge import Judge
from sdv_fairdistill.report.properties import LabelParity

__all__ = ['DIALS', 'frontier', 'plot_causal_graph', 'plot_frontier', 'plot_label_rates', 'plot_latent_space']

DIALS = (0.0, 0.25, 0.5, 0.75, 1.0)
PARITY, UTILITY = 'Downstream parity ratio', 'AUC'
WITHOUT = ', without sensitive columns'  # ends the name of a figure of models that do not see them
MOST_POINTS = 3000  # more hide each other


def frontier(
    synthesizer: Any,
    real: Table,
    holdout: Table | None = None,
    dials: Sequence[float] = DIALS,
    num_rows: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Measures samples of one fitted synthesizer at several dials, beside the real rows.

    Nothing is fitted again. The dial is put back afterwards; SDV's sampling goes on where the last dial left it.

    Args:
        synthesizer: A fitted ``FairDistillSynthesizer`` with sensitive columns, a target and a favorable value.
        real: The real rows that it was fitted on.
        holdout: Real rows that it has not seen; None splits some off ``real``, which flatters the samples.
        dials: From 0 (as the data is) to 1 (repaired).
        num_rows: Rows of every sample; as many as ``real`` if None.
        seed: Decides everything random in the models.

    Returns:
        A line for ``'real'`` and one a dial (``'dial 0'``, …): ``Label parity ratio``, and of boosting trained on the
        rows ``Downstream parity ratio``, ``Equalized odds difference``, ``AUC`` and ``Accuracy``; these four again of
        boosting that does not see the sensitive columns, named ``AUC, without sensitive columns`` and so on.
    """
    metadata = synthesizer.get_metadata()
    roles = (synthesizer.sensitive_columns, synthesizer.target_column, synthesizer.favorable_value)
    rows = num_rows or len(Case.of(real, {}, metadata, *roles, holdout, seed).real)
    kept, samples = synthesizer.dial, {}
    try:
        for dial in dials:
            synthesizer.set_fairness(dial=dial)
            samples[f'dial {dial:g}'] = synthesizer.sample(rows)
    finally:
        synthesizer.set_fairness(dial=kept)
    judge = Judge(Case.of(real, samples, metadata, *roles, holdout, seed))
    return pd.DataFrame({kind: _point(judge, kind) for kind in (REAL, *samples)}).T


@set_plotly_config
def plot_frontier(
    synthesizer: Any,
    real: Table,
    holdout: Table | None = None,
    dials: Sequence[float] = DIALS,
    num_rows: int | None = None,
    seed: int = 0,
) -> go.Figure:
    """Draws what fairness costs over the dial, real rows as a point; takes what :func:`frontier` takes.

    A solid line is of models that see all columns, a dashed one of models without the sensitive ones.
    """
    points = frontier(synthesizer, real, holdout, dials, num_rows, seed)
    return tradeoff_figure(points, 'What fairness costs, by dial', UTILITY, PARITY, line=True, without=WITHOUT)


@set_plotly_config
def plot_label_rates(
    real: Table,
    synthetic: Table,
    metadata: Any,
    sensitive_columns: Sequence[str] | str,
    target_column: str,
    favorable_value: Any,
) -> go.Figure:
    """Draws how often each group has the favorable label, real beside synthetic, with 95 % intervals.

    The picture of the report's Label Parity, without training the models of the other properties.

    Args:
        real: The real rows.
        synthetic: The synthetic rows.
        metadata: SDV's metadata of the table.
        sensitive_columns: Columns whose combinations are the groups; numbers and dates are cut into quantile bins.
        target_column: The label.
        favorable_value: The label's desired value.
    """
    roles = (sensitive_columns, target_column, favorable_value)
    judge, parity = Judge(Case.of(real, {SYNTHETIC: synthetic}, metadata, *roles, holdout=real)), LabelParity()
    return parity.figure(parity.measure(judge, step=lambda: None))


@set_plotly_config
def plot_causal_graph(
    causal_graph: Any,
    sensitive_columns: Sequence[str] | str = (),
    target_column: str | None = None,
    admissible_columns: Sequence[str] | str = (),
    cut_edges: Sequence[tuple[str, str]] = (),
    notion: str | None = None,
    title: str = 'What is assumed to cause what',
) -> go.Figure:
    """Draws a causal graph: sensitive and resolving columns and the label marked, the edges that are cut dashed.

    Args:
        causal_graph: What :func:`~sdv_fairdistill.causal.read_graph` takes.
        sensitive_columns: The sensitive columns; one name stands for a list of it.
        target_column: The label.
        admissible_columns: The columns through which effects may pass.
        cut_edges: Edges to draw dashed.
        notion: A notion whose edges are drawn dashed, in place of ``cut_edges``.
        title: Title of the figure.

    Raises:
        FairDistillError: If the graph cannot be read, or the notion cuts no edges.

    Example:
        >>> figure = plot_causal_graph([('sex', 'job'), ('job', 'pay')], 'sex', 'pay', notion='no_total_effect')
        >>> [trace.name for trace in figure.data]
        ['effect', 'cut', 'sensitive', 'label', 'other']
    """
    from sdv_fairdistill.views import NOTIONS, cuts_edges

    graph = read_graph(causal_graph)
    sensitive, admissible = (
        (names,) if isinstance(names, str) else tuple(names) for names in (sensitive_columns, admissible_columns)
    )
    cut = frozenset(check_cut_edges(cut_edges or None, graph))
    if notion is not None:
        if notion not in NOTIONS or not cuts_edges(notion):
            known = [name for name in NOTIONS if cuts_edges(name)]
            raise FairDistillError(f'The notion {notion!r} cuts no edges of a causal graph. Those that do are {known}.')
        check_graph(graph, graph.nodes, sensitive, target_column)
        cut = NOTIONS[notion]().cut(CausalRoles(graph, sensitive, target_column, admissible, tuple(cut))).edges
    parts = dict.fromkeys(graph.order, 'other') | dict.fromkeys(admissible, 'resolving')
    parts |= dict.fromkeys(sensitive, 'sensitive') | ({} if target_column is None else {target_column: 'label'})
    return graph_figure(graph.edges, _layered(graph), parts, cut, title)


def _layered(graph: CausalGraph) -> dict[str, tuple[float, float]]:
    """Places each column one step to the right of its last cause, those of one step below each other."""
    steps: dict[str, int] = {}
    for name in graph.order:
        steps[name] = 1 + max((steps[cause] for cause in graph.parents(name)), default=-1)
    places = {}
    for step in range(1 + max(steps.values())):
        names = [name for name in graph.order if steps[name] == step]
        for row, name in enumerate(names):  # neighbours are set off, so that edges between them are seen
            places[name] = (float(step), (len(names) - 1) / 2 - row + 0.25 * (step % 2))
    return places


@set_plotly_config
def plot_latent_space(synthesizer: Any, real: Table, seed: int = 0) -> go.Figure:
    """Draws the fair latents of real rows, by group and by label: the two directions in which they differ most.

    In a fair latent space the groups lie over each other, and the labels do not.

    Args:
        synthesizer: A fitted ``FairDistillSynthesizer`` with sensitive columns, a target and a favorable value.
        real: Real rows; at most 3,000 of them are drawn.
        seed: Decides which.
    """
    roles = (synthesizer.sensitive_columns, synthesizer.target_column, synthesizer.favorable_value)
    case = Case.of(real, {}, synthesizer.get_metadata(), *roles, holdout=real)
    rows = case.real.sample(min(MOST_POINTS, len(case.real)), random_state=seed)
    latents = synthesizer.get_fair_representation(rows)
    analysis = PCA(2, random_state=seed).fit(latents.to_numpy())
    points = pd.DataFrame(analysis.transform(latents.to_numpy()), columns=['x', 'y'], index=rows.index)
    desired = f'{case.roles.target} = {case.roles.favorable}'
    labels = (rows[case.roles.target] == case.roles.favorable).map({True: desired, False: 'other'})
    points = points.assign(Group=case.task.grouping.of(case.task.schema.read(rows)), Label=labels)
    share = analysis.explained_variance_ratio_.sum()
    return latent_figure(points, f'Fair latents of real rows<br><sub>{share:.0%} of their variance</sub>')


def _point(judge: Judge, kind: str) -> dict[str, float]:
    figures = {'Label parity ratio': judge.label(kind).ratio}
    for model, ending in (('boosting', ''), ('boosting, blind', WITHOUT)):
        found = judge.model(kind, model)
        measured = {
            PARITY: found.selection.ratio,
            'Equalized odds difference': found.equalized_odds_difference,
            UTILITY: found.auc,
            'Accuracy': found.accuracy,
        }
        figures.update({f'{name}{ending}': value for name, value in measured.items()})
    return figures
