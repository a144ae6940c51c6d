"""How long rows take on one Dask worker and on two, in one run; needs the extra ``[dask]`` and two free cores.

python tutorials/measure_workers.py [--rows 1000000] [--epochs 2]
"""

import argparse
import tempfile
import time

from distributed import Client, LocalCluster

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.datasets import load_adult
from sdv_fairdistill.scale import sample_to_parquet

WARM_UP = 1_000  # rows a worker draws first, so that imports are not measured


def seconds(synthesizer: FairDistillSynthesizer, rows: int, workers: int) -> float:
    """Gives how long the rows take; starting the workers and their imports are left out."""
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=':0') as cluster,
        Client(cluster) as client,
        tempfile.TemporaryDirectory() as folder,
    ):
        sample_to_parquet(synthesizer, WARM_UP, f'{folder}/warm', client, partition_rows=WARM_UP // 8)
        start = time.perf_counter()
        sample_to_parquet(synthesizer, rows, f'{folder}/rows', client)
        return time.perf_counter() - start


def main() -> None:
    """Fits Adult briefly and prints the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--rows', type=int, default=1_000_000)
    parser.add_argument('--epochs', type=int, default=2, help='passes of the fit; sampling costs the same after any')
    options = parser.parse_args()
    adult = load_adult()
    synthesizer = FairDistillSynthesizer(adult.metadata, **adult.roles, epochs=options.epochs, seed=0)
    synthesizer.fit(adult.data)
    one, two = (seconds(synthesizer, options.rows, workers) for workers in (1, 2))
    print(f'{options.rows:,} rows: {one:.1f} s on one worker, {two:.1f} s on two, {one / two:.2f} times as fast.')


if __name__ == '__main__':
    main()
