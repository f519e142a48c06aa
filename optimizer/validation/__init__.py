"""Judges the parts of a problem before it is built; finds every fault at once."""

from optimizer.validation.faults import faults_of
from optimizer.validation.parts import Parts

__all__ = ["Parts", "faults_of"]
