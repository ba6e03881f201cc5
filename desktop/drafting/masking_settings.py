"""What the masking worker is told: IT's dictionary, the person's own words, and what is pointed out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop.drafting.errors import OfficeDictionaryUnreadableError
from desktop.drafting.policy import Policy
from models.masking.dictionary import Dictionary, read_dictionary

DICTIONARY_LIMIT_BYTES = 5 * 1024 * 1024


def office_dictionary(policy: Policy) -> Dictionary:
    """The dictionary that the policy names; empty when it names none.

    Raises:
        OfficeDictionaryUnreadableError: It names one that cannot be read: words the office wants
            masked would be sent, so nothing is.
    """
    if not policy.masking_dictionary_file:
        return Dictionary()
    try:
        path = Path(policy.masking_dictionary_file)
        if path.stat().st_size > DICTIONARY_LIMIT_BYTES:
            raise OfficeDictionaryUnreadableError("too_large", 0)
        found = read_dictionary(path.read_bytes())
    except OSError as error:
        raise OfficeDictionaryUnreadableError("unreachable", 0) from error
    if found.rejected_lines:
        raise OfficeDictionaryUnreadableError("bad_line", found.rejected_lines[0])
    return found


def worker_settings(
    dictionary: Dictionary,
    *,
    always_mask: Sequence[Sequence[str]] = (),
    never_mask: Sequence[str] = (),
    include_quasi: bool = True,
) -> dict[str, Any]:
    """Settings as `models.worker.masking.settings_from_json` reads them.

    Args:
        dictionary: The office's.
        always_mask: The person's own words with their kinds, as pairs.
        never_mask: The person's own words to be left as they are; what the office masks stays masked.
        include_quasi: Whether quasi-identifiers are pointed out.
    """
    office = {entry.text for entry in dictionary.always}
    return {
        "always_mask": [
            *([entry.text, entry.entity_type.value] for entry in dictionary.always),
            *(list(pair) for pair in always_mask),
        ],
        "never_mask": [*dictionary.never, *(word for word in never_mask if word not in office)],
        "include_quasi": include_quasi,
    }
