"""The private stage: a real table goes in, a private proxy of it comes out, and all that is known of the real one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from sdv_fairdistill.errors import FairDistillError, PrivacyError
from sdv_fairdistill.helpers.threads import one_thread
from sdv_fairdistill.privacy.choosing import ProxyConfig, candidates_of, measure_adaptively
from sdv_fairdistill.privacy.columns import Counted
from sdv_fairdistill.privacy.counting import Counter, count_rows, counts_of
from sdv_fairdistill.privacy.label import LabelModel, fit_label
from sdv_fairdistill.privacy.ledger import Ledger
from sdv_fairdistill.privacy.mechanisms import noisy_scale
from sdv_fairdistill.privacy.public import PublicColumn, public_columns
from sdv_fairdistill.privacy.reading import hashable
from sdv_fairdistill.privacy.relaxed import Measure, RelaxedTable
from sdv_fairdistill.privacy.settings import Privacy
from sdv_fairdistill.privacy.statement import PrivacyStatement

__all__ = ['Proxy', 'bounded', 'private_proxy', 'statement_of', 'total_of']

SLACK = 1e-6  # share of the budget that is never planned for, so that no rounding goes beyond it
DELTA_FOR_LEVELS = 0.5  # share of δ with which levels are found, if any have to be
FEWEST = 1e-9  # budget below which nothing can be planned
LABEL_ROWS = 20_000, 50_000  # least and most rows of the proxy beside which the label is fitted to its counts


@dataclass(frozen=True, eq=False)
class Proxy:
    """What is left of a table.

    Attributes:
        columns: The columns that were counted, in the order of the tokens.
        table: Draws token rows like those of the table.
        rows: Noisy number of rows.
        public: What was public of each column.
        label: Draws the label of some rows, or of all; None if the table draws that of all.
    """

    columns: Sequence[Counted]
    table: RelaxedTable
    rows: int
    public: Sequence[PublicColumn]
    label: LabelModel | None = None

    @property
    def names(self) -> list[str]:
        """Gives the names of the columns that were counted."""
        return [column.name for column in self.columns]

    def draw(self, rows: int, generator: np.random.Generator) -> pd.DataFrame:
        """Draws rows like those of the table, of all columns that were counted."""
        tokens = self.table.draw(rows, generator)
        if self.label is not None:
            tokens = self.label.redrawn(tokens, generator)
        return pd.DataFrame(
            {column.name: column.decode(tokens[:, place], generator) for place, column in enumerate(self.columns)}
        )


def private_proxy(
    table: pd.DataFrame,
    described: Mapping[str, Mapping[str, Any]],
    privacy: Privacy,
    target: str | None = None,
    verbose: bool = False,
    config: ProxyConfig | None = None,
) -> Proxy:
    """Counts a table privately and fits a proxy to the counts.

    Args:
        table: The real rows. Columns that are not described are not looked at, but for the one of the person.
        described: SDV's description of each column that is learned, by name.
        privacy: The budget, and what is public.
        target: The label, with which pairs of columns are counted too.
        verbose: Whether to show a progress bar; it shows rounds alone.
        config: Numbers of the stage.

    Returns:
        The proxy.

    Raises:
        FairDistillError: If what the user said does not fit the table.
        PrivacyError: If the budget does not allow it.
    """
    config = config or ProxyConfig()
    public = public_columns(privacy, described, {str(name): table[name].dtype for name in table})
    ledger = privacy.open(len(table))
    finds = sum(column.levels is None and not column.is_line for column in public)
    reserved = ledger.delta * DELTA_FOR_LEVELS if finds else 0.0
    rho = ledger.rho_left(reserved) * (1 - SLACK)
    if rho < FEWEST:
        raise PrivacyError(
            f'The budget of ε = {ledger.epsilon:g} and δ = {ledger.delta:g} is spent. A new Privacy(…) allows another'
            ' fit; know that the two releases then add up, or let both share a Ledger.'
        )
    generator = np.random.default_rng(secrets.randbits(128))  # never from a seed: rows are replaced and drawn with it
    table = bounded(table, privacy, generator)
    noise = noisy_scale(rho, privacy.rows_per_person)
    size = count_rows(table, ledger, privacy.rows_per_person, rho * config.sizing)
    scarcity = config.scarcity(size[0], noise)
    counter = Counter(
        ledger,
        privacy.rows_per_person,
        rho * config.counting_of(scarcity) / sum(map(counts_of, public)),
        reserved / max(finds, 1) * (1 - SLACK),
        lambda rows: config.tokens_of(config.fineness(rows, noise)),
        config.noise,
    )
    with one_thread():
        counted = [counter.count(table[column.name], column) for column in public]
        columns = [column for column, _ in counted]
        total = total_of([size, *(found for _, found in counted if found is not None)])
        tokens = np.column_stack([column.encode(table[column.name], generator) for column in columns])
        place = next((place for place, column in enumerate(columns) if column.name == target), None)
        fitted, measures = _fitted(tokens, columns, total, ledger, privacy, place, config, verbose)
        fitted.fit(measures, total, config.steps_of(config.last_steps, scarcity), decay=True)
        label = _label(fitted, measures, total, place, config, config.modelled_of(scarcity), generator)
    return Proxy(columns, fitted, round(total), public, label)


def statement_of(proxy: Proxy, privacy: Privacy) -> PrivacyStatement:
    """Says what a fit guarantees."""
    ledger, shared = privacy.spent, privacy.ledger
    return PrivacyStatement(
        epsilon=ledger.epsilon_spent,
        delta=ledger.delta,
        rows_per_person=privacy.rows_per_person,
        is_enforced=privacy.person_column is not None,
        delta_by_default=privacy.delta is None,
        spent=ledger.table(),
        public={column.name: column.said() for column in proxy.public},
        rows=proxy.rows,
        notes=tuple(note for column in proxy.columns for note in column.notes),
        shared=None if shared is None else (shared.epsilon_spent, shared.delta),
    )


def _fitted(
    tokens: np.ndarray,
    columns: Sequence[Counted],
    total: float,
    ledger: Ledger,
    privacy: Privacy,
    target: int | None,
    config: ProxyConfig,
    verbose: bool,
) -> tuple[RelaxedTable, list[Measure]]:
    """Spends what is left of the budget on combinations of columns, fits a relaxed table; gives all counts too."""
    generator = np.random.default_rng(secrets.randbits(128))
    sizes = [column.n_tokens for column in columns]
    first = torch.Generator().manual_seed(secrets.randbits(63))
    table = RelaxedTable(sizes, config.parts, config.rate, first)
    measures = [Measure((place,), column.counts, column.variances) for place, column in enumerate(columns)]
    table.begin(measures, total)
    candidates = candidates_of(sizes, target, config.cells)
    rho = ledger.rho_left() * (1 - SLACK)
    with tqdm(disable=not verbose, desc='Private stage') as bar:
        measure_adaptively(
            tokens,
            table,
            measures,
            total,
            candidates,
            ledger,
            privacy.rows_per_person,
            rho,
            config,
            generator,
            bar.update,
            target,
        )
    return table, measures


def _label(
    table: RelaxedTable,
    measures: Sequence[Measure],
    total: float,
    target: int | None,
    config: ProxyConfig,
    share: float,
    generator: np.random.Generator,
) -> LabelModel | None:
    """Fits a model of the label to all counts, if it is to draw that of any rows."""
    if target is None or not share:
        return None
    drawn = table.draw(round(np.clip(total, *LABEL_ROWS)), generator)
    return fit_label(measures, drawn, total, target, table.sizes, config.label_steps, share)


def bounded(table: pd.DataFrame, privacy: Privacy, generator: np.random.Generator) -> pd.DataFrame:
    """Gives a table in which no person has more rows than allowed; which are dropped is drawn, and how many not said.

    Raises:
        FairDistillError: If the column that names the person is not there.
    """
    if privacy.person_column is None:
        return table
    if privacy.person_column not in table:
        raise FairDistillError(
            f'person_column={privacy.person_column!r} is not a column of the table: {list(table.columns)}.'
        )
    shuffled = table.iloc[generator.permutation(len(table))]
    persons = hashable(shuffled[privacy.person_column])
    return shuffled[
        (shuffled.groupby(persons.to_numpy(), dropna=False).cumcount() < privacy.rows_per_person).to_numpy()
    ]


def total_of(found: Sequence[tuple[float, float]]) -> float:
    """Gives the number of rows, at least 1, from its noisy counts and their variances."""
    weights = [1 / variance for _, variance in found]
    return max(1.0, float(np.average([total for total, _ in found], weights=weights)))
