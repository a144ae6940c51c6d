"""The last stage: what notions want of the labels of rows that the student draws, learned by a small network."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from torch import Tensor

from sdv_fairdistill.helpers.threads import in_background
from sdv_fairdistill.networks.repairer import Repairer
from sdv_fairdistill.sampling.generators import Generators
from sdv_fairdistill.sampling.repair import ClassChange, LabelChange, RankChange
from sdv_fairdistill.sampling.repairs import Repair, Repairs, RepairSizes
from sdv_fairdistill.table.groups import Groups, middle_ranks
from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.training.drawn import Drawn
from sdv_fairdistill.training.inherited import Heirs, inherited_repair
from sdv_fairdistill.training.loop import Losses, Plan, batches, train
from sdv_fairdistill.views import NOTIONS, Evidence, Mixture, is_relabelled, strata_of
from sdv_fairdistill.views.boosted import Boosted, Quick, cross_scores

__all__ = ['LabelScores', 'begin_scores', 'learn_repairs']

DEAR = 0.06  # loss of AUC worth a warning: Adult loses .04 to parity of either kind, Compas .09 to the blind one
MOST_REAL = 25_000  # rows of real people among whom predictions are compared; all of Adult's left models as alike


class LabelScores:
    """Scores of the label, learned from real rows, for any rows.

    Args:
        tokens: Token table ``(rows, columns)`` of the real rows.
        layout: Roles of the columns; it has a target.
        notions: Names of the notions that the scores are for: only what these need is learned.
        seed: Decides what is random.
    """

    def __init__(self, tokens: np.ndarray, layout: Layout, notions: Sequence[str], seed: int) -> None:
        self.layout, self.notions, self.seed = layout, notions, seed
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


class _Labels:
    """The labels of drawn rows: what is known of them, and how repaired scores change them.

    Args:
        drawn: The drawn rows.
        tokens: Token table ``(rows, columns)`` of the real rows.
        group: Their groups ``(rows,)``.
        scores: Scores of the label.
        names: Names of the notions whose repairs are wanted.
    """

    def __init__(
        self, drawn: Drawn, tokens: np.ndarray, group: np.ndarray, scores: LabelScores, names: Sequence[str]
    ) -> None:
        self.drawn, self.layout, self.seed, self.scores = drawn, drawn.layout, drawn.seed, scores
        evidence = self.scores.evidence(drawn.rows, drawn.group)
        real = np.random.default_rng(self.seed).permutation(len(tokens))[:MOST_REAL]
        self.people, among = tokens[real], replace(evidence, groups=group[real])
        if not all(map(reads_sensitive, names)):
            likeness, theirs = self._cross_scores(drawn.group, drawn.groups.count, self.people)
            evidence, among = replace(evidence, likeness=likeness), replace(among, likeness=theirs)
        self.evidence, self.among = evidence, among
        self.own = _own_score(drawn.rows, evidence, self.scores, self.layout, Quick.among(drawn.learned))
        self.shares = np.bincount(tokens[:, self.layout.target], minlength=self.layout.classes) / len(tokens)

    def _cross_scores(
        self, target: np.ndarray, outputs: int, others: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scores the drawn rows, and others, by their columns that are not sensitive."""
        quick = Quick.among(self.drawn.learned)
        return cross_scores(self.drawn.rows, target, self.layout.drawn, self.layout, outputs, self.seed, others, quick)

    def change(self, own: np.ndarray, repaired: np.ndarray) -> LabelChange:
        """Gives how the labels change from one score to the other, each ``(rows, outputs)``."""
        scores, groups, labels = self.scores, self.drawn.groups, self.evidence.labels
        if scores.ranks is None:
            return ClassChange.of(labels, own, repaired, self.drawn.group, np.tile(self.shares, (groups.count, 1)))
        chance = np.random.default_rng(self.seed)
        return RankChange.of(
            labels, own, repaired, self.drawn.group, scores.ranks, scores.missing, groups.count, chance
        )

    def changed(self, repaired: np.ndarray, draw: int) -> np.ndarray:
        """Gives one draw of the changed labels, as numbers ``(rows,)``."""
        generators = Generators.of(self.seed + draw, torch.device('cpu'))
        change, labels = self.change(self.own, repaired), self.evidence.labels
        return self.scores.numbers(change.change(labels, self.own, repaired, self.drawn.group, generators, even=True))

    def repaired(self, notion: str) -> np.ndarray:
        """Gives the scores ``(rows, outputs)`` that a notion wants; warns if they know much less of the labels."""
        aware = reads_sensitive(notion)
        columns = [*self.layout.drawn, *self.layout.sensitive] if aware else self.layout.drawn
        heirs = Heirs(self.drawn.rows, columns, self.layout, self.changed, self.people, self.seed)
        repaired = inherited_repair(NOTIONS[notion](), self.evidence, heirs, self.among)
        if not NOTIONS[notion].reads_sensitive:
            _warn_if_dear(notion, self.evidence, repaired)
        return repaired

    def share(self, mixture: str, repaired: np.ndarray) -> float:
        """Gives the share of rows that a mixture takes from a repair, whose scores are given."""
        unaware = np.column_stack([self._cross_scores(part, 1)[0] for part in repaired.T])
        return NOTIONS[mixture]().share(replace(self.evidence, unaware_repaired=unaware), repaired)


def begin_scores(
    tokens: np.ndarray, layout: Layout, groups: Groups, notions: Sequence[str], seed: int
) -> Callable[[], LabelScores] | None:
    """Begins to learn the scores of the label, for which nothing else is needed, while networks are trained.

    Args:
        tokens: Token table ``(rows, columns)`` of the real rows.
        layout: Roles of the columns.
        groups: The groups.
        notions: Names of the notions; those that change no labels are left out.
        seed: Decides what is random.

    Returns:
        What gives the scores; None if none of the notions changes labels here.
    """
    notions = [name for name in notions if is_relabelled(name)]
    if not notions or layout.target is None or groups.count < 2:
        return None
    return in_background(LabelScores, tokens, layout, notions, seed)


def learn_repairs(
    drawn: Drawn, tokens: np.ndarray, group: np.ndarray, begun: Callable[[], LabelScores] | None
) -> tuple[Repairs | None, dict[str, tuple[str, float]]]:
    """Learns how each notion changes the labels of the rows that a student draws.

    Scores of the label are boosted from the real rows and read off drawn ones; the notion repairs them there. A network
    then learns the repaired scores and, so that labels are changed as little as they can be, the score that the drawn
    labels follow themselves: distillation again, of the repair.

    Args:
        drawn: The drawn rows.
        tokens: Token table ``(rows, columns)`` of the real rows.
        group: Their groups ``(rows,)``.
        begun: What :func:`begin_scores` gave.

    Returns:
        The repairs, None if there are none; and for each notion the name of the one whose repair it uses, with the
        share of rows that it changes at dial 1.
    """
    if begun is None:
        return None, {}
    scores = begun()
    notions = scores.notions
    mixtures = [name for name in notions if issubclass(NOTIONS[name], Mixture)]
    names = list(dict.fromkeys(NOTIONS[name].view if name in mixtures else name for name in notions))
    labels = _Labels(drawn, tokens, group, scores, names)
    repaired = {name: labels.repaired(name) for name in names}
    recipes = {name: (name, 1.0) for name in names}
    for name in mixtures:
        recipes[name] = NOTIONS[name].view, labels.share(name, repaired[NOTIONS[name].view])
    return _distilled(labels, repaired), {name: recipes[name] for name in notions}


def _distilled(labels: _Labels, repaired: Mapping[str, np.ndarray]) -> Repairs:
    """Distils the score that labels follow, and the repaired ones of each notion, into one network."""
    drawn, layout = labels.drawn, labels.layout
    sizes = RepairSizes(
        layout.drawn_cardinalities,
        drawn.groups.width,
        labels.scores.outputs,
        (True, *map(reads_sensitive, repaired)),
        drawn.config.repair_features,
        drawn.config.repair_hidden,
        tuple(layout.drawn_bins),
    )
    network = sizes.build().to(drawn.device)
    lesson = _Lesson(
        torch.from_numpy(drawn.rows[:, layout.drawn].astype(np.int64)).to(drawn.device),
        torch.from_numpy(drawn.groups.features(drawn.rows[:, layout.sensitive])).to(drawn.device),
        [torch.from_numpy(score).float().to(drawn.device) for score in (labels.own, *repaired.values())],
    )
    _teach(network, lesson, drawn)
    heads = {name: number for number, name in enumerate(repaired, start=1)}
    changes = {
        name: labels.change(*Repair(network, head, None).scores(lesson.tokens, lesson.sensitive))
        for name, head in heads.items()
    }
    return Repairs(network, sizes, heads, changes)


@dataclass(frozen=True)
class _Lesson:
    """Rows that the student drew, and what the network is to say of them."""

    tokens: Tensor
    sensitive: Tensor
    targets: list[Tensor]


def _own_score(rows: np.ndarray, evidence: Evidence, scores: LabelScores, layout: Layout, quick: Quick) -> np.ndarray:
    """Gives the score that the labels of drawn rows follow as they are ``(rows, outputs)``."""
    known = evidence.labels != (scores.missing if scores.ranks is not None else -1)
    numbers, columns = scores.numbers(evidence.labels)[known], [*layout.drawn, *layout.sensitive]
    own = np.empty((len(rows), scores.outputs))
    own[known] = cross_scores(rows[known], numbers, columns, layout, scores.outputs, scores.seed, quick=quick)[0]
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


def _teach(network: Repairer, lesson: _Lesson, drawn: Drawn) -> None:
    """Trains a network to say of rows what it is to say."""
    rows, config = len(lesson.tokens), drawn.config
    batch, steps = config.repair_plan_of(rows, drawn.groups.count)
    rate, warm_up, clip, decay = config.repair_learning_rate, config.warm_up, config.clip_norm, config.repair_decay

    def step(chosen: Tensor, _: float) -> Losses:
        given = network(lesson.tokens[chosen], lesson.sensitive[chosen])
        parts = [_loss(output, target[chosen]) for output, target in zip(given, lesson.targets, strict=True)]
        return {'Loss': torch.stack(parts).sum()}

    source = batches(rows, batch, drawn.generator, lesson.tokens.device)
    train(network, step, source, Plan('Repair', steps, rate, warm_up, clip, decay, drawn.verbose))


def _loss(output: Tensor, target: Tensor) -> Tensor:
    """Gives the cross-entropy of class probabilities, or the squared error of expected ranks in units of a rank's."""
    if output.shape[1] > 1:
        return -(target * output.log_softmax(1)).sum(1).mean()
    return 12 * (output - target).square().mean()
