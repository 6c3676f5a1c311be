"""Simulated training runs, healthy or with a planted fault, to measure how often rules are right.

`healthy.FAMILIES` makes runs in which all is well under different kinds of noise and schedules; `planted.FAULTS` plants
one fault into such a run. A run is told by its number alone: the same seed gives the same run. Whoever tunes a
threshold uses even seeds; published rates come from odd ones.

What is simulated is what a logger writes, not a network: losses that relax towards a floor which depends on the
learning rate, with noise. It tells how a rule behaves under known noise, and nothing about faults that nobody planted.
"""

from . import (
    faults_of_collapses,
    faults_of_logs,
    faults_of_models,
    faults_of_rewards,
    faults_of_training,
)  # importing them registers their faults
from .healthy import FAMILIES
from .planted import FAULTS, SEVERITIES

__all__ = [
    "FAMILIES",
    "FAULTS",
    "SEVERITIES",
    "faults_of_collapses",
    "faults_of_logs",
    "faults_of_models",
    "faults_of_rewards",
    "faults_of_training",
]
