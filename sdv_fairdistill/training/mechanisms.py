"""Learning the mechanisms of a causal graph from rows that the student draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from sdv_fairdistill.causal import CausalGraph, CausalRoles
from sdv_fairdistill.networks.mechanisms import Mechanisms, MechanismSizes
from sdv_fairdistill.sampling.counterfactual import Counterfactual, Counterfactuals, Path
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.drawn import Drawn
from sdv_fairdistill.training.loop import Losses, Plan, batches, train
from sdv_fairdistill.views import NOTIONS, cuts_edges

__all__ = ['learn_counterfactuals', 'learn_mechanisms', 'paths_of']


def learn_counterfactuals(drawn: Drawn, notions: Sequence[str]) -> Counterfactuals | None:
    """Learns what columns and label would be if the sensitive columns were others.

    The mechanisms are learned from drawn rows, not from the data: what is to be undone is how *these* rows depend on
    the sensitive columns. One network serves all notions, which differ in what they cut.

    Args:
        drawn: The rows; their layout has a causal graph.
        notions: Names of the notions; those that cut no edges are left out.

    Returns:
        The changes; None if no notion cuts edges.
    """
    layout, names = drawn.layout, [name for name in notions if cuts_edges(name)]
    if not names or layout.target is None or not layout.edges:
        return None
    graph, paths = paths_of(names, layout)
    rows = drawn.rows.astype(np.int64)
    network = learn_mechanisms(rows, layout, graph, paths, drawn.config, drawn.generator, drawn.verbose)
    generators = Generators.of(drawn.seed, torch.device('cpu'))
    moves = {
        name: Counterfactual(network, path, layout, drawn.groups).moves_of(rows, drawn.group, generators)
        for name, path in paths.items()
    }
    return Counterfactuals(network, paths, moves)


def learn_mechanisms(
    rows: np.ndarray,
    layout: Layout,
    graph: CausalGraph,
    paths: Mapping[str, Path],
    config: FitConfig,
    generator: torch.Generator,
    verbose: bool = False,
) -> Mechanisms:
    """Learns the distribution of every column that changes, given its causes.

    Args:
        rows: Token table ``(rows, columns)``, int64.
        layout: Roles of the columns.
        graph: The graph of positions, as text.
        paths: For each notion what it changes.
        config: Numbers of the fit.
        generator: Draws batches; its device is that of the network.
        verbose: Whether to show a progress bar.
    """
    learned = sorted({column for path in paths.values() for column in (*path.changed, *path.referred)})
    sizes = MechanismSizes(
        layout.cardinalities,
        layout.ordered,
        {column: tuple(map(int, graph.parents(str(column)))) for column in learned},
        config.mechanism_features,
        config.mechanism_hidden,
    )
    device = generator.device
    network = Mechanisms(sizes).to(device)
    counts = [np.bincount(rows[:, column], minlength=size) for column, size in enumerate(layout.cardinalities)]
    network.start_at([torch.from_numpy(each).to(device) for each in counts])
    _teach(network, torch.from_numpy(rows).to(device), config, generator, verbose)
    return network


def paths_of(notions: Sequence[str], layout: Layout) -> tuple[CausalGraph, dict[str, Path]]:
    """Gives the graph of positions, as text, and what each notion changes in it."""
    graph = CausalGraph.of(layout.edges)
    sensitive, target = [str(column) for column in layout.sensitive], str(layout.target)
    admissible = [str(column) for column in layout.admissible]
    chosen = [(str(cause), str(effect)) for cause, effect in layout.cut_edges]
    given = CausalRoles(graph, sensitive, target, admissible, chosen)
    cuts = {name: NOTIONS[name]().cut(given) for name in notions}
    return graph, {name: Path.of(cut, graph, sensitive, target) for name, cut in cuts.items()}


def _teach(network: Mechanisms, rows: Tensor, config: FitConfig, generator: torch.Generator, verbose: bool) -> None:
    batch, steps = config.repair_plan_of(len(rows))
    rate, warm_up, clip, decay = config.mechanism_learning_rate, config.warm_up, config.clip_norm, config.repair_decay

    def step(chosen: Tensor, _: float) -> Losses:
        given = rows[chosen]
        parts = [-network(column, given).gather(1, given[:, column, None]).mean() for column in network.sizes.parents]
        return {'Loss': torch.stack(parts).sum()}

    source = batches(len(rows), batch, generator, rows.device)
    train(network, step, source, Plan('Mechanisms', steps, rate, warm_up, clip, decay, verbose))
