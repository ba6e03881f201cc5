"""IP addresses, version 4 and 6; version numbers of the same shape are left."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds

_V4 = re.compile(r"(?<![0-9A-Za-z.\-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z])(?!\.[0-9])")
_V6 = re.compile(
    r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:%[a-z0-9]{1,10})?(?![0-9A-Za-z:])"
)
_VERSION = re.compile(
    r"(?:ver(?:sion)?|v|rev|build|release|バージョン|版数|第|リビジョン|ファームウェア|firmware)\.? ?(?:は|が|を|:|=|番号)? ?\"?$",
    re.IGNORECASE,
)


class IpAddressRecognizer(OfficeRecognizer):
    """Dotted quads in range and colon groups that `ipaddress` accepts."""

    finds = kinds(EntityType.IP_ADDRESS)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield addresses."""
        text = page.text
        for match in _V4.finditer(text):
            if all(int(part) <= 255 for part in match.group().split(".")) and not _VERSION.search(
                text[max(0, match.start() - 14) : match.start()]
            ):
                yield match.start(), match.end(), EntityType.IP_ADDRESS, 0.95
        if text.count(":") >= 2:
            for match in _V6.finditer(text):
                value = match.group().split("%")[0]
                if value.count(":") < 7 and "::" not in value:
                    continue
                try:
                    ipaddress.IPv6Address(value)
                except ValueError:
                    continue
                if any(char.isalnum() for char in value):
                    yield match.start(), match.end(), EntityType.IP_ADDRESS, 0.95
