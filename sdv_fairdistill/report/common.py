"""What is said where the favorable label is common, so that ratios of its rates can flatter; the page stays out."""

from __future__ import annotations

from sdv_fairdistill.metrics import COMMON
from sdv_fairdistill.report.case import REAL, SYNTHETIC
from sdv_fairdistill.report.judge import MODELS, Judge
from sdv_fairdistill.report.words import ranged, spelled

__all__ = ['is_common', 'label_notes', 'model_notes', 'warning']


def is_common(rate: float) -> bool:
    """Whether a favorable rate, 0 to 1 or NaN, is one beside which unfavorable rates are shown too."""
    return rate > COMMON


def warning(rate: float) -> str:
    """Says why a ratio of favorable rates does not tell all where that many real rows are favorable."""
    return f'the favorable label is common ({rate:.3f} of the real rows), where a ratio of favorable rates can flatter'


def label_notes(judge: Judge) -> list[str]:
    """Gives a note with the unfavorable ratio and the difference of the labels; none where there is no need."""
    real, synthetic = judge.label(REAL), judge.label(SYNTHETIC)
    if not real.common:
        return []
    reasons = [f'{kind} rows: {judge.label(kind).unfavorable_reason}' for kind in (REAL, SYNTHETIC)]
    return [
        f'{warning(real.overall)}: smallest unfavorable rate over the largest {spelled(synthetic.unfavorable_ratio)}'
        f' (real rows {spelled(real.unfavorable_ratio)}), difference of rates {spelled(synthetic.difference)}'
        f' (real rows {spelled(real.difference)})',
        *(reason for reason in reasons if not reason.endswith(': ')),
    ]


def model_notes(judge: Judge) -> list[str]:
    """Gives the same of the models' predictions, over all models."""
    rate = judge.label(REAL).overall
    if not is_common(rate):
        return []
    found = {kind: [judge.model(kind, model).selection for model in MODELS] for kind in (REAL, SYNTHETIC)}
    ratios = {kind: ranged([parity.unfavorable_ratio for parity in those]) for kind, those in found.items()}
    gaps = {kind: ranged([parity.difference for parity in those]) for kind, those in found.items()}
    reasons = [
        f'{model}, {kind} rows: {parity.unfavorable_reason}'
        for kind, those in found.items()
        for model, parity in zip(MODELS, those, strict=True)
        if parity.unfavorable_reason
    ]
    return [
        f'{warning(rate)}: smallest rate of unfavorable predictions over the largest {ratios[SYNTHETIC]} (trained on'
        f' real rows {ratios[REAL]}), difference of rates {gaps[SYNTHETIC]} (trained on real rows {gaps[REAL]})',
        *reasons,
    ]
