"""Counterfactual labels and columns of drawn rows, along a causal graph; how mechanisms are learned stays out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from sdv_fairdistill.causal import CausalGraph, Cut
from sdv_fairdistill.helpers.choice import even_choice
from sdv_fairdistill.networks.mechanisms import Mechanisms, MechanismSizes
from sdv_fairdistill.sampling.even import even_classes
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.table.groups import Groups
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views.coupling import couple, couple_ranks

__all__ = ['Counterfactual', 'Counterfactuals', 'Path']

CHUNK = 8_192  # rows whose probabilities are held at once
_TINY = 1e-9


@dataclass(frozen=True)
class Path:
    """What one notion changes, by position of columns.

    Attributes:
        cut: The edges that are cut.
        changed: The columns that change, each after its causes; the label last, if it does.
        referred: The columns that must be known as they would be at the reference, likewise: those that are not
            sensitive and at whose end an edge is cut.
    """

    cut: frozenset[tuple[int, int]]
    changed: tuple[int, ...]
    referred: tuple[int, ...]

    @classmethod
    def of(cls, cut: Cut, graph: CausalGraph, sensitive: list[str], target: str) -> Path:
        """Reads off a graph whose nodes are positions, as text, what a cut changes on the way to the label."""
        useful = graph.ancestors([target]) | {target}
        everything = Cut.total(graph, sensitive)
        causes = {cause for cause, _ in cut.edges} - set(sensitive)
        below = everything.changed(graph, sensitive)
        referred = (causes | graph.ancestors(causes)) & below
        changed = cut.changed(graph, sensitive)

        def placed(names: frozenset[str]) -> tuple[int, ...]:
            return tuple(int(name) for name in graph.order if name in names)

        others = placed(changed - {target})
        ends = (int(target),) if target in changed & useful else ()
        edges = frozenset((int(cause), int(effect)) for cause, effect in cut.edges)
        return cls(edges, (*others, *ends), placed(frozenset(referred)))


@dataclass(frozen=True)
class Counterfactual:
    """Changes drawn rows to what they would be if sensitive columns were others along the cut edges, and only there.

    Every row gets a reference: sensitive values drawn from those of the table. What depends on them along a cut edge
    becomes what it would be with them: numbers keep their rank among their like, levels change as seldom as can be
    (:func:`couple_ranks`, :func:`couple`), and so do labels. Over the rows of one kind this averages over references.

    Attributes:
        network: The mechanisms.
        path: What is changed.
        layout: Roles of the columns.
        groups: Combinations of sensitive values and how often they occur.
        moves: Mean probabilities of the changed label given the drawn one ``(groups, classes, classes)``.
    """

    network: Mechanisms
    path: Path
    layout: Layout
    groups: Groups
    moves: np.ndarray | None = None

    def references(self, count: int, generators: Generators) -> np.ndarray:
        """Draws sensitive tokens ``(rows, sensitive columns)``, each combination as often as it occurs."""
        drawn = even_choice(self.groups.shares, count, generators.numpy)
        return self.groups.combinations[generators.numpy.permutation(drawn)]

    def columns(self, rows: np.ndarray, reference: np.ndarray, generators: Generators) -> tuple[np.ndarray, np.ndarray]:
        """Changes the columns above the label.

        Args:
            rows: Token table ``(rows, columns)``, int64.
            reference: Sensitive tokens ``(rows, sensitive columns)``.
            generators: Draw what a value becomes.

        Returns:
            The table with changed columns, and what the causes of cut edges are seen as; both as ``rows``.
        """
        seen = rows.copy()
        seen[:, self.layout.sensitive] = reference
        for column in self.path.referred:
            seen[:, column] = self._drawn(column, rows, seen, generators)
        changed = rows.copy()
        for column in self.path.changed:
            if column != self.layout.target:
                inputs = self._inputs(column, changed, seen)
                changed[:, column] = self._drawn(column, rows, inputs, generators)
        return changed, seen

    def label_probabilities(self, rows: np.ndarray, changed: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Gives the probabilities ``(rows, classes)`` of the changed label; takes what :meth:`columns` gives."""
        target = self.layout.target
        if target not in self.path.changed:
            return np.eye(self.layout.classes)[rows[:, target]]
        return self._coupled(target, rows, self._inputs(target, changed, seen))

    def change(
        self, rows: np.ndarray, group: np.ndarray, generators: Generators, even: bool, with_columns: bool
    ) -> np.ndarray:
        """Changes rows.

        Args:
            rows: Token table ``(rows, columns)``.
            group: Groups ``(rows,)``.
            generators: Draw everything.
            even: Whether the rates of labels in each group shall hardly miss what they are expected to be.
            with_columns: Whether the columns above the label stay changed too.
        """
        rows = rows.astype(np.int64)
        changed, seen = self.columns(rows, self.references(len(rows), generators), generators)
        target, result = self.layout.target, changed if with_columns else rows.copy()
        if target in self.path.changed:
            probabilities = self.label_probabilities(rows, changed, seen)
            result[:, target] = self._label(probabilities, rows[:, target], group, generators, even)
        return result

    def outlook(self, wanted: int) -> np.ndarray:
        """Gives about how likely a label becomes the wanted one ``(groups, classes)``, before columns are known."""
        return self.moves[:, :, wanted] + _TINY

    def moves_of(self, rows: np.ndarray, group: np.ndarray, generators: Generators) -> np.ndarray:
        """Measures ``moves`` on some rows."""
        probabilities = self.label_probabilities(
            rows, *self.columns(rows, self.references(len(rows), generators), generators)
        )
        classes, target = self.layout.classes, rows[:, self.layout.target]
        moves = np.tile(np.eye(classes, dtype=np.float32), (self.groups.count, 1, 1))
        for number, label in np.unique(np.column_stack([group, target]), axis=0):
            moves[number, label] = probabilities[(group == number) & (target == label)].mean(0)
        return moves

    def _label(
        self, probabilities: np.ndarray, label: np.ndarray, group: np.ndarray, generators: Generators, even: bool
    ) -> np.ndarray:
        if not even:
            return _drawn(probabilities, generators)
        blocks = group * self.layout.classes + label
        return even_classes(torch.from_numpy(probabilities), blocks, generators.numpy).numpy()

    def _inputs(self, column: int, changed: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Gives rows in which the causes of a column are as it sees them."""
        causes = [cause for cause, effect in self.path.cut if effect == column]
        if not causes:
            return changed
        inputs = changed.copy()
        inputs[:, causes] = seen[:, causes]
        return inputs

    def _drawn(self, column: int, rows: np.ndarray, inputs: np.ndarray, generators: Generators) -> np.ndarray:
        parts = [slice(begin, begin + CHUNK) for begin in range(0, len(rows), CHUNK)]
        return np.concatenate(
            [_drawn(self._coupled(column, rows[part], inputs[part]), generators) for part in parts] or [rows[:, column]]
        )

    @torch.no_grad()
    def _coupled(self, column: int, rows: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Gives the probabilities ``(rows, tokens)`` of what a column becomes when its causes are those of inputs."""
        device = next(self.network.parameters()).device
        own, other = (
            self.network(column, torch.from_numpy(table).to(device)).double().exp().cpu().numpy()
            for table in (rows, inputs)
        )
        if self.layout.ordered[column]:
            return couple_ranks(own, other, rows[:, column], self.layout.missing_of(column))
        return couple(own, other, rows[:, column])


def _drawn(probabilities: np.ndarray, generators: Generators) -> np.ndarray:
    reached = probabilities.cumsum(1)
    uniform = generators.numpy.random((len(reached), 1)) * reached[:, -1:]
    return np.minimum((reached[:, :-1] <= uniform).sum(1), probabilities.shape[1] - 1)


class Counterfactuals:
    """The changes of all notions of a fit that cut edges, over one network.

    Args:
        network: The mechanisms, trained.
        paths: For each notion what it changes.
        moves: For each notion how labels move; see :class:`Counterfactual`.
    """

    def __init__(self, network: Mechanisms, paths: Mapping[str, Path], moves: Mapping[str, np.ndarray]) -> None:
        self.network, self.paths, self.moves = network, dict(paths), dict(moves)

    def of(self, notion: str, layout: Layout, groups: Groups) -> Counterfactual:
        """Gives the change that a notion makes."""
        return Counterfactual(self.network, self.paths[notion], layout, groups, self.moves[notion])

    def state(self) -> dict[str, Any]:
        """Gives what is saved: the network as numbers on the CPU."""
        weights = {name: value.cpu().numpy() for name, value in self.network.state_dict().items()}
        return {'weights': weights, 'sizes': self.network.sizes, 'paths': self.paths, 'moves': self.moves}

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Counterfactuals:
        """Builds it again, on the CPU."""
        sizes: MechanismSizes = state['sizes']
        network = Mechanisms(sizes)
        network.load_state_dict({name: torch.from_numpy(value) for name, value in state['weights'].items()})
        return cls(network.eval(), state['paths'], state['moves'])
