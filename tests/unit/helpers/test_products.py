"""The faster products: torch's setting is another inside, and as it was afterwards."""

import pytest
import torch

from sdv_fairdistill.helpers.products import fast_products


@pytest.fixture(autouse=True)
def as_before():
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize('before', ['highest', 'high', 'medium'])
def test_the_setting_is_put_back(before):
    torch.set_float32_matmul_precision(before)

    with fast_products():
        assert torch.get_float32_matmul_precision() == 'medium'
    assert torch.get_float32_matmul_precision() == before

    with pytest.raises(ZeroDivisionError), fast_products():
        raise ZeroDivisionError
    assert torch.get_float32_matmul_precision() == before


def test_a_setting_that_cannot_be_read_is_left_alone(monkeypatch):
    def refuse(*_):
        raise RuntimeError('mix of the legacy and new APIs')

    with monkeypatch.context() as patch:
        for name in ('get_float32_matmul_precision', 'set_float32_matmul_precision'):
            patch.setattr(torch, name, refuse)
        with fast_products():
            pass


def test_products_are_the_same_but_for_rounding():
    one, other = torch.randn(384, 192), torch.randn(192, 64)
    exact = (one.double() @ other.double()).float()

    with fast_products():
        assert torch.get_float32_matmul_precision() == 'medium'
        assert (one @ other - exact).abs().max() < 0.02 * exact.abs().max()  # factors of 16 bits have three digits
