"""The floor of the spec language: YAML text becomes checked, frozen models."""

from __future__ import annotations

from declconn.spec import models
from declconn.spec.load import check_spec_file, load_spec_file, resolve_spec_file
from declconn.spec.models import Spec

__all__ = ["Spec", "check_spec_file", "load_spec_file", "models", "resolve_spec_file"]
