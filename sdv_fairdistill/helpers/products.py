"""Products of matrices of 32-bit numbers by the faster of torch's two libraries for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ['fast_products']


@contextmanager
def fast_products() -> Iterator[None]:
    """Lets torch take oneDNN for products on a CPU that has AVX-512, and puts the setting back.

    On a processor of AMD's, 384 by 192 by 64 numbers took half as long as with MKL, with the same result, and a step of
    Adult's teacher a sixth less. The setting, which holds for all threads, allows factors of 16 bits inside as well:
    where a processor has units for these, factors are rounded to three digits. Small products, such as the student's,
    are faster without.
    """
    try:
        before = torch.get_float32_matmul_precision()
    except RuntimeError:  # the caller uses torch's newer settings, which may not be mixed with this one
        yield
        return
    torch.set_float32_matmul_precision('medium')
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
