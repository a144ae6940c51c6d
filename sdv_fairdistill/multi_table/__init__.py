"""Tables that refer to each other, one of them with a label to be made fair; how that one is learned stays out."""

from sdv_fairdistill.multi_table.synthesizer import FairIndependentSynthesizer

__all__ = ['FairIndependentSynthesizer']
