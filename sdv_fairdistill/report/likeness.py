"""How alike synthetic and real rows are as a whole, beside SDMetrics' score: what the report says of it, in words."""

from __future__ import annotations

from typing import Any

from sdv_fairdistill.report.case import REAL, SYNTHETIC
from sdv_fairdistill.report.judge import Judge
from sdv_fairdistill.report.words import instead, spelled

__all__ = ['PAIRS', 'TOLD_APART', 'likeness', 'likeness_facts', 'likeness_notes']

PAIRS, TOLD_APART = 'association similarity', 'two-sample AUC'
WORST = 3  # pairs of columns that are named: what fits on a line


def likeness(judge: Judge) -> dict[str, Any]:
    """Gives what is said of the synthetic rows beside the two figures.

    Returns:
        ``worst``, the pairs of columns that differ most, each with ``columns``, ``real`` and ``synthetic``; and of the
        two-sample AUC ``auc``, ``interval`` and ``rows``, how many of each table were used.
    """
    pairs, told = judge.pairs(SYNTHETIC).pairs.dropna(subset='difference'), judge.two_sample(SYNTHETIC)
    worst = [
        {'columns': (line['Column 1'], line['Column 2']), REAL: line[REAL], SYNTHETIC: line[SYNTHETIC]}
        for line in pairs.head(WORST).to_dict(orient='records')
    ]
    return {'worst': worst, 'auc': told.auc, 'interval': told.interval, 'rows': told.rows}


def likeness_notes(judge: Judge) -> list[str]:
    """Gives what is undefined or left out in either figure, and why."""
    found = {
        f'{what}, {kind} rows': result.notes
        for kind in (REAL, SYNTHETIC)
        for what, result in ((PAIRS, judge.pairs(kind)), (TOLD_APART, judge.two_sample(kind)))
    }
    return [f'{where}: {note}' for where, notes in found.items() for note in notes]


def likeness_facts(found: dict[str, Any]) -> dict[str, str]:
    r"""Says it in words, by name.

    Example:
        >>> worst = {'columns': ('age', 'wage'), 'real': 0.5, 'synthetic': 0.25}
        >>> facts = likeness_facts({'worst': [worst], 'auc': 0.61, 'interval': (0.58, 0.64), 'rows': 300})
        >>> print(*facts.values(), sep='\n')
        age and wage 0.250 instead of 0.500
        0.610 (95 % interval 0.580 to 0.640), from 300 held-out real rows
    """
    low, high = found['interval']
    worst = [f'{" and ".join(pair["columns"])} {instead(pair[SYNTHETIC], pair[REAL])}' for pair in found['worst']]
    told = f'{spelled(found["auc"])} (95 % interval {spelled(low)} to {spelled(high)})'
    return {
        'Associations that differ most': '; '.join(worst) or 'undefined',
        'Two-sample AUC': f'{told}, from {found["rows"]:,} held-out real rows',
    }
