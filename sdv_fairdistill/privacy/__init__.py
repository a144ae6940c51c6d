"""A private stage in front of the method: noisy counts of a table, and a private proxy drawn from them; no SDV here."""

from sdv_fairdistill.privacy.ledger import Entry, Ledger
from sdv_fairdistill.privacy.settings import Privacy, without_values
from sdv_fairdistill.privacy.statement import PrivacyStatement

__all__ = ['Entry', 'Ledger', 'Privacy', 'PrivacyStatement', 'without_values']
