"""Conditions met for all rows at once, and spelled as people spell them; what SDV does here takes a row at a time."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rdt.errors import TransformerInputError
from sdv.cag import FixedCombinations
from sdv.cag._errors import ConstraintNotMetError
from sdv.errors import NotFittedError
from sdv.single_table.base import FIXED_RNG_SEED, BaseSingleTableSynthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.completion import completed, replaced_columns
from sdv_fairdistill.plugin.conditions import UNMET, come_back, meeting, raise_if_unmet, unmet_conditions
from sdv_fairdistill.plugin.spelling import as_in_data

__all__ = ['Conditioned']

POOLS = (2_048, 16_384)  # rows drawn to complete conditions on some columns of a constraint; more if none of them fits
INVALID = 'Provided conditions are not valid for the given constraints.'  # SDV's own words
OFTEN = 10  # rows drawn for those that constraints threw away, at most, for each row that is wanted in all


class Conditioned(BaseSingleTableSynthesizer):
    """A synthesizer that draws rows under conditions in one go, each row under its own."""

    def _sample_with_conditions(
        self,
        conditions: pd.DataFrame,
        max_tries_per_batch: int,
        batch_size: int | None,
        progress_bar: Any = None,
        output_file_path: str | None = None,
        keep_extra_columns: bool = False,
    ) -> pd.DataFrame:
        if not self._fitted:
            raise NotFittedError(f'{UNMET}: this synthesizer has not been fitted. Please fit it before sampling.')
        if conditions.empty:
            raise FairDistillError(
                f'{UNMET}: {len(conditions)} rows of {len(conditions.columns)} columns are known. Give at least one row'
                ' with at least one value; sample draws rows of which nothing is known.'
            )
        known = as_in_data(conditions, self._data_processor._hyper_transformer, getattr(self, '_dates', {}))
        if not (self._model and len(known) and self._data_processor.get_sdtypes(primary_keys=False)):
            return super()._sample_with_conditions(
                known, max_tries_per_batch, batch_size, progress_bar, output_file_path, keep_extra_columns
            )
        if not self._random_state_set:
            self._set_random_state(FIXED_RNG_SEED)
        known = known.reset_index(drop=True)
        if any(_breaks(constraint, known) for constraint in self._reject_sampling_constraints):
            raise ConstraintNotMetError(INVALID)
        processed = self._transformed(self._completed(known))
        size, parts = batch_size or len(known), []
        for begin in range(0, len(known), size):
            rows = slice(begin, begin + size)
            parts.append(self._met(known[rows], processed[rows], max_tries_per_batch))
            if output_file_path:
                _append(parts[-1], Path(output_file_path))
            if progress_bar is not None:
                progress_bar.update(len(parts[-1]))
        found = pd.concat(parts)
        return found.set_axis(conditions.index[found.index].rename(None)).sort_index()

    def _met(self, known: pd.DataFrame, processed: pd.DataFrame, tries: int) -> pd.DataFrame:
        """Draws the rows that are wanted, those that constraints throw away anew; gives them by their index."""
        parts, left, wanted = [], known.index, len(known)
        for attempt in range(tries):
            repeats = min(2**attempt, max(1, OFTEN * wanted // len(left)))
            places = left.repeat(repeats)
            drawn = self._drawn_under(known.loc[places], processed.loc[places])
            parts.append(drawn[~drawn.index.duplicated()])
            left = left.difference(drawn.index)
            if not len(left):
                break
        return pd.concat(parts).sort_index()

    def _drawn_under(self, known: pd.DataFrame, processed: pd.DataFrame) -> pd.DataFrame:
        """Draws each row once; gives, by the index of the wanted ones, those that constraints let through."""
        index, known = known.index, known.reset_index(drop=True)
        processor = self._data_processor
        sampled = processor.reverse_transform(self._sample(len(known), processed.reset_index(drop=True)))
        for name in known.columns.intersection(sampled.columns):
            if str(name) not in self._tokenizer.columns:  # what is invented is written as it is wanted
                sampled[name] = _stored(known[name], processor._dtypes.get(name))
        sampled = self.reverse_transform_constraints(sampled)
        if hasattr(processor, 'filter_valid'):  # SDV 1's constraints of old
            sampled = processor.filter_valid(sampled)
        found = meeting(sampled, known.loc[sampled.index], self._dates)
        return found.set_axis(index[found.index])

    def _completed(self, known: pd.DataFrame) -> pd.DataFrame:
        """Adds the columns that constraints need to be transformed, where some of theirs are known."""
        constraints = [(each, replaced_columns(each)) for each in self._chained_constraints]
        partly = [given for given in constraints if 0 < len(known.columns.intersection(given[1])) < len(given[1])]
        if not partly:
            return known
        others = known.drop(columns=[name for _, columns in partly for name in columns], errors='ignore')
        for size in POOLS:
            pool = self._pool(others, size)
            try:
                return self._completed_from(pool, known, partly)
            except FairDistillError as error:
                failure = error
        raise failure

    def _completed_from(self, pool: pd.DataFrame, known: pd.DataFrame, partly: list[tuple[Any, list]]) -> pd.DataFrame:
        for constraint, columns in partly:
            rows = pool
            if isinstance(constraint, FixedCombinations):
                rows = pd.concat([pool, constraint._combinations[columns]], ignore_index=True)
            is_valid = partial(self._can_be_drawn, constraint)
            known = completed(known, columns, rows, is_valid, self._dates, self._model.generators.numpy)
        return known

    def _pool(self, known: pd.DataFrame, size: int) -> pd.DataFrame:
        """Draws rows, under those conditions that are the same for all that are wanted."""
        same = known.loc[:, [known[name].nunique(dropna=False) == 1 for name in known]]
        if len(same.columns):
            wanted = same.iloc[[0] * size].reset_index(drop=True)
            drawn = self._drawn_under(wanted, self._transformed(wanted))
            if len(drawn):
                return drawn.reset_index(drop=True)
        return self._sample_rows(size)[0].reset_index(drop=True)

    def _can_be_drawn(self, constraint: Any, table: pd.DataFrame) -> np.ndarray:
        """Tells which rows of a constraint's columns are valid, and are drawn as they are if they are wanted."""
        valid = np.array(constraint.is_valid(table), dtype=bool)
        rows = table[valid]
        if not len(rows):
            return valid
        replaced = _with_known_missing(constraint.transform(rows), rows, self._data_processor)
        processed = self._data_processor.transform(replaced, is_condition=True)
        restored = self._data_processor._hyper_transformer.reverse_transform_subset(processed)
        back = constraint.reverse_transform(replaced.assign(**{str(name): restored[name] for name in restored}))
        same = come_back(rows, back, self._dates) & come_back(replaced, restored, self._dates)
        valid[valid] = same & processed.notna().all(axis=1).to_numpy()
        return valid

    def _transformed(self, known: pd.DataFrame) -> pd.DataFrame:
        """Gives the values that the model is to draw for conditions, a row each; refuses what cannot be met."""
        table = known
        try:
            for constraint in self._chained_constraints:
                columns = replaced_columns(constraint)
                if all(name in table for name in columns):
                    if not self._can_be_drawn(constraint, table[columns]).all():
                        raise ConstraintNotMetError(INVALID)
                    replaced = constraint.transform(table)
                    table = _with_known_missing(replaced, table, self._data_processor)
            return self._transform_conditions(table)
        except ConstraintNotMetError as error:
            raise ConstraintNotMetError(INVALID) from error

    def _transform_conditions(self, condition_df: pd.DataFrame) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # transformers warn of levels they do not know; here these are errors
            try:
                transformed = super()._transform_conditions(condition_df)
            except (TypeError, ValueError, TransformerInputError) as error:
                reason = str(error).rstrip('.')
                raise FairDistillError(f'{UNMET}: {reason}. Condition on values typed as in the data.') from error
            unmet = unmet_conditions(condition_df, transformed, self._data_processor._hyper_transformer)
        raise_if_unmet(unmet, self._sdtypes())
        return transformed


def _with_known_missing(replaced: pd.DataFrame, table: pd.DataFrame, processor: Any) -> pd.DataFrame:
    """Says that nothing is missing as a constraint has said it of the data, whose rows were not all complete."""
    for name in replaced.columns.difference(table.columns):
        levels = getattr(processor._hyper_transformer.field_transformers.get(name), 'levels', ())
        if replaced[name].isna().all() and 'None' in levels:
            replaced[name] = 'None'
    return replaced


def _breaks(constraint: Any, known: pd.DataFrame) -> bool:
    """Tells whether known values alone break a constraint that throws rows away; some columns may be lacking."""
    try:
        return not constraint.is_valid(known).all()
    except KeyError:
        return False


def _append(rows: pd.DataFrame, path: Path) -> None:
    """Writes rows below those that are there already: one call may write those of several lists of conditions."""
    begins = not path.exists() or path.stat().st_size == 0
    rows.to_csv(path, mode='a', header=begins, index=False)


def _stored(values: pd.Series, dtype: Any) -> pd.Series:
    try:
        return values.astype(dtype)
    except (TypeError, ValueError):
        return values
