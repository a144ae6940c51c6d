"""What SDV does with conditions, mended where it loses or misreads them; whether they can be met: ``conditions``."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
from rdt.errors import TransformerInputError
from sdv.errors import NotFittedError
from sdv.single_table.base import BaseSingleTableSynthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.conditions import UNMET, raise_if_unmet, unmet_conditions
from sdv_fairdistill.plugin.spelling import as_in_data, exact_integers, without_missing

__all__ = ['Conditioned']


class Conditioned(BaseSingleTableSynthesizer):
    """A synthesizer to which conditions may be spelled as people spell them, and that says why one cannot be met."""

    def _sample_with_conditions(self, conditions: pd.DataFrame, *arguments: Any, **more: Any) -> pd.DataFrame:
        if not self._fitted:
            raise NotFittedError(f'{UNMET}: this synthesizer has not been fitted. Please fit it before sampling.')
        conditions = as_in_data(conditions, self._data_processor._hyper_transformer, getattr(self, '_dates', {}))
        return super()._sample_with_conditions(conditions, *arguments, **more)

    def _sample_rows(self, num_rows: int, conditions: dict | None = None, *arguments: Any, **more: Any) -> tuple:
        conditions = without_missing(conditions, self._tokenizer.columns) if self._model else conditions
        return super()._sample_rows(num_rows, conditions, *arguments, **more)

    @staticmethod
    def _filter_conditions(sampled: pd.DataFrame, conditions: dict[str, Any], float_rtol: float) -> pd.DataFrame:
        sampled, conditions = exact_integers(sampled, conditions)
        return BaseSingleTableSynthesizer._filter_conditions(sampled, conditions, float_rtol)

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
