"""The report object: SDMetrics' verbs over the four properties; what a page looks like stays out."""

from __future__ import annotations

import pickle
import sys
import time
import warnings
from copy import deepcopy
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from sdmetrics.visualization import set_plotly_config
from tqdm import tqdm

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.helpers.files import complete
from sdv_fairdistill.metrics import Paths
from sdv_fairdistill.plots import roc_figure
from sdv_fairdistill.privacy import PrivacyStatement
from sdv_fairdistill.report.case import REAL, SYNTHETIC, Case, Table
from sdv_fairdistill.report.effects import CausalEffects
from sdv_fairdistill.report.guarantee import guarantee_of
from sdv_fairdistill.report.judge import Judge
from sdv_fairdistill.report.likeness import likeness
from sdv_fairdistill.report.page import page
from sdv_fairdistill.report.properties import PROPERTIES, Finding, Property
from sdv_fairdistill.report.rates import roc_table
from sdv_fairdistill.report.unlikely import check_synthesizer, unlikely_rows
from sdv_fairdistill.report.verdict import Verdict, model_table
from sdv_fairdistill.report.words import spelled

__all__ = ['FairnessReport']

PACKAGES = ('sdv-fairdistill', 'sdmetrics', 'fairlearn', 'scikit-learn', 'pandas', 'numpy', 'plotly')
EFFECTS = CausalEffects()  # measured only where a causal graph is given


class FairnessReport:
    """How fair synthetic rows are, and what that costs, beside the real rows they were made from.

    Has the verbs of :class:`sdmetrics.reports.QualityReport`, and :meth:`to_html`. It keeps figures, never rows. Four
    properties, each scored from 0 to 1; a score that is undefined is NaN, and so is then the overall score:

    - **Label Parity**: in the synthetic rows, the smallest share of the desired label in a group over the largest.
    - **Downstream Parity**: the same of the predictions of models that learned from the synthetic rows, on real
      held-out rows; the worst model counts.
    - **Utility**: the mean of SDMetrics' quality score and of the share of skill (AUC − .5) that these models keep.
    - **Independence**: 2 − 2·AUC of a model that tells a row's group from its other columns, without the label.

    With a causal graph there is a fifth, **Causal Effects**: 1 less the largest direct effect in the synthetic labels
    and in what a model predicts that learned them.

    The overall score is their mean.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> first, second, third = german.table[:400], german.table[400:700], german.table[700:]
        >>> report = FairnessReport()
        >>> report.generate(first, second, german.metadata, **german.roles, holdout=third, verbose=False)
        >>> report.get_properties().round(2)
                    Property  Score
        0       Label Parity   0.86
        1  Downstream Parity   ...
        2            Utility   ...
        3       Independence   ...
    """

    def __init__(self) -> None:
        self.is_generated = False
        self.report_info: dict[str, Any] = {
            'report_type': type(self).__name__,
            'generated_date': None,
            'sdmetrics_version': version('sdmetrics'),
            'versions': {package: version(package) for package in PACKAGES},
        }
        self._findings: dict[str, Finding] = {}
        self._models = self._curves = pd.DataFrame()

    def generate(
        self,
        real_data: Table,
        synthetic_data: Table,
        metadata: Any,
        sensitive_columns: list[str] | str,
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
    ) -> None:
        """Measures the four properties.

        Args:
            real_data: The real rows that the synthetic ones were made from, as a DataFrame or as
                ``{table_name: DataFrame}``.
            synthetic_data: The synthetic rows, in either form.
            metadata: SDV's metadata of the table, or their dict.
            sensitive_columns: Columns whose combinations are the groups; numbers and dates are cut into quantile bins.
            target_column: The label.
            favorable_value: The label's desired value.
            holdout: Real rows that the synthesizer has not seen, to test the models on. Without any, 30 % of the real
                rows are held out from the model that learns from real rows; the synthesizer has seen them, which
                flatters the synthetic rows, and the report says so.
            verbose: Whether to print progress and scores.
            seed: Decides everything random in the split and the models.
            privacy: The guarantee with which the rows were made, as ``get_privacy()`` of the synthesizer gives it: the
                report states it. Nothing checks that it belongs to these rows.
            synthesizer: The fitted synthesizer that made the rows: the report then says how many of the held-out rows
                it finds unlikely.
            causal_graph: What causes what, as :func:`~sdv_fairdistill.causal.read_graph` takes it: the report then has
                a fifth property, **Causal Effects**, which counts in the overall score.
            confounders: In its place, columns that the sensitive ones do not cause.
            mediators: And columns through which they act.

        Raises:
            RoleError: If a role is missing or cannot be played by its column.
            FairDistillError: If a table is empty or lacks a column, ``privacy`` is no statement, or ``synthesizer``
                cannot say how likely rows are.
        """
        guarantee = guarantee_of(privacy)
        check_synthesizer(synthesizer)
        start = time.perf_counter()
        self.is_generated = False
        case = Case.of(
            real_data,
            {SYNTHETIC: synthetic_data},
            metadata,
            sensitive_columns,
            target_column,
            favorable_value,
            holdout,
            seed,
        )
        paths = None
        if causal_graph is not None or confounders is not None or mediators is not None:
            roles, columns = case.roles, set(case.task.schema.columns)
            paths = Paths.of(columns, roles.sensitive, roles.target, confounders, mediators, causal_graph)
        _say('Generating report ...\n', verbose)
        judge, findings = Judge(case, paths), {}
        parts = PROPERTIES if paths is None else (*PROPERTIES, EFFECTS)
        for number, part in enumerate(parts, start=1):
            findings[part.name] = _measured(part, judge, f'({number}/{len(parts)})', verbose)
        self._findings, self._models = findings, model_table(judge)
        curves = [roc_table(judge.model(kind, 'boosting'), Data=kind) for kind in (REAL, SYNTHETIC)]
        self._curves = pd.concat([part for part in curves if len(part)] or curves[:1])
        unlikely = unlikely_rows(synthesizer, case.train, case.holdout, seed)
        measured = {'favorable_rate': judge.label(REAL).overall, 'generation_time': time.perf_counter() - start}
        self.report_info = {**self.report_info, **_about(case), **measured, 'privacy': guarantee, 'unlikely': unlikely}
        self.report_info['likeness'] = likeness(judge)
        self.is_generated = True
        _say(f'Overall Score (Average): {_percent(self.get_score())}\n', verbose)

    def get_score(self) -> float:
        """Gives the mean of the properties' scores; NaN if one of them is undefined."""
        self._require_generated()
        return float(np.mean([finding.score for finding in self._findings.values()]))

    def get_properties(self) -> pd.DataFrame:
        """Gives the scores: columns ``Property`` and ``Score``; NaN is undefined."""
        self._require_generated()
        scores = [{'Property': name, 'Score': finding.score} for name, finding in self._findings.items()]
        return pd.DataFrame(scores)

    def get_details(self, property_name: str, table_name: str | None = None) -> pd.DataFrame:
        """Gives what a property's score was made from.

        Args:
            property_name: Name of the property.
            table_name: As in SDMetrics; there is one table only.

        Raises:
            FairDistillError: If there is no property or no table of that name.
        """
        return self._finding(property_name, table_name).details.copy()

    def get_notes(self, property_name: str) -> list[str]:
        """Gives what is undefined or left out in a property, and why, in words."""
        return list(self._finding(property_name).notes)

    @set_plotly_config
    def get_visualization(self, property_name: str, table_name: str | None = None) -> go.Figure:
        """Draws a property's details.

        Args:
            property_name: Name of the property.
            table_name: As in SDMetrics; there is one table only.

        Raises:
            FairDistillError: If there is no property or no table of that name.
        """
        finding = self._finding(property_name, table_name)
        return next(part for part in (*PROPERTIES, EFFECTS) if part.name == property_name).figure(finding)

    @set_plotly_config
    def get_roc_visualization(self) -> go.Figure:
        """Draws the ROC curve of each group, of boosting trained on real and on synthetic rows."""
        self._require_generated()
        return roc_figure(self._curves, 'ROC curves by group (boosting)')

    def get_info(self) -> dict[str, Any]:
        """Gives when and from what it was made: rows, roles, real favorable rate, seed, versions, guarantee.

        ``'likeness'`` has the pairs of columns that differ most and the interval of the two-sample AUC.
        """
        return deepcopy(self.report_info)

    def get_models(self) -> pd.DataFrame:
        """Gives the figures of every model.

        Returns:
            A line a model and measure, with the columns ``Model``, ``Measure``, ``real``, ``synthetic``, ``change``
            (synthetic minus real), and ``Low`` and ``High``, the 95 % interval of the synthetic figure.
        """
        self._require_generated()
        return self._models.copy()

    def get_verdict(self) -> Verdict:
        """Says which models trained on the rows pass the four-fifths rule, at what cost, and what would help."""
        self._require_generated()
        rates = self._findings['Downstream Parity'].details
        tested = rates[(rates['Rate of'] == 'predicted favorable') & (rates['Data'] == REAL)]
        left_out = list(tested.loc[tested['Rate'].isna(), 'Group'].unique())
        return Verdict.of(self._models, left_out, self.report_info.get('favorable_rate', np.nan))  # old files have none

    def to_html(self, filepath: str | Path, title: str = 'Fairness report') -> None:
        """Writes the report as one page that needs no network, whole or not at all.

        Args:
            filepath: Where to write it.
            title: Title of the page.
        """
        self._require_generated()
        with complete(filepath) as partial:
            partial.write_text(page(self, title), encoding='utf-8')

    def save(self, filepath: str | Path) -> None:
        """Saves the report as a pickle, as SDMetrics does, but whole or not at all.

        Args:
            filepath: Where to write it.
        """
        self._package_version = version('sdv-fairdistill')
        with complete(filepath) as partial, partial.open('wb') as output:
            pickle.dump(self, output)

    @classmethod
    def load(cls, filepath: str | Path) -> FairnessReport:
        """Loads a saved report. A pickle can run any code: load only files you trust.

        Args:
            filepath: What :meth:`save` has written.
        """
        with open(filepath, 'rb') as saved:
            report = pickle.load(saved)
        if not isinstance(report, cls):
            raise FairDistillError(f'{filepath} holds a {type(report).__name__}, not a {cls.__name__}.')
        current = version('sdv-fairdistill')
        if report._package_version != current:
            warnings.warn(
                f'The report was saved by sdv-fairdistill {report._package_version}, and this is {current}: some of its'
                ' verbs may not work.',
                stacklevel=2,
            )
        return report

    def _finding(self, property_name: str, table_name: str | None = None) -> Finding:
        names = [part.name for part in (*PROPERTIES, EFFECTS) if part in PROPERTIES or part.name in self._findings]
        if property_name not in names:
            raise FairDistillError(f"Invalid property name '{property_name}'. Valid property names are {names}.")
        self._require_generated()
        if table_name not in (None, self.report_info['table_name']):
            known = self.report_info['table_name']
            raise FairDistillError(f"Unknown table '{table_name}'. The report is on the table '{known}'.")
        return self._findings[property_name]

    def _require_generated(self) -> None:
        if not self.is_generated:
            raise FairDistillError('The report has not been generated. Please call `generate` first.')


def _measured(part: Property, judge: Judge, number: str, verbose: bool) -> Finding:
    with tqdm(
        total=part.steps,
        desc=f'{number} Evaluating {part.name}',
        file=sys.stdout,
        bar_format='{desc}: |{bar}{r_bar}|',
        disable=not verbose,
    ) as bar:
        finding = part.measure(judge, bar.update)
    _say(f'{part.name} Score: {_percent(finding.score)}\n', verbose)
    return finding


def _about(case: Case) -> dict[str, Any]:
    return {
        'generated_date': datetime.now(timezone.utc).strftime('%Y-%m-%d'),
        'table_name': case.name,
        'num_rows_real_data': {case.name: len(case.real)},
        'num_rows_synthetic_data': {case.name: len(case.copies[SYNTHETIC])},
        'num_rows_trained_on_real_data': {case.name: len(case.train)},
        'num_rows_holdout': {case.name: len(case.holdout)},
        'holdout': ('split off the real data, which the synthesizer has seen' if case.split else 'given by the user'),
        'holdout_is_unseen': not case.split,
        'sensitive_columns': list(case.roles.sensitive),
        'target_column': case.roles.target,
        'favorable_value': case.roles.favorable,
        'groups': list(case.task.grouping.names),
        'seed': case.seed,
    }


def _percent(score: float) -> str:
    return spelled(score) if np.isnan(score) else f'{score:.2%}'


def _say(text: str, verbose: bool) -> None:
    if verbose:
        print(text, flush=True)
