"""The last stage: what notions want of the labels of rows that the student draws, learned by a small network."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from torch import Tensor

from sdv_fairdistill.networks.fair_vae import Student
from sdv_fairdistill.networks.repairer import Repairer
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.repair import ClassChange, LabelChange, RankChange
from sdv_fairdistill.sampling.repairs import Repair, Repairs, RepairSizes
from sdv_fairdistill.sampling.rows import Source, draw_rows
from sdv_fairdistill.table.groups import Groups, middle_ranks
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.config import FitConfig
from sdv_fairdistill.training.inherited import Heirs, inherited_repair
from sdv_fairdistill.training.loop import Losses, Plan, batches, train
from sdv_fairdistill.views import NOTIONS, Evidence, Mixture, is_relabelled, strata_of
from sdv_fairdistill.views.boosted import Boosted, cross_scores

__all__ = ['LabelScores', 'learn_repairs']

DEAR = 0.06  # loss of AUC worth a warning: Adult loses .04 to parity of either kind, Compas .09 to the blind one
MOST_REAL = 50_000  # rows of real people among whom predictions are compared


class LabelScores:
    """Scores of the label, learned from real rows, for any rows.

    Args:
        tokens: Token table ``(rows, columns)`` of the real rows.
        layout: Roles of the columns; it has a target.
        notions: Names of the notions that the scores are for: only what these need is learned.
        seed: Decides what is random.
    """

    def __init__(self, tokens: np.ndarray, layout: Layout, notions: Sequence[str], seed: int) -> None:
        self.layout, self.seed = layout, seed
        self.missing = layout.missing_of(layout.target)
        others, everything = list(layout.drawn), [*layout.drawn, *layout.sensitive]
        labels = tokens[:, layout.target].astype(np.int64)
        self.ranks, self.outputs = None, layout.classes
        known = np.ones(len(labels), dtype=bool)
        if layout.ordered[layout.target]:
            self.ranks, self.outputs = middle_ranks(labels, layout.classes, self.missing), 1
            known = labels != self.missing
        aware = [reads_sensitive(name) for name in notions]
        mixes = any(issubclass(NOTIONS[name], Mixture) for name in notions)
        learned = (tokens[known], self.numbers(labels)[known])
        self.own = self.unaware = None
        if any(aware):
            self.own = Boosted(*learned, everything, layout, self.outputs, seed, additive=True)
        if mixes or not all(aware):
            self.unaware = Boosted(*learned, others, layout, self.outputs, seed)

    def numbers(self, labels: np.ndarray) -> np.ndarray:
        """Gives what is scored of labels ``(rows,)``: their classes, or their ranks; NaN if one is missing."""
        return labels if self.ranks is None else self.ranks[labels]

    def evidence(self, tokens: np.ndarray, group: np.ndarray) -> Evidence:
        """Gives what notions repair from, of any rows: token table ``(rows, columns)`` and groups ``(rows,)``."""
        nothing = np.zeros((len(tokens), 0))
        return Evidence(
            labels=tokens[:, self.layout.target].astype(np.int64),
            score=nothing if self.own is None else self.own.of(tokens),
            blind=nothing,
            groups=group,
            strata=strata_of(tokens, self.layout),
            seed=self.seed,
            missing=self.missing,
            unaware=None if self.unaware is None else self.unaware.of(tokens),
        )


def reads_sensitive(notion: str) -> bool:
    """Tells whether the score of a notion that changes labels reads the sensitive columns."""
    kind = NOTIONS[notion]
    return NOTIONS[kind.view].reads_sensitive if issubclass(kind, Mixture) else kind.reads_sensitive


@dataclass(frozen=True)
class _Lesson:
    """Rows that the student drew, and what the network is to say of them."""

    tokens: Tensor
    sensitive: Tensor
    targets: list[Tensor]


def learn_repairs(
    student: Student,
    tokens: np.ndarray,
    group: np.ndarray,
    groups: Groups,
    layout: Layout,
    notions: Sequence[str],
    config: FitConfig,
    generator: torch.Generator,
    seed: int,
    verbose: bool,
) -> tuple[Repairs | None, dict[str, tuple[str, float]]]:
    """Learns how each notion changes the labels of the rows that a student draws.

    Scores of the label are boosted from the real rows and read off drawn ones; the notion repairs them there. A network
    then learns the repaired scores and, so that labels are changed as little as they can be, the score that the drawn
    labels follow themselves: distillation again, of the repair.

    Args:
        student: The trained student, with a raw view.
        tokens: Token table ``(rows, columns)`` of the real rows.
        group: Their groups ``(rows,)``.
        groups: The groups.
        layout: Roles of the columns.
        notions: Names of the notions; those that change no labels are left out.
        config: Numbers of the fit.
        generator: Draws batches.
        seed: Decides everything else that is random.
        verbose: Whether to show a progress bar.

    Returns:
        The repairs, None if there are none; and for each notion the name of the one whose repair it uses, with the
        share of rows that it changes at dial 1.
    """
    notions = [name for name in notions if is_relabelled(name)]
    if not notions or layout.target is None or groups.count < 2:
        return None, {}
    mixtures = [name for name in notions if issubclass(NOTIONS[name], Mixture)]
    names = list(dict.fromkeys(NOTIONS[name].view if name in mixtures else name for name in notions))
    device = student.sampler.means.device
    scores = LabelScores(tokens, layout, [*names, *mixtures], seed)
    count = config.repair_rows_of(len(tokens), len(layout.drawn))
    drawn = draw_rows(Source(student, layout, groups, 0, 0.0), count, Generators.of(seed, device))
    drawn_group = groups.of(drawn[:, layout.sensitive])
    evidence = scores.evidence(drawn, drawn_group)
    real = np.random.default_rng(seed).permutation(len(tokens))[:MOST_REAL]
    among = replace(evidence, groups=group[real])
    if not all(map(reads_sensitive, names)):
        likeness, theirs = cross_scores(drawn, drawn_group, layout.drawn, layout, groups.count, seed, tokens[real])
        evidence, among = replace(evidence, likeness=likeness), replace(among, likeness=theirs)
    own = _own_score(drawn, evidence, scores, layout)
    shares = np.bincount(tokens[:, layout.target], minlength=layout.classes) / len(tokens)

    def change_of(own: np.ndarray, repaired: np.ndarray) -> LabelChange:
        if scores.ranks is None:
            rates = np.tile(shares, (groups.count, 1))
            return ClassChange.of(evidence.labels, own, repaired, drawn_group, rates)
        chance, missing = np.random.default_rng(seed), scores.missing
        return RankChange.of(evidence.labels, own, repaired, drawn_group, scores.ranks, missing, groups.count, chance)

    def relabel(repaired: np.ndarray, draw: int) -> np.ndarray:
        change, generators = change_of(own, repaired), Generators.of(seed + draw, torch.device('cpu'))
        return scores.numbers(change.change(evidence.labels, own, repaired, drawn_group, generators, even=True))

    everything = [*layout.drawn, *layout.sensitive]
    repaired = {}
    for name in names:
        columns = everything if reads_sensitive(name) else layout.drawn
        heirs = Heirs(drawn, columns, layout, relabel, tokens[real], seed)
        repaired[name] = inherited_repair(NOTIONS[name](), evidence, heirs, among)
    recipes = {name: (name, 1.0) for name in names}
    for name in names:
        if not NOTIONS[name].reads_sensitive:
            _warn_if_dear(name, evidence, repaired[name])
    for name in mixtures:
        mixed = repaired[NOTIONS[name].view]
        unaware = np.column_stack([cross_scores(drawn, part, layout.drawn, layout, 1, seed)[0] for part in mixed.T])
        share = NOTIONS[name]().share(replace(evidence, unaware_repaired=unaware), mixed)
        recipes[name] = (NOTIONS[name].view, share)
    sizes = RepairSizes(
        layout.drawn_cardinalities,
        groups.width,
        scores.outputs,
        (True, *map(reads_sensitive, names)),
        config.repair_features,
        config.repair_hidden,
        tuple(layout.drawn_bins),
    )
    network = sizes.build().to(device)
    lesson = _Lesson(
        torch.from_numpy(drawn[:, layout.drawn].astype(np.int64)).to(device),
        torch.from_numpy(groups.features(drawn[:, layout.sensitive])).to(device),
        [torch.from_numpy(score).float().to(device) for score in (own, *repaired.values())],
    )
    _teach(network, lesson, config, generator, verbose)
    heads = {name: number for number, name in enumerate(names, start=1)}
    changes: dict[str, LabelChange] = {}
    for name in names:
        scored = Repair(network, heads[name], None).scores(lesson.tokens, lesson.sensitive)
        changes[name] = change_of(*scored)
    return Repairs(network, sizes, heads, changes), {name: recipes[name] for name in notions}


def _own_score(drawn: np.ndarray, evidence: Evidence, scores: LabelScores, layout: Layout) -> np.ndarray:
    """Gives the score that the labels of drawn rows follow as they are ``(rows, outputs)``."""
    known = evidence.labels != (scores.missing if scores.ranks is not None else -1)
    numbers, columns = scores.numbers(evidence.labels)[known], [*layout.drawn, *layout.sensitive]
    own = np.empty((len(drawn), scores.outputs))
    own[known] = cross_scores(drawn[known], numbers, columns, layout, scores.outputs, scores.seed)[0]
    own[~known] = own[known].mean(0)
    return own


def _warn_if_dear(notion: str, evidence: Evidence, repaired: np.ndarray) -> None:
    """Warns where a score that reads no sensitive column loses much of what it knows of the label."""
    before, after = (_skill(evidence.labels, score, evidence.missing) for score in (evidence.unaware, repaired))
    if before - after > DEAR:
        measure = 'AUC' if repaired.shape[1] > 1 else 'rank correlation'
        warnings.warn(
            f'{notion} is dear on this table: the score that labels follow tells them with {measure} {after:.2f}, and'
            f' without repair with {before:.2f}. Most of what the other columns say of the label they say of the group'
            ' as well, or too little of the group to tell both apart. Where models may see the sensitive columns,'
            " notion='demographic_parity' can cost less; so does a smaller dial.",
            stacklevel=2,
        )


def _skill(labels: np.ndarray, score: np.ndarray, missing: int) -> float:
    """Gives how well a score tells labels: the mean AUC of the classes, or the rank correlation with numbers."""
    if score.shape[1] == 1:
        known = labels != missing
        return float(spearmanr(labels[known], score[known, 0]).statistic)
    counts = np.bincount(labels, minlength=score.shape[1])
    classes = np.flatnonzero((counts > 0) & (counts < len(labels)))
    aucs = [roc_auc_score(labels == number, score[:, number]) for number in classes]
    return float(np.average(aucs, weights=counts[classes])) if len(classes) else 0.0


def _teach(network: Repairer, lesson: _Lesson, config: FitConfig, generator: torch.Generator, verbose: bool) -> None:
    """Trains a network to say of rows what it is to say."""
    rows = len(lesson.tokens)
    batch, steps = config.repair_plan_of(rows)
    rate, warm_up, clip, decay = config.repair_learning_rate, config.warm_up, config.clip_norm, config.repair_decay

    def step(chosen: Tensor, _: float) -> Losses:
        given = network(lesson.tokens[chosen], lesson.sensitive[chosen])
        parts = [_loss(output, target[chosen]) for output, target in zip(given, lesson.targets, strict=True)]
        return {'Loss': torch.stack(parts).sum()}

    source = batches(rows, batch, generator, lesson.tokens.device)
    train(network, step, source, Plan('Repair', steps, rate, warm_up, clip, decay, verbose))


def _loss(output: Tensor, target: Tensor) -> Tensor:
    """Gives the cross-entropy of class probabilities, or the squared error of expected ranks in units of a rank's."""
    if output.shape[1] > 1:
        return -(target * output.log_softmax(1)).sum(1).mean()
    return 12 * (output - target).square().mean()
