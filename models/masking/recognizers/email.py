"""E-mail addresses, and URLs with a user's name; an office's own address is claimed as not personal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds

_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-/!#$&'*=?^{|}~]{0,63} ?(?:@|[\[(<{]at[\])>}]|★|\(a\)|\[@\]) ?"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?(?:\.|[\[(]dot[\])])){1,8}[A-Za-z]{2,24}(?![A-Za-z])"
)
_OFFICE_DOMAIN = re.compile(
    r"@.*(?:\.lg\.jp|\.go\.jp)$|@(?:city|town|vill|pref|metro)\.[a-z0-9\-]+\.(?:[a-z\-]+\.)?jp$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:info|contact|support|office|inquiry|toiawase|soudan|madoguchi|soumu|somu|fukushi|shimin|zeimu|kenko|kenkou|kyoiku|kyouiku|"
    r"doboku|kouhou|koho|kikaku|zaisei|jinji|kankyo|kankyou|hoken|nenkin|kokuho|kosodate|kaigo|bosai|bousai|gikai|senkyo|suido|suidou|"
    r"toshi|nougyou|norin|shoko|kanko|kankou|webmaster|postmaster|admin|noreply|no-reply|recruit|saiyo|press|sales|eigyo|customer|help|"
    r"helpdesk|desk|mail|jimu|jimukyoku|honbu|daihyo)[0-9]{0,3}",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"@(?:gmail|yahoo|outlook|hotmail|icloud|docomo|ezweb|au|softbank|i\.softbank|nifty|biglobe|ocn)\.",
    re.IGNORECASE,
)
_USER_URL = re.compile(
    r"https?://[A-Za-z0-9.\-]+(?::[0-9]+)?/(?:[\w\-./%]*?/)?(?:@|~|(?:users?|u|profile|people|member|id|channel|in|mypage)/)[A-Za-z0-9._\-%]+(?:[/?][\w\-./?=&%#]*)?"
    r"|https?://(?:www\.|m\.)?(?:twitter|x|instagram|facebook|tiktok|threads|line)\.(?:com|net|me)/[A-Za-z0-9._\-%]+",
    re.ASCII,
)


class EmailRecognizer(OfficeRecognizer):
    """Addresses with an ASCII-only grammar, so that kana and kanji beside them do not hide them."""

    finds = (*kinds(EntityType.EMAIL, EntityType.URL), CLAIM + "OFFICE_EMAIL")

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield addresses and personal URLs."""
        if "http" in page.text:
            for match in _USER_URL.finditer(page.text):
                yield match.start(), match.end(), EntityType.URL, 0.8
        if "@" not in page.text and "at" not in page.text and "★" not in page.text and "(a)" not in page.text:
            return
        for match in _EMAIL.finditer(page.text):
            start = match.start()
            value = match.group()
            equals = value.find("=")
            if 0 <= equals < value.find("@"):
                start += equals + 1
                value = value[equals + 1 :]
            is_office = bool(_OFFICE_DOMAIN.search(value)) or (
                bool(_ROLE.fullmatch(value.split("@")[0].strip())) and not _FREE.search(value)
            )
            yield start, match.end(), CLAIM + "OFFICE_EMAIL" if is_office else EntityType.EMAIL, 0.99
