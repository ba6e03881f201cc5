"""Where models lie: finding, importing with proof, verifying, quarantine, bundles."""

from models.store.bundle import export_bundle, read_bundle, seal_bundle
from models.store.manifest import InstalledModel, Manifest
from models.store.store import ModelStore, card_for_file

__all__ = [
    "InstalledModel",
    "Manifest",
    "ModelStore",
    "card_for_file",
    "export_bundle",
    "read_bundle",
    "seal_bundle",
]
