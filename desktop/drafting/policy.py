"""IT's policy: what is fixed for staff, read from one TOML file, strictest when it cannot be read.

`policy.schema.json` beside this file is the only list of keys, types, defaults and strictest values;
this module reads it, so that a key exists in one place. No file means that IT set no policy: the
defaults. A file that cannot be obeyed to the letter is refused as a whole, and `STRICTEST` is in force:
a rule that was meant to forbid must not vanish because of a typing error beside it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from desktop.drafting.errors import (
    ForbiddenByPolicyError,
    PersonCapReachedError,
    PolicyUnreadableError,
)
from models.engine.protocol import InferenceServer
from models.errors import ModelNotAllowedError
from models.masking.entities import QUASI_IDENTIFIERS, EntityType

DEMO_MODEL_ID = "kian-demo"
"""The built-in demonstration model is part of the program; an allow-list does not concern it."""

LIMIT_BYTES = 256 * 1024


class MaskingProfile(StrEnum):
    """How strict masking is; the values are those of the policy file."""

    STANDARD = "標準"
    STRICT = "厳格"
    FORBIDDEN = "禁止"


class Permission(StrEnum):
    """What a level of confidentiality may be used for."""

    ALLOWED = "可"
    CONFIRM = "確認"
    FORBIDDEN = "不可"


@dataclass(frozen=True)
class Policy:
    """The rules in force. Field names are the schema's dotted keys with `_` for the dot.

    Attributes:
        locked: Dotted keys to be shown as 「管理者により固定」.
    """

    masking_profile: MaskingProfile
    masking_stop_kinds: frozenset[EntityType]
    masking_quasi_kinds: frozenset[EntityType]
    masking_person_cap: int
    masking_operators: Mapping[EntityType, str]
    masking_dictionary_file: str
    confidentiality_level_1: Permission
    confidentiality_level_2: Permission
    confidentiality_level_3: Permission
    confidentiality_rule: str
    models_allowed: tuple[str, ...]
    models_idle_release_minutes: int
    inference_server_url: str
    inference_server_model: str
    inference_server_allowed_addresses: tuple[str, ...]
    inference_server_ca_file: str
    inference_server_key_file: str
    inference_server_n_ctx: int
    inference_server_timeout_s: int
    records_retention_days: int
    records_keep_unsent: bool
    records_audit_export: bool
    export_enabled: bool
    sharing_shelf: str
    sharing_require_signature: bool
    sharing_trusted_keys: tuple[str, ...]
    guideline_file: str
    locked: frozenset[str] = frozenset()

    @property
    def forbidden_kinds(self) -> frozenset[EntityType]:
        """Kinds that stop a text instead of being masked; 個人番号 always (番号法第19条)."""
        stops = self.masking_stop_kinds | {EntityType.MY_NUMBER}
        if self.masking_profile is MaskingProfile.FORBIDDEN:
            own = {EntityType.CUSTOM, EntityType.VERBATIM}
            stops |= frozenset(EntityType) - QUASI_IDENTIFIERS - own
        return stops

    @property
    def masked_quasi_kinds(self) -> frozenset[EntityType]:
        """Quasi-identifiers that are masked without being asked for."""
        if self.masking_profile is MaskingProfile.STANDARD:
            return self.masking_quasi_kinds
        return QUASI_IDENTIFIERS

    @property
    def allowed_models(self) -> tuple[str, ...] | None:
        """Ids and digests of the models that may be used besides the built-in one; None where all may."""
        return None if "*" in self.models_allowed else self.models_allowed

    @property
    def inference_server(self) -> InferenceServer | None:
        """The server in the building that writes instead of this PC; None where IT named none."""
        if not self.inference_server_url:
            return None
        return InferenceServer(
            url=self.inference_server_url,
            model=self.inference_server_model,
            allowed_addresses=self.inference_server_allowed_addresses,
            ca_file=self.inference_server_ca_file,
            key_file=self.inference_server_key_file,
            n_ctx=self.inference_server_n_ctx,
            timeout_s=self.inference_server_timeout_s,
        )

    def is_locked(self, key: str) -> bool:
        """Whether IT fixed this dotted key."""
        return key in self.locked

    def permission(self, level: int) -> Permission:
        """What information of 機密性 1, 2 or 3 may be used for."""
        return {
            1: self.confidentiality_level_1,
            2: self.confidentiality_level_2,
            3: self.confidentiality_level_3,
        }[level]

    def check_confidentiality(self, level: int) -> Permission:
        """The permission of a level that is not forbidden.

        Raises:
            ForbiddenByPolicyError: Information of this level must not be used.
        """
        permission = self.permission(level)
        if permission is Permission.FORBIDDEN:
            raise ForbiddenByPolicyError("confidentiality", str(level))
        return permission

    def check_model(self, model_id: str, sha256: str) -> None:
        """Make sure that a model may be used.

        Raises:
            ModelNotAllowedError: IT's list names neither the model nor its hash.
        """
        names = {model_id.casefold(), sha256.casefold()} - {""}
        allowed = {name.casefold() for name in self.models_allowed} | {DEMO_MODEL_ID}
        if "*" not in allowed and not names & allowed:
            raise ModelNotAllowedError(model_id)

    def check_export(self) -> None:
        """Make sure that a draft may leave as a file or through the clipboard.

        Raises:
            ForbiddenByPolicyError: It may not.
        """
        if not self.export_enabled:
            raise ForbiddenByPolicyError("export.enabled")

    def check_persons(self, so_far: int, *, more: int) -> None:
        """Make sure that `more` persons after `so_far` stay within the cap.

        Raises:
            PersonCapReachedError: They do not.
        """
        if more and so_far + more > self.masking_person_cap:
            raise PersonCapReachedError(so_far + more, self.masking_person_cap)


@dataclass(frozen=True)
class PolicyKey:
    """One key as the schema describes it, for the settings page, the handbook and the tests."""

    name: str
    description: str
    default: object
    strictest: object
    schema: Mapping[str, Any]


def policy_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the policy file."""
    text = resources.files("desktop.drafting").joinpath("policy.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def policy_keys() -> tuple[PolicyKey, ...]:
    """Every key of the policy file, in the order of the schema."""
    return tuple(_KEYS.values())


def load_policy(path: Path) -> Policy:
    """Read a policy file; the defaults when there is no such file.

    Raises:
        PolicyUnreadableError: It cannot be read, or does not follow the schema to the letter.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return DEFAULT
    except OSError as error:
        raise PolicyUnreadableError("denied", 0, "") from error
    if len(content) > LIMIT_BYTES:
        raise PolicyUnreadableError("too_large", 0, "")
    try:
        # Notepad writes a BOM; TOML itself forbids it.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PolicyUnreadableError("encoding", line, "") from error
    return parse_policy(text)


def policy_in_force(path: Path) -> tuple[Policy, PolicyUnreadableError | None]:
    """The policy to obey, and the error to show when that is `STRICTEST` because of it."""
    try:
        return load_policy(path), None
    except PolicyUnreadableError as error:
        return STRICTEST, error


def parse_policy(text: str) -> Policy:
    """Read a policy from its text.

    Raises:
        PolicyUnreadableError: It is not TOML, or does not follow the schema to the letter.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise PolicyUnreadableError("syntax", line, "") from error
    except RecursionError as error:
        raise PolicyUnreadableError("syntax", 0, "") from error
    values = dict(_leaves(document, text))
    changeable = values.get("changeable", [])
    for name in changeable:
        if name not in _KEYS:
            raise PolicyUnreadableError("unknown_key", _line_of(text, "changeable"), name)
    settings = {key.name: values.get(key.name, key.default) for key in _KEYS.values()}
    if fault := _server_fault(settings):
        raise PolicyUnreadableError(fault[0], _line_of(text, fault[1]), fault[1])
    return _policy(settings, frozenset(values) - set(changeable) - {"schema", "changeable"})


def _keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[PolicyKey]:
    for name, part in schema["properties"].items():
        if "properties" in part:
            yield from _keys(part, f"{prefix}{name}.")
        else:
            default, strictest = part["default"], part["x-strictest"]
            yield PolicyKey(prefix + name, part["description"], default, strictest, part)


def _leaves(table: Mapping[str, Any], text: str, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All values of a document by dotted key, each checked against the schema."""
    for name, value in table.items():
        key = prefix + name
        if key in _KEYS:
            reason = _fault(value, _KEYS[key].schema)
            if reason:
                raise PolicyUnreadableError(reason, _line_of(text, key), key)
            yield key, value
        elif any(known.startswith(f"{key}.") for known in _KEYS):
            if not isinstance(value, dict):
                raise PolicyUnreadableError("wrong_type", _line_of(text, key), key)
            yield from _leaves(value, text, f"{key}.")
        else:
            raise PolicyUnreadableError("unknown_key", _line_of(text, key), key)


def _fault(value: object, schema: Mapping[str, Any]) -> str:
    """The reason word why a value breaks its schema; empty when it does not.

    Knows exactly the words of JSON Schema that `policy.schema.json` uses; a test holds it against the
    `jsonschema` package.
    """
    if "$ref" in schema:
        return _fault(value, _SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    kind = schema.get("type", "string")
    python_type = {"string": str, "integer": int, "boolean": bool, "array": list}[kind]
    if not isinstance(value, python_type) or (kind == "integer" and isinstance(value, bool)):
        return "wrong_type"
    if "enum" in schema and value not in schema["enum"]:
        return "bad_value"
    if isinstance(value, list):
        faults = [fault for item in value if (fault := _fault(item, schema["items"]))]
        is_double = schema.get("uniqueItems", False) and len({str(item) for item in value}) < len(value)
        return faults[0] if faults else "bad_value" if is_double else ""
    if isinstance(value, str):
        low, high = schema.get("minLength", 0), schema.get("maxLength", len(value))
        is_matching = re.search(schema.get("pattern", ""), value) is not None
        return "" if low <= len(value) <= high and is_matching else "bad_value"
    if isinstance(value, int) and kind == "integer":
        is_inside = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return "" if is_inside else "bad_value"
    return ""


def _server_fault(settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """What no single value shows: the reason word and the key why a server cannot be used as it is named."""
    url: str = settings["inference_server.url"]
    port = re.search(r":(\d+)(/|$)", url)
    if port and not 0 < int(port[1]) < 65_536:
        return "bad_value", "inference_server.url"
    try:
        networks = [ip_network(text) for text in settings["inference_server.allowed_addresses"]]
    except ValueError:
        return "bad_value", "inference_server.allowed_addresses"
    is_plain = url.startswith("http:")
    if is_plain and not all(network.is_loopback for network in networks):
        return "bad_value", "inference_server.allowed_addresses"
    needed = ("model", "allowed_addresses", *(() if is_plain else ("ca_file",)))
    missing = next((name for name in needed if not settings[f"inference_server.{name}"]), "")
    return ("server_incomplete", f"inference_server.{missing}") if url and missing else None


def _line_of(text: str, key: str) -> int:
    """The line where a dotted key is set, as a help for the reader; 0 when it cannot be told."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            section = re.sub(r"[\s\"']", "", header[1])
            if section == key:
                return number
        elif assigned := re.match(r"\s*([^=#]+?)\s*=", line):
            name = re.sub(r"[\s\"']", "", assigned[1])
            if ".".join(filter(None, (section, name))) == key:
                return number
    return _line_of(text, key.rpartition(".")[0]) if "." in key else 0


def _policy(settings: Mapping[str, Any], locked: frozenset[str]) -> Policy:
    def kinds(key: str) -> frozenset[EntityType]:
        return frozenset(EntityType(kind) for kind in settings[key])

    return Policy(
        masking_profile=MaskingProfile(settings["masking.profile"]),
        masking_stop_kinds=kinds("masking.stop_kinds"),
        masking_quasi_kinds=kinds("masking.quasi_kinds"),
        masking_person_cap=settings["masking.person_cap"],
        masking_operators={
            kind: settings[f"masking.operators.{kind}"]
            for kind in (EntityType.ADDRESS, EntityType.DATE_OF_BIRTH)
        },
        masking_dictionary_file=settings["masking.dictionary_file"],
        confidentiality_level_1=Permission(settings["confidentiality.level_1"]),
        confidentiality_level_2=Permission(settings["confidentiality.level_2"]),
        confidentiality_level_3=Permission(settings["confidentiality.level_3"]),
        confidentiality_rule=settings["confidentiality.rule"],
        models_allowed=tuple(settings["models.allowed"]),
        models_idle_release_minutes=settings["models.idle_release_minutes"],
        inference_server_url=settings["inference_server.url"],
        inference_server_model=settings["inference_server.model"],
        inference_server_allowed_addresses=tuple(settings["inference_server.allowed_addresses"]),
        inference_server_ca_file=settings["inference_server.ca_file"],
        inference_server_key_file=settings["inference_server.key_file"],
        inference_server_n_ctx=settings["inference_server.n_ctx"],
        inference_server_timeout_s=settings["inference_server.timeout_s"],
        records_retention_days=settings["records.retention_days"],
        records_keep_unsent=settings["records.keep_unsent"],
        records_audit_export=settings["records.audit_export"],
        export_enabled=settings["export.enabled"],
        sharing_shelf=settings["sharing.shelf"],
        sharing_require_signature=settings["sharing.require_signature"],
        sharing_trusted_keys=tuple(settings["sharing.trusted_keys"]),
        guideline_file=settings["guideline.file"],
        locked=locked,
    )


_SCHEMA = policy_schema()
_KEYS = {key.name: key for key in _keys(_SCHEMA)}
DEFAULT = _policy({key.name: key.default for key in _KEYS.values()}, frozenset())
"""What holds where IT set no policy."""
STRICTEST = _policy(
    {key.name: key.strictest for key in _KEYS.values()}, frozenset(_KEYS) - {"schema", "changeable"}
)
"""What holds when IT's policy cannot be read."""
