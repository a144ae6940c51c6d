"""One partition: the work of a Dask worker; and the values that must differ between all partitions."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import pandas as pd
from rdt.transformers import AnonymizedFaker, BaseTransformer, PseudoAnonymizedFaker

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.helpers.seeding import seed_sampling
from sdv_fairdistill.plugin.versions import frame_of
from sdv_fairdistill.scale.parquet import write
from sdv_fairdistill.scale.plan import Partition

__all__ = ['OrderedValues', 'write_partition']

_one_at_a_time = threading.Lock()  # RDT seeds numpy's global generator while it draws


class OrderedValues:
    """Draws the columns whose values must differ between all rows: keys, and other ids that run on.

    No generator of theirs can begin in the middle, so one process draws them all, in the order of the partitions. Names
    and other invented data that may repeat are left to the partitions, and so are those with a fixed set of values.

    Args:
        synthesizer: A fitted synthesizer whose sampling starts anew.
    """

    def __init__(self, synthesizer: Any) -> None:
        transformers = [one for one in synthesizer.get_transformers().values() if one is not None]
        self._transformers = [one for one in transformers if one.is_generator() and _runs_on(one)]

    def draw(self, rows: int) -> pd.DataFrame:
        """Gives the next values ``(rows, columns)``; no columns if there is nothing to draw."""
        values = pd.DataFrame(index=range(rows))
        for transformer in self._transformers:
            values = transformer.reverse_transform(values)
        return values


def write_partition(pickled: bytes, partition: Partition, ordered: pd.DataFrame, folder: Path) -> None:
    """Samples one partition into its file, which depends on the arguments alone.

    Args:
        pickled: The fitted synthesizer.
        partition: What to draw.
        ordered: Values of the columns that differ between all rows ``(rows, columns)``.
        folder: Where the file goes.

    Raises:
        FairDistillError: If fewer rows come than were asked for, or the ordered values do not fit their column.
    """
    synthesizer = pickle.loads(pickled)
    with _one_at_a_time:
        seed_sampling(synthesizer, partition.seed)
        rows = frame_of(synthesizer.sample(partition.rows))
    if len(rows) < partition.rows:
        raise FairDistillError(
            f'{partition.name}: only {len(rows)} of {partition.rows} rows meet the constraints. Loosen those that are'
            ' met by throwing rows away.'
        )
    for name in ordered.columns:
        try:
            rows[name] = ordered[name].astype(rows[name].dtype)
        except (TypeError, ValueError) as error:
            raise FairDistillError(
                f"{partition.name}: no more different values of column '{name}' can be drawn as {rows[name].dtype}"
                f' ({error}). Sample fewer rows, or give the column a regex_format in the metadata.'
            ) from error
    write(rows, folder / partition.name)


def _runs_on(transformer: BaseTransformer) -> bool:
    rule = getattr(transformer, 'cardinality_rule', None)
    may_repeat = isinstance(transformer, AnonymizedFaker) and rule is None
    is_learned = isinstance(transformer, PseudoAnonymizedFaker)  # its values are levels, which the model draws
    return not (may_repeat or is_learned or rule == 'match')
