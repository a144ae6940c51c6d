"""SDGym's own benchmark on the bundled tables, with our synthesizer and our metrics; needs SDGym, and so SDV 1.38.

    python tutorials/run_sdgym.py [--tables german_credit adult] [--epochs 300] [--out sdgym.csv]

Nothing is downloaded: the tables are written to a folder in the form that SDGym reads. The page about the benchmark
says how SDGym is installed. ``--epochs`` are those of CTGAN and TVAE; 300 is SDV's default, and takes long on Adult.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sdv_fairdistill.datasets import BUNDLED, Dataset
from sdv_fairdistill.metrics.single_table import DownstreamAUC, DownstreamParityRatio, LabelParityRatio

MODALITY = 'single_table'  # SDGym's name for tables like these, and of the folder that it looks for
NAMES = ('GaussianCopulaSynthesizer', 'FairDistillSynthesizer')  # as SDGym lists them
BY_EPOCHS = ('CTGANSynthesizer', 'TVAESynthesizer')
METRICS = (LabelParityRatio, DownstreamParityRatio, DownstreamAUC)
SHOWN = {  # SDGym's columns in the printed table; it writes all of them to the file
    'Synthesizer': 'Synthesizer',
    'Train_Time': 'train s',
    'Sample_Time': 'sample s',
    'Peak_Memory_MB': 'MB',
    'Diagnostic_Score': 'diagnostic',
    'Quality_Score': 'quality',
    'Privacy_Score': 'privacy',
    'LabelParityRatio': 'label',
    'DownstreamParityRatio': 'DPR',
    'DownstreamAUC': 'AUC',
}


def write_dataset(dataset: Dataset, folder: Path) -> Path:
    """Writes a table in the form that SDGym reads: ``metadata.json`` and ``data.zip`` in ``folder/single_table/NAME``.

    Args:
        dataset: The table.
        folder: What SDGym gets as ``additional_datasets_folder``.

    Returns:
        The new folder of the table.
    """
    place = folder / MODALITY / dataset.name
    place.mkdir(parents=True)
    (place / 'metadata.json').write_text(json.dumps(dataset.metadata.to_dict()), encoding='utf-8')
    archived = {'method': 'zip', 'archive_name': f'{dataset.name}.csv'}
    dataset.table.to_csv(place / 'data.zip', index=False, compression=archived)
    return place


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Works in a folder: there SDGym 0.15.1 reads a table of one's own, and else asks for a download of its name."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run(dataset: Dataset, epochs: int) -> pd.DataFrame:
    """Gives SDGym's results for one table: a line a synthesizer.

    SDGym gets 70 % of the rows; models that learn from its synthetic rows are tested on the others. It makes
    FairDistillSynthesizer by itself too, but does not know the columns' roles: a plain synthesizer then.
    """
    from sdgym import benchmark_single_table, create_synthesizer_variant

    train, holdout = dataset.split()
    variants = [create_synthesizer_variant(f'{name}({epochs})', name, {'epochs': epochs}) for name in BY_EPOCHS]
    ours = create_synthesizer_variant('FairDistill(roles)', 'FairDistillSynthesizer', {**dataset.roles, 'seed': 0})
    with (
        tempfile.TemporaryDirectory() as folder,
        inside(write_dataset(replace(dataset, table=train), Path(folder)).parent),
    ):
        return benchmark_single_table(
            synthesizers=list(NAMES),
            custom_synthesizers=[*variants, ours],
            sdv_datasets=None,  # they would be downloaded
            additional_datasets_folder=folder,
            sdmetrics=[(metric, {**dataset.roles, 'holdout': holdout}) for metric in METRICS],
        )


def main() -> None:
    """Runs the benchmark, prints a table for each of the tables, and writes what SDGym has found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--tables', nargs='+', choices=list(BUNDLED), default=['german_credit'])
    parser.add_argument('--epochs', type=int, default=300, help='of CTGAN and TVAE')
    parser.add_argument('--out', default='sdgym.csv')
    options = parser.parse_args()
    found = []
    for name in options.tables:
        dataset = BUNDLED[name]()
        found.append(run(dataset, options.epochs))
        lines = found[-1].reindex(columns=list(SHOWN)).rename(columns=SHOWN)
        print(f'{name}: 70 % of {len(dataset.table):,} rows, CTGAN and TVAE with {options.epochs} epochs')
        print(lines.to_string(index=False, float_format='{:.3f}'.format), end='\n\n', flush=True)
    pd.concat(found).to_csv(options.out, index=False)
    print(f'Wrote {options.out}.')


if __name__ == '__main__':
    main()
