"""From tokens to label views: the raw one first, then one for every notion whose label a head draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import sdv_fairdistill.views.blind_parity
import sdv_fairdistill.views.conditional_parity
import sdv_fairdistill.views.demographic_parity
import sdv_fairdistill.views.effects
import sdv_fairdistill.views.equalized_odds
import sdv_fairdistill.views.unawareness  # noqa: F401  (each registers its notion)
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.table.groups import Groups, middle_ranks
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views.coupling import couple
from sdv_fairdistill.views.label_view import LabelView, Views
from sdv_fairdistill.views.notion import NOTIONS, EdgeCut, Evidence, Mixture, Reads, Relabelling
from sdv_fairdistill.views.order import is_drawn_last
from sdv_fairdistill.views.score import LabelScore, label_score

__all__ = ['RAW', 'build_views', 'check_target', 'cuts_edges', 'is_blind', 'is_relabelled', 'strata_of']

RAW = 'raw'
STRATUM_BINS = 4  # quantile bins of a numeric admissible column


def build_views(
    tokens: np.ndarray,
    layout: Layout,
    groups: Groups,
    combination: np.ndarray,
    notions: Sequence[str],
    seed: int,
    many: int,
) -> Views:
    """Repairs the label of a token table.

    Args:
        tokens: Token table ``(rows, columns)``.
        layout: Roles of the columns.
        groups: The groups.
        combination: Combination of sensitive values of every row ``(rows,)``.
        notions: Names of the notions to repair for.
        seed: Seed of the label score.
        many: Rows from which the raw label is drawn last.

    Returns:
        The raw view and, if there are a target and at least two groups, those that the notions need. A notion that
        changes the labels of drawn rows needs none.
    """
    raw = LabelView(RAW, np.zeros(len(tokens), dtype=np.int64))
    if layout.target is None:
        return Views((raw,), {})
    reads = Reads.EVERYTHING if is_drawn_last(tokens, layout, seed, many) else None
    raw = LabelView(RAW, tokens[:, layout.target].astype(np.int64), None, reads)
    if groups.count < 2:
        return Views((raw,), {})
    by_views = [name for name in notions if not (is_relabelled(name) or cuts_edges(name))]
    mixtures = [name for name in by_views if issubclass(NOTIONS[name], Mixture)]
    names = list(dict.fromkeys(NOTIONS[name].view if name in mixtures else name for name in by_views))
    if not names:
        return Views((raw,), {})
    evidence = _evidence(tokens, layout, groups, combination, names, seed)
    if layout.ordered[layout.target]:
        views = [_ordered_view(name, evidence) for name in names]
        return Views((raw, *views), {name: (number, 1.0) for number, name in enumerate(names, start=1)})
    repaired = {name: NOTIONS[name]().repair_score(evidence) for name in names}
    recipes = {name: (number, 1.0) for number, name in enumerate(names, start=1)}
    for name in mixtures:
        view = NOTIONS[name].view
        recipes[name] = (recipes[view][0], NOTIONS[name]().share(evidence, repaired[view]))
    views = [_coupled_view(name, evidence, repaired[name]) for name in names]
    return Views((raw, *views), {name: recipes[name] for name in by_views})


def is_relabelled(name: str) -> bool:
    """Tells whether a notion changes the labels of drawn rows, itself or through the one that it mixes."""
    notion = NOTIONS[name]
    return issubclass(NOTIONS[notion.view] if issubclass(notion, Mixture) else notion, Relabelling)


def cuts_edges(name: str) -> bool:
    """Tells whether a notion cuts edges of a causal graph."""
    return issubclass(NOTIONS[name], EdgeCut)


def is_blind(name: str) -> bool:
    """Tells whether the label under a notion reads no sensitive column, so that models need not see one."""
    notion = NOTIONS[name]
    if issubclass(notion, EdgeCut):
        return False
    notion = NOTIONS[notion.view] if issubclass(notion, Mixture) else notion
    return not notion.reads_sensitive if issubclass(notion, Relabelling) else notion.reads is Reads.COLUMNS


def check_target(layout: Layout, notions: Sequence[str]) -> None:
    """Checks, before any work, that a target suits the notions.

    Raises:
        FairDistillError: If a notion asks for classes and the target is a number.
    """
    mixtures = [name for name in notions if issubclass(NOTIONS[name], Mixture)]
    if mixtures and layout.target is not None and layout.ordered[layout.target]:
        raise FairDistillError(
            f'The notion {mixtures[0]!r} compares classes of the target, which here is a number or a date. Use'
            ' another notion, or make classes of the target.'
        )


def _evidence(
    tokens: np.ndarray, layout: Layout, groups: Groups, combination: np.ndarray, names: Sequence[str], seed: int
) -> Evidence:
    labels = tokens[:, layout.target].astype(np.int64)
    if layout.ordered[layout.target]:
        score = LabelScore(np.zeros((len(labels), 0)), np.zeros((len(labels), 0)))
    else:
        with_blind = any(NOTIONS[name].reads is Reads.COLUMNS for name in names)
        score = label_score(tokens, layout, groups, with_blind, seed)
    group, strata = groups.group_of[combination], strata_of(tokens, layout)
    return Evidence(labels, score.own, score.blind, group, strata, seed, layout.missing_of(layout.target))


def _ordered_view(name: str, evidence: Evidence) -> LabelView:
    notion = NOTIONS[name]()
    return LabelView(name, notion.repair_ordered(evidence), None, notion.reads)


def _coupled_view(name: str, evidence: Evidence, repaired: np.ndarray) -> LabelView:
    probabilities = couple(evidence.score, repaired, evidence.labels).astype(np.float32)
    return LabelView(name, evidence.labels, probabilities, NOTIONS[name].reads)


def strata_of(tokens: np.ndarray, layout: Layout) -> np.ndarray:
    """Gives the stratum of each row ``(rows,)``: its admissible values, numbers in bins, missing ones apart."""
    if not layout.admissible:
        return np.zeros(len(tokens), dtype=np.int64)
    values = tokens[:, layout.admissible].copy()
    for place, column in enumerate(layout.admissible):
        if layout.ordered[column]:
            ranks = middle_ranks(values[:, place], layout.cardinalities[column], layout.missing_of(column))
            values[:, place] = np.where(np.isnan(ranks), -1, ranks * STRATUM_BINS)[values[:, place]]
    return np.unique(values, axis=0, return_inverse=True)[1].reshape(-1)
