"""Where to train and sample."""

import torch

__all__ = ['choose_device']


def choose_device(enable_gpu: bool) -> torch.device:
    """Gives the GPU if there is one and it may be used, else the CPU."""
    return torch.device('cuda' if enable_gpu and torch.cuda.is_available() else 'cpu')
