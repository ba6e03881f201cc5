"""Whose is it: a person's or an office's address, telephone, postal code.

The decision reads leftwards from the value to the nearest word that names an owner, in the value's
cell or line, then in the lines just above (a signature, a letter head). In doubt it is a person's.
"""

from __future__ import annotations

import re

from models.masking.recognizers.artifacts import OfficeArtifacts

_OFFICE = re.compile(
    r"(?<![^\W\d_])(?:代表|直通|内線|本庁|本店|本社|事業所|会社|勤務先)|大代表|代表電話|代表TEL|ダイヤルイン|フリーダイヤル|"
    r"(?:[お御]?問い?合わ?せ先?|照会先|申込先|申込み先|提出先|連絡先・担当|納入場所|納品場所|回答先|返送先|返信先|開催場所|会場|集合場所|事務局|担当課|所管課|担当部署|主催|所在地|勤務先|相談窓口|窓口|申込み?[:：])|"
    r"[一-龠]{1,8}(?:課(?!題|税|程|目)|(?<!関)係(?!数|争|る)|(?<![号教入居病浴寝])室|署(?!名)|(?<![来登退])庁)(?![長員0-9])|(?:(?!日下部|曽我部|長谷部|宗我部|久保部)[一-龠]){2,8}(?:部(?![屋分品会落数位門町村市中東西南北])|局|班)(?![長員0-9])|市役所|区役所|町役場|村役場|役場|役所|庁舎|支所|出張所|公民館|図書館|体育館|センター|会館|保健所|警察署|消防署|消防本部|税務署|年金事務所|事務所|事務局|協議会|委員会|"
    r"株式会社|有限会社|合同会社|合資会社|\(株\)|\(有\)|㈱|㈲|法人|組合|商工会|農協|JA|銀行|信用金庫|郵便局|病院|医院|クリニック|診療所|薬局|小学校|中学校|高等学校|高校|大学|学園|幼稚園|保育園|保育所|こども園|児童館|ホーム|工務店|建設|商店|商会|工業|支店|営業所|担当(?= ?(?:電話|TEL|Tel|tel|直通))|御中"  # noqa: E501
)
_PERSON = re.compile(
    r"様|さん|さま|氏(?!名)|殿|くん(?![ぁ-ん])|ちゃん|自宅|携帯|本人|住所|住居|居所|本籍|世帯主|申請者|申請人|届出人|届出者|請求者|相談者|申出人|申出者|要望者|通報者|対象者|被保険者|利用者|使用者|納税者|所有者|相続人|代理人|保護者|保証人|患者|傷病者|児童|生徒|園児|譲渡人|譲受人|加害者|被害者|宛名|氏名|名前|緊急連絡|日中|昼間|家族|隣家|"
    r"夫|妻|父|母|長男|長女|次男|次女|二男|二女|三男|三女|息子|娘|祖父|祖母|孫|兄|弟|姉|妹|配偶者|親族|生年月日|[0-9]歳|同居|転出先|転入先|転居|入居者|班長|会長|投票|民生委員|送付先|配送先|届け先|折り?返し"
)
_OFFICE_AFTER = re.compile(
    r"[ 　]?[(（〔\[](?:[^()\n]{0,20}(?:課|係|室|局|部|センター|事務局|代表|直通|内線|窓口|役所|役場|担当|平日|受付時間|8:|9:|午前)|内)|[ 、,]{0,2}(?:内線|\(内\)|ダイヤルイン)"  # noqa: E501
)
_UNSAID = re.compile(r"[\W_]|電話|番号|住所|TEL|tel|Tel|FAX|Fax|fax|ファックス|ファクス|連絡先|〒|[0-9]")
"""What says nothing about whose a value is."""

_SITE_WORDS = re.compile(
    r"会議|開催|議題|出席|講座|研修|説明会|イベント|入札|納入|搬入|講演|教室|式典|検診|健診|相談会|審査会|見積"
)
_ACCIDENT = re.compile(r"救急|傷病|覚知|搬送|火災|事故|通報|遺失|盗難|被害|倒れ")
_SIGNATURE_OFFICE = re.compile(
    r"(?:課|係|部|局|室|所|センター|館|会社|法人|組合|協議会|委員会|役場|役所|事務局|本部|支店|病院|クリニック|園|校)(?:[ 　]|$|[（(])"
)


def is_office(page: OfficeArtifacts, start: int, end: int, *, is_mobile: bool = False) -> bool:
    """Whether the value at `text[start:end]` belongs to an office rather than to a person.

    Args:
        page: The block's artifacts.
        start: First character of the value.
        end: One past its last.
        is_mobile: Mobile numbers are persons' unless the label says otherwise.

    Returns:
        True for an office, company or institution.
    """
    text = page.text_without_addresses
    line_start, _ = page.line_of(start)
    cell = page.cell_at(start)
    if cell is not None and cell.kinds:
        if cell.kinds & {"org_address", "org_phone", "organization"}:
            return True
        if cell.kinds & {"address", "phone", "postal"}:
            return False
    left = text[max(line_start, start - 80, cell.start if cell else 0) : start].rpartition("。")[2]
    label = page.label_before(start, within=16)
    if label is not None and label.kinds & {"org_phone", "org_address"} and label.start >= line_start:
        if label.word in ("場所", "現場", "現地", "物件") and not _is_public_site(text, line_start):
            return False
        if not is_mobile:
            return not label.kinds & {"address"}
    if is_mobile:
        return bool(re.search(r"公用携帯|課携帯|貸与|業務用携帯", left[-14:]))
    office, person = _last(_OFFICE, left), _last(_PERSON, left)
    if person > office:
        return False
    if _OFFICE_AFTER.match(text, end):
        return True
    if office > person:
        return True
    return not _UNSAID.sub("", left) and _above_is_office(text, line_start)


def _is_public_site(text: str, line_start: int) -> bool:
    near = text[max(0, line_start - 200) : line_start + 120]
    return bool(_SITE_WORDS.search(near)) and not _ACCIDENT.search(near)


def _last(pattern: re.Pattern[str], text: str) -> int:
    last = -1
    for match in pattern.finditer(text):
        last = match.end()
    return last


def _above_is_office(text: str, line_start: int) -> bool:
    """Whether the lines above, up to three and to the next empty one, are an office's head."""
    end = line_start - 1
    for _ in range(3):
        if end <= 0:
            return False
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end]
        if not line.strip():
            return False
        office, person = _last(_OFFICE, line), _last(_PERSON, line)
        if person > office:
            return False
        if office >= 0 and (len(line) <= 40 or _SIGNATURE_OFFICE.search(line)):
            return True
        end = start - 1
    return False
