"""The SDV face of the package: arguments, checks and SDV's verbs; the method itself is in ``method``."""

from __future__ import annotations

import secrets
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sdv.errors import NotFittedError

from sdv_fairdistill.encoding import DatetimeBinner, LevelTokenizer, QuantileBinner, TableTokenizer, withhold
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.goals.checks import check_dial, check_notions, check_number, check_share, first_notion
from sdv_fairdistill.goals.goal import CONFIDENCE, check_models, smallest_dial
from sdv_fairdistill.helpers.files import complete
from sdv_fairdistill.plugin.answers import Answering
from sdv_fairdistill.plugin.causal import Causes
from sdv_fairdistill.plugin.constraints import forget_combinations, joint_columns
from sdv_fairdistill.plugin.given import Given
from sdv_fairdistill.plugin.metadata import problems_of, rare_groups_of, read_roles, sdtypes_of
from sdv_fairdistill.plugin.places import Places
from sdv_fairdistill.plugin.private import Private, check_privacy
from sdv_fairdistill.plugin.saved import Saved
from sdv_fairdistill.plugin.spelling import date_types
from sdv_fairdistill.plugin.transformers import learned_columns, require_columns, without_failing_formatters
from sdv_fairdistill.table.storage import check_storage

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from sdv_fairdistill.privacy import Privacy

__all__ = ['FairDistillSynthesizer']

LARGEST_SEED = 2**32 - 1  # of numpy's and scikit-learn's seeds


class FairDistillSynthesizer(Saved, Private, Given, Answering):
    """Fair synthetic rows of a single table.

    A teacher (a fair variational autoencoder) learns the table in a latent space that is independent of the sensitive
    columns; a small student is distilled from it in that latent space and draws the rows; their labels are then changed
    so that the chosen notion of fairness holds, by as little as it takes. After Sikder, Ramachandranpillai, de Leng and
    Heintz, "Generating Synthetic Fair Syntax-agnostic Data by Learning and Distilling Fair Representation" (arXiv
    2408.10755).

    Takes the place of :class:`sdv.single_table.CTGANSynthesizer`. Without sensitive columns or without a target it is a
    plain synthesizer, and says so once.

    Args:
        metadata (sdv.metadata.Metadata): Describes the table.
        sensitive_columns: Columns that the label and the latent shall not depend on.
        target_column: The label.
        favorable_value: The label's desired value; it must occur in the data. Reports need it, the repair does not.
        dial: How far to go from the data as it is (0) to where the notion holds (1). Can be changed at any time with
            :meth:`set_fairness`, without a new fit.
        notion: The notion of fairness of the next samples: ``'blind_parity'`` (models select all groups alike whether
            they see the sensitive columns or not), ``'demographic_parity'`` (models that see them do),
            ``'conditional_parity'``, ``'unawareness'``, ``'equalized_odds'``, or one that was registered; None for the
            first of ``notions``, or else the first named here. Can be changed likewise, to any of ``notions``.
        notions: The notions that are learned, all in one fit; None for the one of ``notion``.
        admissible_columns: Columns through which the label may depend on the sensitive ones.
        holdout_share: Share of the rows that a fit keeps aside, so that :meth:`set_fairness` can be given a goal. At
            0 all rows are learned. Of the rows kept aside, too, only figures are stored.
        min_category_count: Levels with fewer rows are withheld: never stored, never drawn. Numbers and dates never go
            beyond the values that so many rows reach. Rows of withheld levels get other levels at random; a rare level
            of a sensitive column or of the target is an error instead. At 0, the default, nothing is withheld.
        enforce_min_max_values: As in SDV. Values never leave the range that was seen (and not withheld).
        enforce_rounding: As in SDV.
        locales: Locales of invented personal data, as in SDV.
        epochs: Passes of the teacher over the rows; None for a number of steps that suits the size of the table.
        seed: Makes a fit repeatable; None for a new one each time. Sampling is repeatable in any case, as in SDV.
        verbose: Whether to show progress bars with the loss while fitting.
        enable_gpu: Whether to use a GPU if there is one.
        privacy: A :class:`~sdv_fairdistill.privacy.Privacy`, a budget of differential privacy; None for no guarantee.
            With it a fit is not repeatable: noise never depends on ``seed``.
        causal_graph: What you assume causes what: pairs ``(cause, effect)``, a networkx.DiGraph, or a DOT or GML file.
            ``'no_direct_effect'``, ``'no_unresolved_effect'``, ``'no_total_effect'`` and ``'cut_edges'`` need it.
        cut_edges: Edges of it that the last of these cuts.
        repair_columns: Whether these notions change, beside the label, the columns through which paths are cut.

    Raises:
        RoleError: If a role cannot be played by its column.
        FairDistillError: If another argument has a value that is not allowed.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> german = load_german_credit()
        >>> synthesizer = FairDistillSynthesizer(german.metadata, **german.roles, seed=0)
        >>> synthesizer.set_fairness(dial=0.5)
        >>> synthesizer.dial
        0.5
    """

    _model_sdtype_transformers = {  # noqa: RUF012  (SDV reads it under this name, and never writes)
        'categorical': LevelTokenizer(),
        'boolean': LevelTokenizer(),
        'ordinal': LevelTokenizer(),
        'numerical': QuantileBinner(),
        'datetime': DatetimeBinner(),
    }

    _causes = Causes()  # files that were saved before there were any have none of their own

    def __init__(
        self,
        metadata: Any,
        sensitive_columns: list[str] | None = None,
        target_column: str | None = None,
        favorable_value: Any = None,
        dial: float = 1.0,
        notion: str | None = None,
        notions: list[str] | None = None,
        admissible_columns: list[str] | None = None,
        holdout_share: float = 0.0,
        min_category_count: int = 0,
        enforce_min_max_values: bool = True,
        enforce_rounding: bool = True,
        locales: list[str] | str | None = ('en_US',),
        epochs: int | None = None,
        seed: int | None = None,
        verbose: bool = False,
        enable_gpu: bool = True,
        privacy: Privacy | None = None,
        causal_graph: Any = None,
        cut_edges: list[tuple[str, str]] | None = None,
        repair_columns: bool = False,
    ) -> None:
        locales = list(locales) if isinstance(locales, tuple) else locales
        super().__init__(metadata, enforce_min_max_values, enforce_rounding, locales)
        check_number('epochs', epochs, least=1)
        check_number('seed', seed, least=0, most=LARGEST_SEED)
        check_number('min_category_count', min_category_count, least=0)
        self.sensitive_columns = sensitive_columns
        self.target_column = target_column
        self.favorable_value = favorable_value
        self.epochs = epochs
        self.seed = seed
        self.verbose = verbose
        self.enable_gpu = enable_gpu
        self.notions = notions
        self.admissible_columns = admissible_columns
        self.holdout_share = holdout_share
        self.min_category_count = min_category_count
        self.privacy = privacy
        self.causal_graph = causal_graph
        self.cut_edges = cut_edges
        self.repair_columns = repair_columns
        self._roles = read_roles(
            self._get_table_metadata(),
            self._sdtypes(),
            sensitive_columns,
            target_column,
            favorable_value,
            admissible_columns,
        )
        notion = first_notion(notion, notions)
        self._causes = Causes.of(causal_graph, cut_edges, repair_columns, self._roles, self._sdtypes())
        self._learned = check_notions(notion, notions, self._roles, causal_graph is not None)
        self._causes.check_learned(self._learned, self._roles)
        check_share(holdout_share, self._roles)
        check_privacy(privacy, holdout_share)
        self.notion, self.dial = notion, check_dial(dial)
        self._config = None
        if self._roles.lacking:
            warnings.warn(self._roles.lacking, stacklevel=2)

    def set_fairness(
        self,
        notion: str | None = None,
        dial: float | None = None,
        at_least: float | None = None,
        at_most: float | None = None,
        confidence: float = CONFIDENCE,
        models: str = 'both',
    ) -> None:
        """Sets how fair the next samples are; nothing is fitted again. What is not given stays as it is.

        Args:
            notion: One of the notions that are learned.
            dial: How far to go from the data as it is (0) to where the notion holds (1).
            at_least: A goal instead of a dial: the smallest dial whose downstream parity ratio (selection rates of a
                model trained on the samples, between groups of real rows kept aside) is at least this. .8 is the
                four-fifths rule. Needs a fit with ``holdout_share``.
            at_most: A goal likewise: the downstream equalized odds difference is at most this.
            confidence: How sure to be of a goal, from .5 (the estimate alone reaches it, so that other rows will in one
                case of two) to less than 1. The fewer rows were kept aside, the more fairness it takes to be sure.
            models: Which models must reach a goal: those that see the sensitive columns (``'with'``), those that do not
                (``'without'``), or ``'both'``.

        Raises:
            FairDistillError: If a value is not allowed, or no dial reaches the goal; nothing is changed then.
        """
        notion = self._learned_notion(notion)
        check_models(models)
        if sum(choice is not None for choice in (dial, at_least, at_most)) > 1:
            raise FairDistillError('Give one of dial, at_least and at_most: each of them chooses the dial.')
        if at_least is not None or at_most is not None:
            dial = smallest_dial(self.get_frontier(notion), at_least, at_most, confidence, models)
        elif dial is not None:
            dial = check_dial(dial)
        self.notion, self.dial = notion, self.dial if dial is None else dial

    def get_frontier(self, notion: str | None = None) -> pd.DataFrame:
        """Gives what fairness costs, as measured on the real rows that the fit kept aside.

        Args:
            notion: One of the notions that are learned; None for the present one.

        Returns:
            A line a dial, with ``dial``, and of a model trained with all columns of as many synthetic rows as were
            fitted (15,000 at most) ``parity_ratio``, ``equalized_odds_difference``, ``auc`` and ``accuracy``. Of the
            first two also ``smooth_…``, from rates that are smoothed over the dial, and ``…_error``, its standard
            error; goals are looked for in these. The same of a model without the sensitive columns:
            ``parity_ratio_without``, ``smooth_parity_ratio_without``, ``parity_ratio_without_error`` and so on. What is
            undefined is NaN.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
            FairDistillError: If no rows were kept aside, or the notion is not one of those.
        """
        notion = self._learned_notion(notion)
        self._require_fit('Goals are')
        if not self._frontiers:
            raise FairDistillError(
                'No rows were kept aside. Make the synthesizer with holdout_share=0.2, say, and fit.'
            )
        return self._frontiers[notion].copy()

    def add_constraints(self, constraints: list) -> None:
        """Adds constraints as any SDV synthesizer does; see :meth:`BaseSynthesizer.add_constraints`."""
        super().add_constraints(constraints)
        self._update_default_transformers()  # SDV builds a new data processor here, and leaves them out

    def validate(self, data: dict[str, pd.DataFrame]) -> None:
        """Checks data as any SDV synthesizer does; see :meth:`BaseSynthesizer.validate`. Refuses with ``privacy``."""
        self._refuse_real('validate')
        check_storage(data.get(self._table_name) if isinstance(data, dict) else data, self._described().columns)
        state = np.random.get_state()  # noqa: NPY002  (SDV looks at dates drawn with the caller's generator)
        try:
            super().validate(data)
        finally:
            np.random.set_state(state)  # noqa: NPY002

    def save(self, filepath: str | Path) -> None:
        """Saves as any SDV synthesizer does, but whole or not at all; see :meth:`BaseSynthesizer.save`.

        Args:
            filepath: Where to write it. A file that is there already is replaced once the new one is complete.

        Raises:
            OSError: If it cannot be written, such as to a full disk; nothing is changed then.
        """
        with complete(filepath) as partial:
            super().save(partial)

    def get_fair_representation(self, data: pd.DataFrame | dict[str, pd.DataFrame]) -> pd.DataFrame:
        """Gives the student's fair latents of real rows; the label is not needed and not looked at.

        Args:
            data: Rows of the table that was fitted, as a DataFrame or as ``{table_name: DataFrame}``. The target
                column, keys and columns of personal data may be missing.

        Returns:
            Latents ``(rows, latent)`` under the index of the rows.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
            FairDistillError: If a column is missing.
        """
        self._require_fit('Representations are')
        table = data[self._table_name] if isinstance(data, dict) else data
        index, table = table.index, table.rename(columns=str).reset_index(drop=True)
        transformers = self._data_processor._hyper_transformer.field_transformers
        require_columns(table, self._sdtypes(), transformers, self._roles.target)
        unlabelled = table.drop(columns=self._roles.target or [], errors='ignore')
        processed = self._data_processor.transform(self._validate_transform_constraints(unlabelled), is_condition=True)
        latent = self._model.represent(self._tokenizer.to_tokens(processed))
        return pd.DataFrame(latent, index=index, columns=[f'z{number}' for number in range(latent.shape[1])])

    def get_loss_values(self) -> pd.DataFrame:
        """Gives the losses of the last fit, a row a step.

        Returns:
            Columns ``Stage`` (Teacher, Student), ``Step``, ``Loss`` and its parts: ``Reconstruction``, ``KL``,
            ``Label`` and ``Independence`` of the teacher; ``Quality``, ``Utility`` and ``Independence`` of the
            student. A part that a stage does not have is NaN.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
        """
        self._require_fit('Loss values are')
        return self._model.loss_values.copy()

    def get_loss_values_plot(self, title: str = 'FairDistill loss functions') -> go.Figure:
        """Draws the losses of the last fit, teacher beside student, under a title; raises what the above does."""
        from sdv_fairdistill.plots import loss_figure

        return loss_figure(self.get_loss_values(), title)

    def _sdtypes(self) -> dict[str, str]:
        """Gives the sdtype of every column, as the metadata was when the synthesizer was made."""
        return sdtypes_of(self._described())

    def _described(self) -> Any:
        """Gives SDV's metadata of the table, as they were when the synthesizer was made; empty ones without a table."""
        return self._original_metadata.tables.get(self._table_name) or self._get_table_metadata()

    def _validate(self, table_data: pd.DataFrame) -> list[str]:
        table = table_data.rename(columns=str)
        sdtypes = self._sdtypes()
        self._seen_dates = date_types(table, self._described().columns)
        problems = problems_of(table, self._roles, self._get_table_metadata(), sdtypes)
        rare = rare_groups_of(table, self._roles, sdtypes)
        if rare and not problems:
            warnings.warn(
                f'Some groups have fewer than 5 rows: {"; ".join(rare[:8])}. Their labels are repaired as those of the'
                ' other groups are, and no rate of theirs can be trusted.',
                stacklevel=2,
            )
        return problems

    def _preprocess(self, table_data: pd.DataFrame) -> pd.DataFrame:
        """Learns the transformers, of a table without what is withheld: so none of them can keep it."""
        self._fitted, self._model = False, None  # the new encoding would misread what the old model draws
        if self.min_category_count:
            table_data = self._withhold(table_data)
        processed = super()._preprocess(table_data)
        without_failing_formatters(self._data_processor, table_data)
        self._dates = self._seen_dates
        return processed

    def _withhold(self, table: pd.DataFrame) -> pd.DataFrame:
        joint = joint_columns(self._chained_constraints)
        fixed = {self._roles.target, *self._roles.sensitive}
        fixed |= {joint[name] for name in fixed if name in joint}
        generator = np.random.default_rng(self.seed).spawn(1)[0]
        learned = learned_columns(self._data_processor)
        table = withhold(table, learned, fixed, self.min_category_count, generator)
        problems = self._roles.problems(table, self._described().columns)
        if problems:
            raise RoleError(f'With min_category_count={self.min_category_count}: {" ".join(problems)}')
        forget_combinations(self._chained_constraints, self._reject_sampling_constraints, table)
        return table

    def _fit(self, processed_data: pd.DataFrame) -> None:
        from sdv_fairdistill.goals.frontier import frontiers
        from sdv_fairdistill.method.model import FairDistillModel
        from sdv_fairdistill.training.config import FitConfig
        from sdv_fairdistill.training.device import choose_device

        self._fitted, self._random_state_set, self._model = False, False, None
        transformers, roles = self._data_processor._hyper_transformer.field_transformers, self._roles
        tokenizer = TableTokenizer().fit(processed_data, transformers, {roles.target, *roles.sensitive})
        places = Places(tokenizer, self._roles, self._sdtypes(), joint_columns(self._chained_constraints))
        tokens, layout = tokenizer.to_tokens(processed_data), self._causes.placed(places.layout(), places.of)
        config = self._for_privacy((self._config or FitConfig()).with_epochs(self.epochs))
        seed = secrets.randbelow(2**31) if self.seed is None else self.seed
        aside = np.random.default_rng(seed).random(len(tokens)) < self.holdout_share
        aside[:2] = False  # so that a tiny table is not kept aside as a whole
        favorable = places.favorable_token() if aside.any() else None
        device = choose_device(self.enable_gpu)
        model = FairDistillModel.fit(tokens[~aside], layout, self._learned, config, seed, device, self.verbose)
        rows = int((~aside).sum())
        self._frontiers = (
            {} if favorable is None else frontiers(model, self._learned, tokens[aside], favorable, rows, seed)
        )
        self._tokenizer, self._model = tokenizer, model  # last, so that an interrupted fit leaves nothing half made

    def _sample(self, num_rows: int, conditions: pd.DataFrame | None = None) -> pd.DataFrame:
        """Draws processed rows; conditions are processed values, a row for each."""
        exact = {str(name): values.to_numpy() for name, values in ({} if conditions is None else conditions).items()}
        fixed = {
            self._tokenizer.columns.index(name): self._tokenizer.condition_tokens(name, values)
            for name, values in exact.items()
            if name in self._tokenizer.columns
        }
        try:
            repair = self.dial > 0 and self._causes.repairs(self.notion, self._roles, exact)
            tokens = self._model.sample(num_rows, self.notion, self.dial, fixed, repair)
        except NotImplementedError as error:  # SDV would take it for "knows no conditions", and throw rows away instead
            raise FairDistillError(f'No rows could be drawn on this machine: {error}') from error
        return self._tokenizer.to_processed(tokens, self._model.generators.numpy, exact)

    def _learned_notion(self, notion: str | None) -> str:
        """Gives a notion that is learned, the present one for None."""
        notion = self.notion if notion is None else notion
        if notion not in self._learned:
            raise FairDistillError(
                f'notion={notion!r} is not among those learned, {list(self._learned)}. Name it in notions, and fit.'
            )
        return notion

    def _require_fit(self, what: str) -> None:
        if not self._fitted or self._model is None:
            raise NotFittedError(f'{what} not available yet. Please fit your synthesizer first.')
