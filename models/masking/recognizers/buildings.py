"""The building and the room after a house number."""

from __future__ import annotations

import re

from models.masking.recognizers.artifacts import OfficeArtifacts

_BUILDING_WORD = (
    r"(?:ハイツ|ハイム|マンション|コーポ|アパート|メゾン|レジデンス|コート|ハウス|パーク|ビル|タワー|荘|寮|団地|住宅|ガーデン|ヒルズ|テラス|プラザ|パレス|ヴィラ|ビラ|カーサ|シャトー|ドミール|グラン|サン|エステート|"
    r"フラット|ホームズ|ルーム|館|棟|苑|邸|舎|号棟|ライオンズ|レオパレス|クレスト|ステージ|ロイヤル|フォレスト|スカイ|リバー|グリーン|シティ|アネックス|ベル|ヒルトップ|プレイス|ロッジ|ベース|キャッスル|ホーム)"
)
_ROOM = (
    r"(?:(?:[0-9]{1,3}|[A-Z東西南北一二三])号?棟 ?-?)?(?:[A-Z]-?)?[0-9]{1,4}(?:-[0-9]{1,4})?(?:(?:号室|号|室|F|階)(?:[ ]?[0-9]{1,4}号?室?)?"
    r"|(?![0-9\-/:.]|,[0-9]{3}(?![0-9\-])|[年月日時分円歳才人件名回枚丁番%棟]|地割))"
)
_TAIL = re.compile(
    rf"(?P<space> ?)(?:(?P<name>(?:第 ?[0-9]{{1,2}})?[^\s、。,;:()「」『』【】|\t\n\"'<>/=〒0-9@]{{1,22}}?(?:[0-9]{{1,2}}(?:番館|号館|丁目))?)"
    rf" ?(?P<room>{_ROOM})"
    rf"|(?P<wing>(?:[0-9]{{1,3}}|[A-Z東西南北])号?棟 ?-?(?:[A-Z]-?)?[0-9]{{1,4}}(?:号室|号|室)?|[0-9]{{1,4}}号室|[0-9]{{1,2}}[F階])"
    rf"|(?P<only>[^\s、。,;:()「」『』【】|\t\n\"'<>/=〒0-9@]{{0,14}}?{_BUILDING_WORD}[^\s、。,;:()「」『』【】|\t\n\"'<>/=〒0-9@]{{0,8}}(?:[0-9]{{1,4}}(?:号室|号|室)?)?))"
)
_BUILDING = re.compile(_BUILDING_WORD)
_NOT_BUILDING = re.compile(
    r"^[のをはがでとへや番号]|^(?:に|から|より|まで|在住|居住|方(?!南)|様|付近|先|内|電話|携帯|連絡|氏名|生年|世帯|TEL|Tel|tel|FAX|担当|本人)|さん|様|です|ます|電話|携帯|TEL|連絡|に居住|在住|勤務|方書|妻|夫|長男|長女"
)


def building_end(page: OfficeArtifacts, end: int) -> int:
    """The end of the building and room after a block."""
    text = page.text
    match = _TAIL.match(text, end)
    if match is None:
        return end
    name = match.group("name") or match.group("only") or ""
    if name and (
        _NOT_BUILDING.search(name)
        or any(hit.is_field and hit.start < match.end() for hit in page.labels_between(end, match.end()))
    ):
        return end
    if match.group("wing"):
        return match.end()
    is_known = bool(_BUILDING.search(name))
    room = match.group("room") or ""
    if not is_known and not re.search(r"号|室|棟|階|F", room):
        if len(room) < 3 or _looks_like_name(page, match.start() + len(match.group("space")), name):
            return end
        if re.search(r"[ぁ-ん]{3,}", name) and not re.search(r"[ァ-ヶ一-龠]", name):
            return end
    if match.group("only") and _looks_like_name(page, match.start() + len(match.group("space")), name):
        return end
    return match.end()


def _looks_like_name(page: OfficeArtifacts, start: int, name: str) -> bool:
    index = page.token_index(start)
    tokens = page.tokens_of
    return (
        index < len(tokens)
        and page.morphology.is_surname(tokens.surfaces[index])
        and not _BUILDING.search(name)
    )
