"""What a folder of sampled partitions is to hold, and its manifest: the same call goes on, another is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.helpers.files import complete
from sdv_fairdistill.plugin.versions import frame_of
from sdv_fairdistill.scale.parquet import as_table

__all__ = ['Partition', 'Plan']

MANIFEST = '_manifest.json'  # readers of Parquet folders pass over names that begin so
KNOWN_BY = 100  # rows that a synthesizer is known by: enough for any two fits to differ in one


@dataclass(frozen=True, eq=False)
class Partition:
    """One file.

    Attributes:
        number: Its place among the partitions.
        rows: Number of rows.
        seed: Decides everything random in it.
    """

    number: int
    rows: int
    seed: np.random.SeedSequence

    @property
    def name(self) -> str:
        """Name of the file."""
        return f'part-{self.number:05}.parquet'


@dataclass(frozen=True)
class Plan:
    """What was asked for, in numbers and texts that a manifest can hold.

    Attributes:
        num_rows: Rows in all.
        partition_rows: The most rows of a partition.
        seed: Decides everything random.
        synthesizer: Its class.
        notion: The notion of fairness it is set to; None if it knows none.
        dial: The dial it is set to; None likewise.
        first_rows: Digest of the first rows it draws, by which the same fit is known after saving and loading.
    """

    num_rows: int
    partition_rows: int
    seed: int
    synthesizer: str
    notion: str | None
    dial: float | None
    first_rows: str

    @classmethod
    def of(cls, fresh: Any, num_rows: int, partition_rows: int, seed: int) -> Plan:
        """Gives the plan for a synthesizer; its sampling starts anew before and after."""
        fresh.reset_sampling()
        rows = frame_of(fresh.sample(KNOWN_BY))
        as_table(rows)  # that they cannot be written is said now
        fresh.reset_sampling()
        digest = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
        notion, dial = (getattr(fresh, name, None) for name in ('notion', 'dial'))
        return cls(num_rows, partition_rows, seed, type(fresh).__name__, notion, dial, digest)

    def partitions(self) -> list[Partition]:
        """Gives the partitions, whose numbers of rows differ by one at most."""
        count = -(-self.num_rows // self.partition_rows)
        least, longer = divmod(self.num_rows, count)
        seeds = np.random.SeedSequence(self.seed).spawn(count)
        return [Partition(number, least + (number < longer), seed) for number, seed in enumerate(seeds)]

    def open(self, folder: Path) -> None:
        """Makes the folder and its manifest, or checks that the manifest there is of the same plan.

        Raises:
            FairDistillError: If the folder holds something else.
        """
        manifest = folder / MANIFEST
        if folder.is_file():
            raise FairDistillError(f'{folder} is a file; give the name of a folder.')
        folder.mkdir(parents=True, exist_ok=True)
        if manifest.exists():
            self._compare(folder, _read(manifest))
        elif any(folder.glob('*.parquet')):
            raise FairDistillError(
                f'{folder} holds Parquet files that were not sampled into it. Give a new folder, or remove them.'
            )
        else:
            with complete(manifest) as partial:
                partial.write_text(json.dumps(asdict(self), indent=2) + '\n', encoding='utf-8')

    def _compare(self, folder: Path, there: dict[str, Any]) -> None:
        differing = [
            f'{name} was {there.get(name)!r} and is {wanted!r}'
            for name, wanted in asdict(self).items()
            if there.get(name) != wanted
        ]
        if differing:
            raise FairDistillError(
                f'{folder} holds rows of another call: {"; ".join(differing)}. Give a new folder, repeat that call to'
                ' go on with it, or remove the folder.'
            )


def _read(manifest: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(manifest.read_text(encoding='utf-8')))
    except (TypeError, ValueError) as error:
        raise FairDistillError(f'{manifest} is no manifest ({error}). Give a new folder, or remove it.') from error
