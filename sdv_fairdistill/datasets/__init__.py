"""The bundled real tables, each with its provenance, licence and known harms; nothing here downloads anything."""

from sdv_fairdistill.datasets._dataset import Dataset
from sdv_fairdistill.datasets._tables import load_adult, load_german_credit

__all__ = ['BUNDLED', 'Dataset', 'load_adult', 'load_german_credit']

BUNDLED = {'adult': load_adult, 'german_credit': load_german_credit}  # the loaders by the name of their table
