"""Sharing templates by file: reading every known format, planning an import, writing, the shared shelf."""

from prompts.sharing.exporting import export, file_name
from prompts.sharing.importing import (
    Decision,
    Finder,
    ImportPlan,
    ImportResult,
    PersonalFind,
    PlannedEntry,
    apply,
    find_in_template,
    plan_import,
)
from prompts.sharing.kianpack import PackHeader, SignatureState, fingerprint
from prompts.sharing.shelf import ShelfRefresh, refresh_shelf
from prompts.sharing.sources import Rejected

__all__ = [
    "Decision",
    "Finder",
    "ImportPlan",
    "ImportResult",
    "PackHeader",
    "PersonalFind",
    "PlannedEntry",
    "Rejected",
    "ShelfRefresh",
    "SignatureState",
    "apply",
    "export",
    "file_name",
    "find_in_template",
    "fingerprint",
    "plan_import",
    "refresh_shelf",
]
