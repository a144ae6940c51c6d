"""SDV's verbs of fitting with a private stage in front of them; the stage itself is in ``privacy``.

SDV, RDT and this package read much off the rows that they are given: formats, digits, levels, ranges, missing values,
numbers of rows. So they are never given the real ones, but a proxy of them that is private already.
"""

from __future__ import annotations

import secrets
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sdv.cag import FixedCombinations
from sdv.errors import NotFittedError
from sdv.single_table.base import BaseSingleTableSynthesizer

from sdv_fairdistill.errors import FairDistillError, PrivacyError
from sdv_fairdistill.plugin.versions import TAKES_FRAMES, as_given
from sdv_fairdistill.table.storage import check_names

if TYPE_CHECKING:
    from sdv_fairdistill.privacy import Privacy, PrivacyStatement
    from sdv_fairdistill.privacy.stage import Proxy
    from sdv_fairdistill.training.config import FitConfig

__all__ = ['Private', 'check_privacy']

LEVELS = ('boolean', 'categorical', 'id', 'ordinal')
LEARNED = (*LEVELS, 'datetime', 'numerical')
DRAWS = 8  # times that as many rows are drawn as are needed, if constraints refuse some
LEAST_LEARNED = 10_000  # rows learned: more of a proxy cost no privacy; German Credit's .918 at ε = 3 became .927
LEAST_VALID = 0.25  # share of the drawn rows that must meet the constraints: the rest would be a table of its own


def check_privacy(privacy: Any, holdout_share: float) -> None:
    """Checks what does not go together with privacy.

    Raises:
        FairDistillError: If it is no :class:`Privacy`, rows shall be kept aside, or OpenDP is not installed.
    """
    if privacy is None:
        return
    from sdv_fairdistill.privacy import Privacy
    from sdv_fairdistill.privacy.accounting import opendp

    opendp()  # which may be lacking
    if not isinstance(privacy, Privacy):
        raise FairDistillError(f'privacy={privacy!r} is not allowed: give a sdv_fairdistill.privacy.Privacy, or None.')
    if holdout_share:
        raise FairDistillError(
            f'holdout_share={holdout_share:g} does not go with privacy: goals are measured on real rows, and what is'
            ' measured would not be private. Choose a dial instead.'
        )


class Private(BaseSingleTableSynthesizer):
    """A synthesizer that is fitted to a private proxy of the rows, if it was made with ``privacy``."""

    privacy: Privacy | None = None
    _statement: PrivacyStatement | None = None
    _sees_proxy = False

    def fit(self, data: Any) -> None:
        """Fits as any SDV synthesizer does; with ``privacy`` to a private proxy of the rows.

        Args:
            data: The rows, in the form that the installed SDV takes.

        Raises:
            PrivacyError: With ``privacy``, if the budget does not allow it.
        """
        if self.privacy is None:
            super().fit(data)
            return
        proxy = self._private(self._table_of(data))
        self._sees_proxy = True
        try:
            super().fit(as_given(self._table_name, proxy))
        finally:
            self._sees_proxy = False

    def preprocess(self, data: Any) -> Any:
        """Transforms data as any SDV synthesizer does; with ``privacy`` it refuses to look at real rows."""
        self._refuse_real('preprocess')
        return super().preprocess(data)

    def fit_processed_data(self, processed_data: Any) -> None:
        """Fits to transformed data as any SDV synthesizer does; with ``privacy`` it refuses to, as they are real."""
        self._refuse_real('fit_processed_data')
        super().fit_processed_data(processed_data)

    def auto_assign_transformers(self, data: Any) -> None:
        """Assigns transformers as any SDV synthesizer does; with ``privacy`` it refuses to look at real rows."""
        self._refuse_real('auto_assign_transformers')
        super().auto_assign_transformers(data)

    def get_privacy(self) -> PrivacyStatement:
        """Gives the guarantee of the last fit: ε, δ, what each part cost, and what was public.

        Raises:
            FairDistillError: If the synthesizer was made without ``privacy``.
            NotFittedError: If it has not been fitted.
        """
        if self.privacy is None:
            raise FairDistillError('This synthesizer was made without privacy, so that it guarantees none.')
        if self._statement is None:
            raise NotFittedError('A guarantee is not available yet. Please fit your synthesizer first.')
        return self._statement

    def _refuse_real(self, verb: str) -> None:
        if self.privacy is not None and not self._sees_proxy:
            raise PrivacyError(
                f'{verb} would look at the real rows beside the guarantee: with privacy, call fit, which needs nothing'
                ' before it.'
            )

    def _table_of(self, data: Any) -> pd.DataFrame:
        table = data.get(self._table_name) if isinstance(data, dict) else data if TAKES_FRAMES else None
        if not isinstance(table, pd.DataFrame):
            form = 'a DataFrame' if TAKES_FRAMES else f"a dict {{'{self._table_name}': DataFrame}}"
            raise FairDistillError(f'fit was given {type(data).__name__}: give {form}.')
        check_names(table)
        table = table.rename(columns=str)
        described = {str(name) for name in self._described().columns}
        lacking, unknown = described - set(table), set(table) - described - {self.privacy.person_column}
        if lacking or unknown:
            raise FairDistillError(
                f'The columns of the data are not those of the metadata: {sorted(lacking)} are lacking,'
                f' {sorted(unknown)} are not described.'
            )
        return table

    def _private(self, table: pd.DataFrame) -> pd.DataFrame:
        """Gives a private proxy of a real table, and keeps what is said of the guarantee."""
        from sdv_fairdistill.privacy.stage import private_proxy, statement_of

        learned = self._learned_privately()
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # warnings of libraries may show values
            try:
                proxy = private_proxy(table, learned, self.privacy, self._roles.target, self.verbose)
            except FairDistillError:
                raise
            except Exception as error:
                raise PrivacyError(
                    f'The private stage failed ({type(error).__name__}). What failed is not said, as that may tell of'
                    ' rows: check that each column holds what its sdtype says.'
                ) from None
        self._statement = statement_of(proxy, self.privacy)
        for note in self._statement.notes:
            warnings.warn(note, stacklevel=3)
        dtypes = {str(name): table[name].dtype for name in table}
        return self._whole(proxy, dtypes)

    def _for_privacy(self, config: FitConfig) -> FitConfig:
        """Gives the numbers of a fit to what it learns from.

        A proxy has as many rows as one likes, but no more to learn than the noisy counts leave: a label head that reads
        all columns learns their noise. At ε = .3 models that learned Adult knew the label with an AUC of .885 where the
        label was drawn last and of .890 where it was drawn first, and repaired labels with .850 and .858 (two proxies).
        """
        return config if self.privacy is None else replace(config, last_rows=sys.maxsize)

    def _learned_privately(self) -> dict[str, Mapping[str, Any]]:
        """Gives SDV's description of the columns that are learned; the values of others are invented."""
        described = self._described()
        keys = {str(key) for key in described._get_primary_and_alternate_keys()}
        learned = {
            str(name): about
            for name, about in described.columns.items()
            if str(name) not in keys and _is_learned(about) and str(name) != self.privacy.person_column
        }
        person = self.privacy.person_column
        if person is not None and person in described.columns and _is_learned(described.columns[person]):
            raise FairDistillError(
                f"person_column='{person}' would be learned by its sdtype: leave it out of the metadata (it may stay in"
                " the data), or give it an sdtype whose values are invented, such as 'unknown'."
            )
        return learned

    def _whole(self, proxy: Proxy, dtypes: Mapping[str, Any]) -> pd.DataFrame:
        """Draws the proxy's rows that meet the constraints, with columns that are invented."""
        generator = np.random.default_rng(secrets.randbits(128))
        wanted, parts, drawn, kept = max(proxy.rows, LEAST_LEARNED), [], 0, 0
        while kept < wanted and drawn < DRAWS * wanted:
            rows = self._with_stand_ins(proxy.draw(wanted, generator), dtypes)
            drawn += len(rows)
            parts.append(rows[self._meets_constraints(rows)])
            kept += len(parts[-1])
            if kept < LEAST_VALID * drawn:
                raise PrivacyError(
                    f'The constraints hold in {kept / drawn:.0%} of the rows that noisy counts of pairs of columns lead'
                    ' to, too few to learn from. Leave them out, or give privacy a larger budget.'
                )
        return self._with_stand_ins(pd.concat(parts, ignore_index=True).head(wanted)[proxy.names], dtypes)

    def _with_stand_ins(self, rows: pd.DataFrame, dtypes: Mapping[str, Any]) -> pd.DataFrame:
        from sdv_fairdistill.privacy.invented import stand_in

        names = [str(name) for name in self._described().columns]
        return pd.DataFrame(
            {name: rows[name] if name in rows else stand_in(name, dtypes[name], len(rows)) for name in names}
        )

    def _meets_constraints(self, rows: pd.DataFrame) -> np.ndarray:
        met, tables = np.ones(len(rows), dtype=bool), {self._table_name: rows}
        for constraint in [*self._chained_constraints, *self._reject_sampling_constraints]:
            if isinstance(constraint, FixedCombinations):
                continue  # keeps whatever combinations there are
            try:
                met &= np.asarray(constraint.is_valid(tables, self._original_metadata)[self._table_name], dtype=bool)
            except Exception as error:
                raise FairDistillError(
                    f'{type(constraint).__name__} cannot be checked before SDV has fitted it, as privacy needs: leave'
                    f' it out ({type(error).__name__}).'
                ) from error
        return met


def _is_learned(about: Mapping[str, Any]) -> bool:
    if about.get('regex_format'):
        return False
    return about['sdtype'] in LEARNED or about.get('pii') is False
