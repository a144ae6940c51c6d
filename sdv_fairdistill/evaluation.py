"""Copies of a table side by side with the real rows, SDMetrics' scores and ours; single measures are in ``metrics``."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from sdmetrics.visualization import set_plotly_config

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.metrics import Associations, Downstream, Parity, TwoSample
from sdv_fairdistill.plots import tradeoff_figure
from sdv_fairdistill.privacy import PrivacyStatement
from sdv_fairdistill.report import Case, FairnessReport, Judge
from sdv_fairdistill.report.case import HOLDOUT, REAL, SYNTHETIC, Table
from sdv_fairdistill.report.common import warning
from sdv_fairdistill.table.roles import Roles

__all__ = ['WITHOUT', 'Evaluation', 'Scores', 'compare', 'evaluate', 'evaluate_fairness']

WIDTH = 100  # characters of a printed line
PARITY, UTILITY = 'Downstream parity ratio', 'AUC'
ASSOCIATIONS, TOLD_APART = 'Association similarity', 'Two-sample AUC'
WITHOUT = ', without sensitive columns'  # ends the name of a line about models that do not see them


@dataclass(frozen=True)
class Scores:
    """What was found for one table.

    Attributes:
        diagnostic: SDMetrics' diagnostic score, 0 to 1: whether the rows are valid.
        quality: SDMetrics' quality score against the real training rows, 0 to 1. For the real column both are those of
            the held-out rows: another real sample of the same population, so that quality is less than 1.
        label: How often each group has the desired label in the table itself.
        downstream: A model trained on the table with all columns, tested on the held-out rows.
        downstream_without: The same without the sensitive columns among the model's features.
        associations: How alike all pairs of columns go together, against the real training rows; for the real column of
            the held-out rows.
        two_sample: How well boosting tells the rows from the held-out ones; 0.5 is not at all.
    """

    diagnostic: float
    quality: float
    label: Parity
    downstream: Downstream
    downstream_without: Downstream
    associations: Associations
    two_sample: TwoSample

    @classmethod
    def of(cls, judge: Judge, kind: str) -> Scores:
        """Gives what is found for one table of a judge's case: ``'real'`` or the name of a copy."""
        return cls(
            diagnostic=judge.diagnostic(kind),
            quality=judge.quality(kind),
            label=judge.label(kind),
            downstream=judge.model(kind, 'boosting'),
            downstream_without=judge.model(kind, 'boosting, blind'),
            associations=judge.pairs(kind),
            two_sample=judge.two_sample(kind),
        )


# The lines of the printed table.
LINES: dict[str, Callable[[Scores], float]] = {
    'Diagnostic (SDMetrics)': lambda scores: scores.diagnostic,
    'Quality (SDMetrics)': lambda scores: scores.quality,
    ASSOCIATIONS: lambda scores: scores.associations.similarity,
    TOLD_APART: lambda scores: scores.two_sample.auc,
    'Label parity ratio': lambda scores: scores.label.ratio,
    PARITY: lambda scores: scores.downstream.selection.ratio,
    f'{PARITY}{WITHOUT}': lambda scores: scores.downstream_without.selection.ratio,
    'Equalized odds difference': lambda scores: scores.downstream.equalized_odds_difference,
    UTILITY: lambda scores: scores.downstream.auc,
    f'{UTILITY}{WITHOUT}': lambda scores: scores.downstream_without.auc,
    'Accuracy': lambda scores: scores.downstream.accuracy,
}

# Those that follow where the favorable label is common, so that the ratios above can flatter.
COMMON_LINES: dict[str, Callable[[Scores], float]] = {
    'Label unfavorable ratio': lambda scores: scores.label.unfavorable_ratio,
    'Label parity difference': lambda scores: scores.label.difference,
    'Downstream unfavorable ratio': lambda scores: scores.downstream.selection.unfavorable_ratio,
    f'Downstream unfavorable ratio{WITHOUT}': lambda scores: scores.downstream_without.selection.unfavorable_ratio,
    'Downstream parity difference': lambda scores: scores.downstream.selection.difference,
    f'Downstream parity difference{WITHOUT}': lambda scores: scores.downstream_without.selection.difference,
}


@dataclass(frozen=True)
class Evaluation:
    """Real rows beside one or several synthetic copies.

    Attributes:
        scores: What was found, by table: ``'real'`` first, then the copies.
        roles: The roles of the columns.
        rows: Number of rows of every table, and of the held-out real rows as ``'holdout'``.
        split: Whether the held-out rows were split off the real ones, for lack of rows that no synthesizer has seen.
    """

    scores: dict[str, Scores]
    roles: Roles
    rows: dict[str, int]
    split: bool = False

    def table(self) -> pd.DataFrame:
        """Gives a line a figure and a column a table; NaN is undefined, and :meth:`notes` says why.

        Where most real rows have the desired label, six lines more tell of the unfavorable rates.
        """
        lines = LINES | COMMON_LINES if self._common else LINES
        columns = {name: [line(scores) for line in lines.values()] for name, scores in self.scores.items()}
        return pd.DataFrame(columns, index=list(lines))

    def label_rates(self) -> pd.DataFrame:
        """Gives how often each group has the desired label: a line a group, a column a table."""
        return pd.DataFrame({name: scores.label.rates['rate'] for name, scores in self.scores.items()})

    @set_plotly_config
    def get_visualization(self, utility: str = UTILITY, parity: str = PARITY) -> go.Figure:
        """Draws what parity costs: a filled point a table and an open one, real rows as diamonds.

        The open one is of a model that does not see the sensitive columns, where both lines are measured for it too, as
        AUC and the downstream parity ratio are.

        Args:
            utility: Line of :meth:`table` drawn upwards.
            parity: Line drawn to the right.
        """
        unknown = [line for line in (utility, parity) if line not in LINES]
        if unknown:
            raise FairDistillError(f'{unknown} are no lines of the table: name two of {list(LINES)}.')
        return tradeoff_figure(self.table().T, 'What fairness costs', utility, parity, without=WITHOUT)

    def notes(self) -> list[str]:
        """Gives what is undefined or left out, and why, in words."""
        places: dict[str, list[str]] = {}  # of each note; the same held-out groups are small in every model's test
        for name, scores in self.scores.items():
            blind = 'downstream without sensitive columns'
            parts = {'label': scores.label, 'downstream': scores.downstream, blind: scores.downstream_without}
            parts |= {ASSOCIATIONS.lower(): scores.associations, TOLD_APART.lower(): scores.two_sample}
            for part, result in parts.items():
                for note in (*result.notes, *([_unfavorable_reason(result)] if self._common else [])):
                    places.setdefault(note, []).append(f'{part} ({name})')
        places.pop('', None)
        split = 'the held-out rows were split off the real rows, which the synthesizer has seen: it is flattered'
        common = f'{warning(self.scores[REAL].label.overall)}: read unfavorable ratios and differences beside it'
        general = [*([split] if self.split else []), *([common] if self._common else [])]
        return [*general, *(f'{", ".join(where)}: {note}' for note, where in places.items())]

    @property
    def _common(self) -> bool:
        return self.scores[REAL].label.common

    def explanation(self) -> str:
        """Gives what the lines mean, in words."""
        favorable, groups = f'{self.roles.target} = {self.roles.favorable}', ', '.join(self.roles.sensitive)
        sizes = ', '.join(f'{self.rows[name]:,} {name}' for name in self.scores)
        unfavorable = (
            'Unfavorable ratio: the smallest share of all other labels over the largest; 1 is parity. Parity'
            ' difference: the largest share less the smallest; 0 is parity.'
        )
        return '\n'.join(
            textwrap.fill(line, WIDTH)
            for line in (
                f'Parity ratio: the smallest share of {favorable} over the largest, between groups of {groups}; 1 is'
                ' parity. Label: in the rows themselves. Downstream: as predicted by a model that was trained on these'
                f' rows ({sizes}) and tested on {self.rows[HOLDOUT]:,} held-out real rows.',
                'Equalized odds difference: the larger gap of true or of false positive rates; 0 is parity.',
                *([unfavorable] if self._common else []),
                'Diagnostic, quality, association similarity (1: every two columns go together as they did): against'
                ' the real rows; in the real column of the held-out rows, a second real sample.',
                'Two-sample AUC: how well boosting tells these rows from held-out real ones; 0.5 is not at all, 1'
                ' always. A label that was changed on purpose counts in both.',
            )
        )

    def __str__(self) -> str:
        rates = self.label_rates()
        rates.index = [f'Share of {self.roles.target} = {self.roles.favorable}: {group}' for group in rates.index]
        table = pd.concat([self.table(), rates])
        text = table.to_string(float_format='{:.3f}'.format, na_rep='undefined')
        return '\n'.join([text, '', self.explanation(), *(f'Note: {note}.' for note in self.notes())])


def evaluate(
    real: Table,
    synthetic: Table,
    metadata: Any,
    sensitive_columns: list[str],
    target_column: str,
    favorable_value: Any,
    holdout: Table | None = None,
    seed: int = 0,
) -> Evaluation:
    """Judges synthetic rows beside the real ones they were learned from.

    Args:
        real: The real rows that the synthesizer was fitted on, as a DataFrame or as ``{table_name: DataFrame}``.
        synthetic: The synthetic rows.
        metadata (sdv.metadata.Metadata): Describes the table.
        sensitive_columns: Columns whose combinations are the groups; numbers and dates are cut into five quantile bins.
        target_column: The label.
        favorable_value: The label's desired value.
        holdout: Real rows that the synthesizer has not seen; the models are tested on them. Without any, 30 % of the
            real rows are held out from the model that learns from real rows; the synthesizer has seen them, which
            flatters it, and the notes say so.
        seed: Decides everything random in the models and the split.

    Raises:
        RoleError: If a role is missing or cannot be played by its column.
        FairDistillError: If a table is empty or lacks a column.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> first, second, third = german.table[:400], german.table[400:700], german.table[700:]
        >>> evaluation = evaluate(first, second, german.metadata, **german.roles, holdout=third)
        >>> evaluation.table().loc['Label parity ratio'].round(3).to_dict()
        {'real': 0.925, 'synthetic': 0.86}
    """
    roles = (sensitive_columns, target_column, favorable_value)
    return _evaluation(Case.of(real, {SYNTHETIC: synthetic}, metadata, *roles, holdout, seed))


def compare(
    synthetic: Mapping[str, Table],
    real: Table,
    metadata: Any,
    sensitive_columns: list[str],
    target_column: str,
    favorable_value: Any,
    holdout: Table | None = None,
    seed: int = 0,
) -> Evaluation:
    """Judges several copies of the same real rows in one table: what :func:`evaluate` does, a column a copy.

    ``get_visualization()`` of the result draws them between parity and use, for models with and without the sensitive
    columns.

    Args:
        synthetic: The copies, by the name of whatever made them.
        real: The real rows that all were made from.
        metadata: As for :func:`evaluate`, and so the rest.
        sensitive_columns: Columns whose combinations are the groups.
        target_column: The label.
        favorable_value: The label's desired value.
        holdout: Real rows that no synthesizer has seen.
        seed: Decides everything random.

    Raises:
        RoleError: If a role is missing or cannot be played by its column.
        FairDistillError: If a table is empty or lacks a column, or a copy is named like the real rows.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> copies = {'first half': german.table[:350], 'second half': german.table[350:700]}
        >>> comparison = compare(
        ...     copies, german.table[:700], german.metadata, **german.roles, holdout=german.table[700:]
        ... )
        >>> list(comparison.table())
        ['real', 'first half', 'second half']
    """
    taken = [name for name in synthetic if name in (REAL, HOLDOUT)]
    if taken or not synthetic:
        problem = f'{taken[0]!r} is the name of the real rows' if taken else 'there is nothing to compare'
        raise FairDistillError(f'{problem}: give {{name: synthetic rows}} with other names than real and holdout.')
    roles = (sensitive_columns, target_column, favorable_value)
    return _evaluation(Case.of(real, synthetic, metadata, *roles, holdout, seed))


def evaluate_fairness(
    real_data: Table,
    synthetic_data: Table,
    metadata: Any,
    sensitive_columns: list[str],
    target_column: str,
    favorable_value: Any,
    holdout: Table | None = None,
    verbose: bool = True,
    seed: int = 0,
    privacy: PrivacyStatement | None = None,
    synthesizer: Any = None,
    causal_graph: Any = None,
    confounders: list[str] | str | None = None,
    mediators: list[str] | str | None = None,
) -> FairnessReport:
    """Makes a fairness report, as :func:`sdv.evaluation.evaluate_quality` makes one on quality.

    Takes what :meth:`~sdv_fairdistill.report.FairnessReport.generate` takes.

    Returns:
        The report, generated.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> report = evaluate_fairness(
        ...     german.table[:500], german.table[500:], german.metadata, **german.roles, verbose=False
        ... )
        >>> report.get_info()['holdout']
        'split off the real data, which the synthesizer has seen'
    """
    report = FairnessReport()
    roles = (sensitive_columns, target_column, favorable_value)
    options = {'holdout': holdout, 'verbose': verbose, 'seed': seed, 'privacy': privacy, 'synthesizer': synthesizer}
    options |= {'causal_graph': causal_graph, 'confounders': confounders, 'mediators': mediators}
    report.generate(real_data, synthetic_data, metadata, *roles, **options)
    return report


def _unfavorable_reason(found: Parity | Downstream | Associations | TwoSample) -> str:
    """Why a part's unfavorable ratio is undefined; nothing for what has none."""
    parity = found.selection if isinstance(found, Downstream) else found
    return parity.unfavorable_reason if isinstance(parity, Parity) else ''


def _evaluation(case: Case) -> Evaluation:
    judge = Judge(case)
    scores = {kind: Scores.of(judge, kind) for kind in (REAL, *case.copies)}
    return Evaluation(scores, case.roles, case.rows, case.split)
