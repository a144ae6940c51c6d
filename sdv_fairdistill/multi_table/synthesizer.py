"""SDV's verbs for several tables, the one with the label by our synthesizer; how keys are drawn is in ``keys``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sdv.metadata import Metadata
from sdv.multi_table.base import BaseMultiTableSynthesizer
from sdv.sampling.independent_sampler import BaseIndependentSampler
from sdv.single_table import GaussianCopulaSynthesizer
from sdv.single_table.base import BaseSingleTableSynthesizer

from sdv_fairdistill.helpers.files import complete
from sdv_fairdistill.multi_table.checks import check_parameters, check_tables
from sdv_fairdistill.multi_table.keys import ForeignKey
from sdv_fairdistill.plugin.saved import Saved
from sdv_fairdistill.plugin.versions import as_given
from sdv_fairdistill.synthesizer import FairDistillSynthesizer
from sdv_fairdistill.table.storage import check_storage

__all__ = ['FairIndependentSynthesizer']

FIRST_SEED = 73251  # of the keys after a fit and after reset_sampling; SDV's own for all else


class FairIndependentSynthesizer(Saved, BaseIndependentSampler, BaseMultiTableSynthesizer):
    """Fair synthetic rows of one table, and synthetic rows of the tables around it, with keys that match.

    The table with the label is learned by :class:`~sdv_fairdistill.synthesizer.FairDistillSynthesizer`, every other by
    a synthesizer of SDV's, each by itself. Every foreign key refers to a row that is there, and as many rows have 0,
    1, 2, … others that refer to them as in the data. Nothing else is learned across tables: which row refers to which
    is left to chance, so that columns of different tables are independent of each other.

    Takes the place of :class:`sdv.multi_table.HMASynthesizer`, which can use no synthesizer but SDV's own. The verbs
    are those of SDV's multi-table synthesizers: with SDV 2.x ``sample(num_rows, main_table_name)`` and
    ``sample_scale(scale)``, with 1.38 ``sample(scale)``.

    Args:
        metadata (sdv.metadata.Metadata): Describes the tables and how they refer to each other.
        label_table: Name of the table that has the label and the sensitive columns.
        synthesizers: The class that learns each other table, by the table's name, such as
            ``{'loans': CTGANSynthesizer}``; a table that is not named gets SDV's ``GaussianCopulaSynthesizer``.
        locales: Locales of invented personal data, as in SDV.
        **parameters: Those of :class:`~sdv_fairdistill.synthesizer.FairDistillSynthesizer`: ``sensitive_columns``,
            ``target_column``, ``favorable_value``, ``notion``, ``seed`` and the rest. Those of the other tables'
            synthesizers are set with ``set_table_parameters``, as in SDV.

    Raises:
        FairDistillError: If a table or an argument is unknown, or a class is no synthesizer of a single table.
        RoleError: If a role cannot be played by its column; a foreign key can play none.

    Example:
        >>> from sdv.metadata import Metadata
        >>> people = {'person': {'sdtype': 'id'}, 'sex': {'sdtype': 'categorical'}, 'label': {'sdtype': 'categorical'}}
        >>> loans = {'person': {'sdtype': 'id'}, 'amount': {'sdtype': 'numerical'}}
        >>> metadata = Metadata.load_from_dict({
        ...     'tables': {'people': {'columns': people, 'primary_key': 'person'}, 'loans': {'columns': loans}},
        ...     'relationships': [{
        ...         'parent_table_name': 'people', 'parent_primary_key': 'person',
        ...         'child_table_name': 'loans', 'child_foreign_key': 'person',
        ...     }],
        ... })
        >>> synthesizer = FairIndependentSynthesizer(
        ...     metadata, 'people', sensitive_columns=['sex'], target_column='label', favorable_value='good'
        ... )
        >>> synthesizer.set_fairness(dial=0.5)
        >>> synthesizer.fair_synthesizer.dial
        0.5
    """

    def __init__(
        self,
        metadata: Any,
        label_table: str,
        synthesizers: Mapping[str, type] | None = None,
        locales: list[str] | str | None = ('en_US',),
        **parameters: Any,
    ) -> None:
        if not isinstance(metadata, Metadata):  # such as SDV 1's MultiTableMetadata, which lose the tables' names
            metadata = Metadata.load_from_dict(metadata.to_dict())
        check_tables(list(metadata.tables), label_table, synthesizers or {})
        self.label_table = label_table
        self.synthesizers = dict(synthesizers or {})
        self.parameters = parameters
        self._foreign_keys: dict[tuple[str, str], ForeignKey] = {}
        self._generators: dict[tuple[str, str], np.random.Generator] = {}
        BaseMultiTableSynthesizer.__init__(self, metadata, list(locales) if isinstance(locales, tuple) else locales)
        BaseIndependentSampler.__init__(self, self.metadata, self._table_synthesizers, {})
        self._table_sizes = {}
        self.verbose = self.fair_synthesizer.verbose

    @property
    def fair_synthesizer(self) -> FairDistillSynthesizer:
        """The synthesizer of the table with the label, with its dial, notion, frontier and representation."""
        return self._table_synthesizers[self.label_table]

    def set_fairness(self, *arguments: Any, **choice: Any) -> None:
        """Sets how fair the next samples of the table with the label are; nothing is fitted again.

        Args:
            *arguments: As for :meth:`~sdv_fairdistill.synthesizer.FairDistillSynthesizer.set_fairness`.
            **choice: Likewise.

        Raises:
            FairDistillError: If a value is not allowed, or no dial reaches a goal; nothing is changed then.
        """
        fair = self.fair_synthesizer
        fair.set_fairness(*arguments, **choice)
        self._table_parameters[self.label_table].update(notion=fair.notion, dial=fair.dial)  # if SDV makes it anew

    def validate(self, data: dict[str, pd.DataFrame]) -> None:
        """Checks data as any multi-table synthesizer of SDV's does, and the label's table as ours does."""
        check_storage(data.get(self.label_table), self._original_metadata.tables[self.label_table].columns)
        state = np.random.get_state()  # noqa: NPY002  (SDV looks at dates drawn with the caller's generator)
        try:
            super().validate(data)
        finally:
            np.random.set_state(state)  # noqa: NPY002

    def reset_sampling(self) -> None:
        """Starts sampling anew: the next tables are those that the first call after the fit gave."""
        super().reset_sampling()
        generators = np.random.default_rng(FIRST_SEED).spawn(len(self._foreign_keys))
        self._generators = dict(zip(self._foreign_keys, generators, strict=True))

    def save(self, filepath: str | Path) -> None:
        """Saves as any SDV synthesizer does, but whole or not at all.

        Args:
            filepath: Where to write it. A file that is there already is replaced once the new one is complete.

        Raises:
            OSError: If it cannot be written; nothing is changed then.
        """
        with complete(filepath) as partial:
            super().save(partial)

    def _synthesizer(self, metadata: Any, **parameters: Any) -> BaseSingleTableSynthesizer:
        """Makes the synthesizer of one table; SDV calls what it takes for a class."""
        name = next(iter(metadata.tables))
        if name != self.label_table:
            return self.synthesizers.get(name, GaussianCopulaSynthesizer)(metadata, **parameters)
        given = {**self.parameters, **self._table_parameters[name], **parameters}
        check_parameters(given)
        return FairDistillSynthesizer(metadata, **{'locales': self.locales, **given})

    def _augment_tables(self, processed_data: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Learns the foreign keys, and gives the tables without them."""
        self._table_sizes = {name: len(table) for name, table in processed_data.items()}
        self._foreign_keys = {}
        for relation in self.metadata.relationships:
            child, key = relation['child_table_name'], relation['child_foreign_key']
            # A key that is the primary one as well is not among what is learned: each row has a parent of its own.
            keys = processed_data[child].get(key, pd.Series(range(self._table_sizes[child])))
            self._foreign_keys[child, key] = ForeignKey.learn(keys, self._table_sizes[relation['parent_table_name']])
        return {
            name: table.drop(columns=[key for child, key in self._foreign_keys if child == name], errors='ignore')
            for name, table in processed_data.items()
        }

    def _model_tables(self, augmented_data: dict[str, pd.DataFrame]) -> None:
        """Fits every table that has more than keys."""
        for name, table in augmented_data.items():
            if not table.empty:
                self._table_synthesizers[name].fit_processed_data(as_given(name, table))
        self.reset_sampling()

    def _add_foreign_key_columns(
        self, child_table: pd.DataFrame, parent_table: pd.DataFrame, child_name: str, parent_name: str
    ) -> None:
        """Lets the rows of a sampled table refer to those of another."""
        names = list(self.metadata.tables[child_name].columns)
        for relation in self.metadata.relationships:
            if (relation['parent_table_name'], relation['child_table_name']) != (parent_name, child_name):
                continue
            name = relation['child_foreign_key']
            parents = parent_table[relation['parent_primary_key']]
            key, generator = self._foreign_keys[child_name, name], self._generators[child_name, name]
            drawn = key.draw(parents, len(child_table), generator).set_axis(child_table.index)
            if name in child_table:  # the primary key of the child as well
                child_table[name] = drawn
            else:  # where the metadata have it, or SDV warns of another order
                before = names[: names.index(name)]
                child_table.insert(sum(column in before for column in child_table), name, drawn)
