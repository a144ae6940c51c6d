"""Label views: fairness is decided here, before anything is learned; networks and SDV stay out."""

from sdv_fairdistill.views.build import build_views
from sdv_fairdistill.views.label_view import LabelView, Views
from sdv_fairdistill.views.notion import NOTIONS, Evidence, Mixture, Notion, Reads, register

__all__ = ['NOTIONS', 'Evidence', 'LabelView', 'Mixture', 'Notion', 'Reads', 'Views', 'build_views', 'register']
