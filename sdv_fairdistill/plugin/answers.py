"""The verbs that ask the model about real rows: how likely it finds them, and what it says of their labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_dial
from sdv_fairdistill.plugin.imputed import Imputing, require_repair
from sdv_fairdistill.plugin.known import LACKING, KnownRows, table_of, warn_of_unseen

__all__ = ['QUANTILES', 'Answering']

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)  # of a numeric label: its middle, and ranges that hold a half and 90 %
PARTS = 8  # values looked at inside a bin of a numeric label, for its mean


class Answering(Imputing):
    """A synthesizer that says of real rows how likely they are, and which labels."""

    def log_likelihood(self, data: pd.DataFrame | dict[str, pd.DataFrame]) -> pd.DataFrame:
        """Says how likely the model finds rows as they are in the data, whatever notion holds for drawn ones.

        It is the natural logarithm of the probability of a row's levels and of the bins of its numbers and dates, all
        columns that are learned together; where a number lies inside its bin does not count. So rows of one table
        compare, and those of several fits do not. Another population, or columns that do not go together, show as rows
        that are far less likely. The same rows get the same answer each time, and no sample is moved by it.

        Args:
            data: Rows of the table that was fitted, as a DataFrame or as ``{table_name: DataFrame}``; keys and columns
                of personal data may be left out. A value that is missing counts as one if values were missing in the
                fit; else it is summed out, as are a constraint's columns if one of them is missing.

        Returns:
            Columns ``log_likelihood`` and ``standard_error``, of the drawing of latents, under the index of the rows. A
            row with a level that was never seen, a number beyond those seen, or values that break a constraint, has
            minus infinity: the model never draws it.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
            FairDistillError: If a column is lacking, or was not fitted, or a value cannot be read.
        """
        self._require_fit('Likelihoods are')
        table = table_of(self, data)
        index = (data[self._table_name] if isinstance(data, dict) else data).index
        if not len(table):
            return pd.DataFrame({'log_likelihood': [], 'standard_error': []}, index=index, dtype=float)
        known = KnownRows.of(self, table, missing_is_level=True)
        values, errors = self._model.log_likelihoods(known.tokens)
        never = ~known.is_valid | (~known.is_missing & ~known.is_drawable).any(1)
        values, errors = np.where(never, -np.inf, values), np.where(never, 0.0, errors)
        return pd.DataFrame({'log_likelihood': values, 'standard_error': errors}, index=index)

    def predict_proba(
        self, data: pd.DataFrame | dict[str, pd.DataFrame], notion: str | None = None, dial: float | None = None
    ) -> pd.DataFrame:
        """Says what the label of real rows would be, were it drawn as the synthetic ones are.

        Under a notion whose labels read no sensitive column (``'blind_parity'``, ``'unawareness'``) the sensitive
        columns are not read here either, and may be left out. The label itself is never looked at. The same rows get
        the same answer each time, and no sample is moved by it.

        Args:
            data: Rows of the table that was fitted, as a DataFrame or as ``{table_name: DataFrame}``; label, keys and
                columns of personal data may be left out. A value that is missing counts as one if values were missing
                in the fit; else, and where a level was never seen, it is averaged over, given the rest of its row.
            notion: One of the notions that are learned; None for the present one.
            dial: How far to go from the data as it is (0) to where the notion holds (1); None for the present one.

        Returns:
            Of classes, a column a class with its probability, as they are named in the data. Of a number or date, the
            columns ``mean`` and ``q05``, ``q25``, ``q50``, ``q75``, ``q95``, its quantiles. Under the rows' index.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
            FairDistillError: If there is no target, a column is lacking or was not fitted, a value is not allowed, or
                the notion is one of a causal graph.
        """
        self._require_fit('Predictions are')
        notion = self._learned_notion(notion)
        dial = self.dial if dial is None else check_dial(dial)
        if self._roles.target is None:
            raise FairDistillError('There is no label to predict: this synthesizer was made without target_column.')
        require_repair('The label', notion, dial)
        from sdv_fairdistill.views import is_blind

        needless = [self._roles.target, *(self._roles.sensitive if is_blind(notion) else ())]
        table = table_of(self, data, needless).drop(columns=needless, errors='ignore')
        index = (data[self._table_name] if isinstance(data, dict) else data).index
        layout, never = self._model.layout, self._tokenizer.missing_tokens()
        chances = np.zeros((0, layout.classes))
        if len(table):
            known = KnownRows.of(self, table, missing_is_level=True)
            warn_of_unseen(known, self._tokenizer)
            known.tokens[:, [layout.target, *(layout.sensitive if is_blind(notion) else ())]] = LACKING
            chances = self._model.class_probabilities(known.tokens, never, notion, dial)
        if layout.ordered[layout.target]:
            return self._summary(chances, never.get(layout.target)).set_axis(index)
        kept = np.arange(layout.classes) != never.get(layout.target, -1)
        names = pd.Index(self.label_classes(), name=self._roles.target)
        return pd.DataFrame(chances[:, kept], index=index, columns=names)

    def label_classes(self) -> list:
        """Gives the classes of the label in the order of :meth:`predict_proba`, a missing one left out.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
            FairDistillError: If the label is a number or date, or there is none.
        """
        self._require_fit('Classes are')
        target, layout = self._roles.target, self._model.layout
        if target is None or layout.ordered[layout.target]:
            raise FairDistillError('There are no classes: the target is a number or date, or there is none.')
        missing = self._tokenizer.missing_tokens().get(layout.target)
        values = self._tokenizer.token_values(target)
        return [value for token, value in enumerate(values) if token != missing]

    def get_relations(self) -> pd.DataFrame:
        """Gives what numbers and dates were found to have to do with each other exactly; rows that are drawn keep it.

        Returns:
            ``Relation`` as people write it, such as ``'low <= high'``, ``'paid = bill'`` or ``'total = net + tax'``,
            and the ``Share`` of the rows, 0 to 1, in which it holds: orders and sums hold in all. Target and sensitive
            columns have none.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
        """
        self._require_fit('Relations are')
        found = self._tokenizer.relations.found
        return pd.DataFrame({'Relation': [one.name for one in found], 'Share': [one.share for one in found]})

    def _summary(self, chances: np.ndarray, missing: int | None) -> pd.DataFrame:
        """Gives mean and quantiles of distributions ``(rows, tokens)`` of a numeric label."""
        name = self._roles.target
        chances = chances if missing is None else chances[:, :missing]  # which is the last one
        inside = (np.arange(PARTS) + 0.5) / PARTS
        codes = (np.arange(chances.shape[1])[:, None] + inside).ravel()
        result = {'mean': chances @ self._tokenizer.numbers(name, codes).reshape(-1, PARTS).mean(1)}
        cumulative = chances.cumsum(1)
        for share in QUANTILES:
            token = np.minimum((cumulative < share).sum(1), chances.shape[1] - 1)
            rows = np.arange(len(chances))
            before = cumulative[rows, token] - chances[rows, token]
            place = np.clip((share - before) / np.maximum(chances[rows, token], 1e-12), 0, 1 - 1e-9)
            result[f'q{round(100 * share):02}'] = self._tokenizer.values(name, token + place)
        if self._sdtypes()[name] == 'datetime':
            result['mean'] = self._tokenizer.typed(name, result['mean'])
        return pd.DataFrame(result)
