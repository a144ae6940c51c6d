"""The bundled real tables, each with its provenance, licence and known harms; nothing here downloads anything."""

from sdv_fairdistill.datasets._dataset import Dataset
from sdv_fairdistill.datasets._tables import load_adult, load_german_credit

__all__ = ['Dataset', 'load_adult', 'load_german_credit']
