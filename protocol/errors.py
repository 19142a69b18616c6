"""Errors that say what was wrong, what was found, what was expected and what to do next."""


class RecbenchError(Exception):
    """Base of every error that a user can cause and mend; the command line prints it and exits with code 2."""


class DatasetError(RecbenchError):
    """The data are not available, cannot be read or are damaged."""


class UnavailableError(DatasetError):
    """One place does not have a dataset's file; the next place may have it."""


class ProtocolError(RecbenchError):
    """The protocol cannot be applied as asked: too few items, an impossible number of negatives, mixed tasks."""


class RecommenderError(RecbenchError):
    """A recommender is unknown, cannot be loaded, or does not accept its parameters."""


class NotFittedError(RecommenderError):
    """A recommender was asked to score before it was fitted."""


class ScoreError(RecommenderError):
    """A recommender's scores are misshapen, of a wrong type or not finite."""


class RecbenchWarning(UserWarning):
    """Something that a reader of the results has to know, and that does not stop the work."""
