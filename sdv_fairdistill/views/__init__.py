"""Label views: what fairness asks of a label is decided here; what draws it is elsewhere."""

from sdv_fairdistill.views.build import build_views, check_target, cuts_edges, is_blind, is_relabelled, strata_of
from sdv_fairdistill.views.label_view import LabelView, Views
from sdv_fairdistill.views.notion import NOTIONS, EdgeCut, Evidence, Mixture, Notion, Reads, Relabelling, register

__all__ = [
    'NOTIONS',
    'EdgeCut',
    'Evidence',
    'LabelView',
    'Mixture',
    'Notion',
    'Reads',
    'Relabelling',
    'Views',
    'build_views',
    'check_target',
    'cuts_edges',
    'is_blind',
    'is_relabelled',
    'register',
    'strata_of',
]
