"""What this package raises. Every class takes one message: SDV raises errors again as ``type(error)(message)``."""

__all__ = ['FairDistillError', 'PrivacyError', 'RoleError', 'TrainingError']


class FairDistillError(ValueError):
    """Any error of this package."""


class RoleError(FairDistillError):
    """A sensitive column, target or favorable value cannot be what it was said to be."""


class PrivacyError(FairDistillError):
    """What was asked for would break a privacy guarantee, or its budget is spent."""


class TrainingError(FairDistillError):
    """The networks could not be trained."""
