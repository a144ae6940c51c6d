"""Contenders on tables with seeds: what each costs, and what its rows are worth; judging is in ``evaluation``."""

from sdv_fairdistill.benchmark.contender import SDV, Contender, fair_distill, sdv_contender
from sdv_fairdistill.benchmark.growth import sized_tables
from sdv_fairdistill.benchmark.results import Results
from sdv_fairdistill.benchmark.run import benchmark

__all__ = ['SDV', 'Contender', 'Results', 'benchmark', 'fair_distill', 'sdv_contender', 'sized_tables']
