"""The measures of this package as metrics of SDMetrics, to be run wherever those run."""

from sdv_fairdistill.metrics.single_table._base import FairnessMetric
from sdv_fairdistill.metrics.single_table._question import Settings
from sdv_fairdistill.metrics.single_table.downstream import (
    DownstreamAccuracy,
    DownstreamAUC,
    DownstreamF1,
    DownstreamParityDifference,
    DownstreamParityRatio,
    DownstreamR2,
    EqualizedOddsDifference,
    EqualOpportunityDifference,
    PredictiveParityDifference,
)
from sdv_fairdistill.metrics.single_table.label import (
    ConditionalLabelParity,
    LabelParityDifference,
    LabelParityRatio,
)
from sdv_fairdistill.metrics.single_table.likeness import AssociationSimilarity, TwoSampleAUC
from sdv_fairdistill.metrics.single_table.odds_improvement import WorstEqualizedOddsImprovement
from sdv_fairdistill.metrics.single_table.predictability import GroupPredictability

__all__ = [
    'AssociationSimilarity',
    'ConditionalLabelParity',
    'DownstreamAUC',
    'DownstreamAccuracy',
    'DownstreamF1',
    'DownstreamParityDifference',
    'DownstreamParityRatio',
    'DownstreamR2',
    'EqualOpportunityDifference',
    'EqualizedOddsDifference',
    'FairnessMetric',
    'GroupPredictability',
    'LabelParityDifference',
    'LabelParityRatio',
    'PredictiveParityDifference',
    'Settings',
    'TwoSampleAUC',
    'WorstEqualizedOddsImprovement',
]
