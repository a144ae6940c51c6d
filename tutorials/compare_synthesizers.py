"""One call compares copies of Adult made by CTGAN, TVAE and FairDistill; prints the table, writes the picture.

    python tutorials/compare_synthesizers.py [--ctgan-epochs 30] [--tvae-epochs 100] [--out comparison.html]

CTGAN and TVAE get fewer than their default 300 epochs here, so that the script ends in a few minutes; ask for 300 to
see them at their best.
"""

import argparse
import time

from sdv.single_table import CTGANSynthesizer, FairDistillSynthesizer, TVAESynthesizer

from sdv_fairdistill.datasets import load_adult
from sdv_fairdistill.evaluation import compare


def main() -> None:
    """Fits the three, samples from each, and compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--ctgan-epochs', type=int, default=30)
    parser.add_argument('--tvae-epochs', type=int, default=100)
    parser.add_argument('--out', default='comparison.html')
    options = parser.parse_args()
    adult = load_adult()
    train, holdout = adult.split()
    synthesizers = {
        'CTGAN': CTGANSynthesizer(adult.metadata, epochs=options.ctgan_epochs),
        'TVAE': TVAESynthesizer(adult.metadata, epochs=options.tvae_epochs),
        'FairDistill': FairDistillSynthesizer(adult.metadata, **adult.roles, seed=0),
    }
    copies = {}
    for name, synthesizer in synthesizers.items():
        start = time.perf_counter()
        synthesizer.fit({'adult': train})
        print(f'{name}: fitted in {time.perf_counter() - start:.0f} s', flush=True)
        copies[name] = synthesizer.sample(len(train))
    comparison = compare(copies, train, adult.metadata, **adult.roles, holdout=holdout)
    print(comparison)
    comparison.get_visualization().write_html(options.out, config={'displayModeBar': False})


if __name__ == '__main__':
    main()
