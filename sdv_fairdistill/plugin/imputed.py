"""The verb that fills in missing values of real rows; how tokens are drawn is in ``sampling``."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sdv.cag import FixedCombinations
from sdv.single_table.base import FIXED_RNG_SEED

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.goals.checks import check_number
from sdv_fairdistill.plugin.completion import completed, replaced_columns
from sdv_fairdistill.plugin.conditioned import POOLS, Conditioned
from sdv_fairdistill.plugin.known import KnownRows, table_of, warn_of_unseen

__all__ = ['Imputing', 'require_repair']

MOST_TRIES = 100  # to fill in rows so that constraints hold; as often SDV tries to meet conditions
MOST_ROWS = 200_000  # filled in at once, imputations counted


class Imputing(Conditioned):
    """A synthesizer that fills in missing values of real rows."""

    def impute(
        self, data: pd.DataFrame | dict[str, pd.DataFrame], num_imputations: int = 1
    ) -> pd.DataFrame | dict[str, pd.DataFrame] | list:
        """Fills in the missing values of rows, drawn from the model given everything that is known of each row.

        Values that are known stay as they are, index and order too. What is filled in varies between rows and between
        imputations as the model is unsure of it: with several imputations any figure can be computed on each, and
        pooled by Rubin's rules (1987). Draws go on where the last ones ended; ``reset_sampling`` starts them anew.

        A label that is missing is filled in as ``sample`` would draw it: with a notion at a dial, the repaired one.
        The other values of a row are drawn as in the data, and given the label as it is where it is known. This holds
        for values that are missing at random, given what is known (Rubin, 1976): where large incomes are missing
        because they are large, nothing in the rows says so, and what is filled in is too small.

        Args:
            data: Rows of the table that was fitted, as a DataFrame or as ``{table_name: DataFrame}``. Levels that the
                model has never seen tell it nothing, and stay; keys and columns of personal data may be left out, and
                are not filled in.
            num_imputations: How many completed tables to draw.

        Returns:
            The rows without missing values in the form in which they came; a list of them for several imputations. A
            column that had no values in the fit stays missing.

        Raises:
            NotFittedError: If the synthesizer has not been fitted.
            FairDistillError: If a column is lacking, or was not fitted, or a value cannot be read; or if a label is
                missing and the present notion is one of a causal graph.
            ConstraintNotMetError: If what is known of a row breaks a constraint.

        Example:
            >>> from sdv_fairdistill.datasets import load_german_credit
            >>> german = load_german_credit()
            >>> synthesizer = FairDistillSynthesizer(german.metadata, **german.roles, seed=0)  # doctest: +SKIP
            >>> synthesizer.fit(german.data)  # doctest: +SKIP
            >>> synthesizer.impute(german.table.head(3).assign(credit=None))['credit'].tolist()  # doctest: +SKIP
            ['good', 'bad', 'good']
        """
        self._require_fit('Imputations are')
        check_number('num_imputations', num_imputations, least=1)
        table = table_of(self, data)
        if self._roles.target is not None and table[self._roles.target].isna().any():
            require_repair('A missing label', self.notion, self.dial)
        if not self._random_state_set:
            self._set_random_state(FIXED_RNG_SEED)
        given = data[self._table_name] if isinstance(data, dict) else data
        tables = self._imputed(table, num_imputations)
        named = [found.set_axis(given.index).set_axis(given.columns, axis=1) for found in tables]
        results = [{self._table_name: found} for found in named] if isinstance(data, dict) else named
        return results[0] if num_imputations == 1 else results

    def _imputed(self, table: pd.DataFrame, count: int) -> list[pd.DataFrame]:
        """Gives completed copies of a table whose columns are named by texts and whose index is fresh."""
        lacking = table[self._filled_columns(table)].isna()
        rows = np.flatnonzero(lacking.any(axis=1))
        if not len(rows):
            return [table.copy() for _ in range(count)]
        incomplete = table.iloc[rows].reset_index(drop=True)
        known = KnownRows.of(self, incomplete).require_valid()
        warn_of_unseen(known, self._tokenizer)
        places = np.tile(np.arange(len(rows)), count)
        parts = [
            self._completed_rows(incomplete, known, part)
            for part in np.array_split(places, -(-len(places) // MOST_ROWS))
        ]
        filled = pd.concat(parts, ignore_index=True)
        numbers = np.arange(len(places)).reshape(count, -1)
        return [_put_in(table, rows, filled.iloc[those].reset_index(drop=True)) for those in numbers]

    def _filled_columns(self, table: pd.DataFrame) -> list[str]:
        """Gives the columns whose values are learned; those of the others are invented."""
        transformers = self._data_processor._hyper_transformer.field_transformers
        replaced = {name for constraint in self._chained_constraints for name in replaced_columns(constraint)}
        learned = set(self._tokenizer.columns) | replaced
        for name, transformer in transformers.items():
            outputs = getattr(transformer, 'output_columns', None) or []
            if any(str(output) in learned for output in outputs):
                learned.add(str(name))
        return [name for name in table if name in learned]

    def _completed_rows(self, incomplete: pd.DataFrame, known: KnownRows, places: np.ndarray) -> pd.DataFrame:
        """Fills in some of the rows, each as often as named; those that break a constraint are filled in again."""
        result, left = incomplete.iloc[places].reset_index(drop=True), np.arange(len(places))
        parts = []
        for _ in range(MOST_TRIES):
            drawn = self._filled(result.iloc[left].reset_index(drop=True), known, places[left])
            met = self._meets_all(drawn)
            parts.append(drawn[met].set_axis(left[met]))
            left = left[~met]
            if not len(left):
                return pd.concat(parts).sort_index()
        raise FairDistillError(
            f'{len(left):,} rows could not be filled in so that all constraints hold, in {MOST_TRIES} tries: what is'
            ' known of them goes with hardly any rows that the model draws. Correct them, or leave them out.'
        )

    def _filled(self, rows: pd.DataFrame, known: KnownRows, places: np.ndarray) -> pd.DataFrame:
        """Fills in rows once, of which it is said where they stand among the known ones."""
        filled = self._model.fill(known.tokens[places], self._tokenizer.missing_tokens(), self.notion, self.dial)
        processed = self._tokenizer.to_processed(filled, self._model.generators.numpy, known=known.codes[places])
        raw = self._data_processor._hyper_transformer.reverse_transform_subset(processed)
        own = [(constraint, replaced_columns(constraint)) for constraint in self._chained_constraints]
        for constraint, _ in reversed(own):
            raw = constraint.reverse_transform(raw)
        result = rows.copy()
        partly = {name for _, columns in own for name in columns}
        for name in rows.columns.intersection(raw.columns):
            if name not in partly:
                result[name] = _merged(rows[name], raw[name])
        for constraint, columns in own:
            result = self._with_constrained(result, rows, raw, constraint, columns)
        return result

    def _with_constrained(
        self, result: pd.DataFrame, rows: pd.DataFrame, raw: pd.DataFrame, constraint: Any, columns: list[str]
    ) -> pd.DataFrame:
        """Fills in the columns that a constraint replaces: whole where none is known, else to fit those that are."""
        lacks, parts = rows[columns].isna(), []
        for pattern, members in lacks.groupby(columns, sort=False).groups.items():
            pattern = np.atleast_1d(pattern)
            part = result.loc[members]
            if pattern.all():
                part = part.assign(**{name: raw.loc[members, name] for name in columns})
            elif pattern.any():
                lacking = [name for name, is_lacking in zip(columns, pattern, strict=True) if is_lacking]
                part = self._completed_under(part.drop(columns=lacking), constraint, columns, lacking)
            parts.append(part)
        found = pd.concat(parts).loc[result.index, result.columns]
        return found.assign(**{name: _typed(found[name].astype(object), raw[name].dtype) for name in columns})

    def _completed_under(
        self, known: pd.DataFrame, constraint: Any, columns: list[str], lacking: list[str]
    ) -> pd.DataFrame:
        failure = None
        compared = known[self._filled_columns(known)].reset_index(drop=True)
        compared = compared.loc[:, compared.notna().all()]
        for size in POOLS:
            pool = self._sample_rows(size)[0].reset_index(drop=True)
            if isinstance(constraint, FixedCombinations):
                pool = pd.concat([pool, constraint._combinations[columns]], ignore_index=True)
            try:
                found = completed(
                    compared,
                    columns,
                    pool,
                    partial(self._can_be_drawn, constraint),
                    self._dates,
                    self._model.generators.numpy,
                )
                return known.assign(**{name: found[name].array for name in lacking})
            except FairDistillError as error:
                failure = error
        raise FairDistillError(str(failure).replace('can be given', 'goes with')) from failure

    def _meets_all(self, rows: pd.DataFrame) -> np.ndarray:
        """Tells which rows meet every constraint."""
        met = np.ones(len(rows), dtype=bool)
        for constraint in [*self._chained_constraints, *self._reject_sampling_constraints]:
            met &= np.asarray(constraint.is_valid(rows), dtype=bool)
        if hasattr(self._data_processor, 'filter_valid'):  # SDV 1's constraints of old
            met &= np.isin(rows.index, self._data_processor.filter_valid(rows).index)
        return met


def require_repair(what: str, notion: str, dial: float) -> None:
    """Refuses to say what a label would be under a notion that changes whole drawn rows.

    Args:
        what: What is asked for, to begin the message with.
        notion: Name of the notion.
        dial: How far it goes; at 0 labels are as in the data under every notion.

    Raises:
        FairDistillError: If the notion cuts edges of a causal graph.
    """
    from sdv_fairdistill.views import cuts_edges

    if dial and cuts_edges(notion):
        raise FairDistillError(
            f"{what} of a real row is not known under '{notion}', which changes rows that are drawn, along its causal"
            ' graph. Name another notion with set_fairness, or dial=0 for labels as in the data.'
        )


def _merged(known: pd.Series, drawn: pd.Series) -> pd.Series:
    """Puts drawn values where known ones are missing."""
    missing = known.isna().to_numpy()
    if not missing.any():
        return known
    values = known.astype(object).to_numpy(copy=True)
    values[missing] = drawn.astype(object).to_numpy()[missing]
    return _typed(pd.Series(values, index=known.index, dtype=object), drawn.dtype)


def _put_in(table: pd.DataFrame, rows: np.ndarray, filled: pd.DataFrame) -> pd.DataFrame:
    """Gives a table in which some of the rows, by number, are filled in."""
    result = {}
    for name, column in table.items():
        if filled[name].isna().equals(column.iloc[rows].isna().reset_index(drop=True)):
            result[name] = column.copy()
            continue
        values = column.astype(object).to_numpy(copy=True)
        values[rows] = filled[name].astype(object).to_numpy()
        result[name] = _typed(pd.Series(values, index=table.index, dtype=object), filled[name].dtype)
    return pd.DataFrame(result, columns=table.columns, index=table.index)


def _typed(values: pd.Series, dtype: Any) -> pd.Series:
    """Gives values, of dtype object, the dtype in which others are drawn, if it holds all of them as they are."""
    try:
        typed = values.astype(dtype)
    except (TypeError, ValueError, OverflowError):
        return values
    same = (typed.astype(object) == values) | values.isna()
    return typed if bool(same.all()) else values
