"""Kinds of jobs, one module each."""

from countersign.registry import Registry
from countersign.use_cases.jobs.kinds.base import JobKind

JOBS = Registry("countersign.use_cases.jobs.kinds", JobKind, "job kind")
