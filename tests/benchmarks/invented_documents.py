"""Invented municipal documents with labelled personal data, for the benchmark and as a second look.

Everything is made up: names, numbers (with right check digits), addresses (real towns, random house
numbers). Templates, names, layouts and number formats are the project's own and differ from any other
set; none of the name lists is used by a recognizer. `generate(count, seed)` yields documents in the
form of the masking yardstick: id, text, source, template, spans, negatives.
"""

# ruff: noqa: E501 (templates and tables of values)

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SURNAMES = (
    "有働:ウドウ 安蒜:アンビル 生駒:イコマ 宇治川:ウジカワ 江夏:エナツ 大和田:オオワダ 海老原:エビハラ 小田桐:オダギリ 柿沼:カキヌマ 桐生:キリュウ 久我:クガ 古閑:コガ 権藤:ゴンドウ "
    "雑賀:サイガ 佐久間:サクマ 塩見:シオミ 陣内:ジンナイ 菅沼:スガヌマ 諏訪:スワ 瀬川:セガワ 曽根:ソネ 平良:タイラ 滝沢:タキザワ 千野:チノ 都築:ツヅキ 寺内:テラウチ 土居:ドイ 長瀬:ナガセ 新実:ニイミ 糠谷:ヌカヤ "
    "根岸:ネギシ 野々村:ノノムラ 芳賀:ハガ 比嘉:ヒガ 深沢:フカザワ 別所:ベッショ 本郷:ホンゴウ 真壁:マカベ 三田村:ミタムラ 武藤:ムトウ 目黒:メグロ 茂木:モテギ 八木沢:ヤギサワ 由良:ユラ 横溝:ヨコミゾ "
    "鈴木:スズキ 田中:タナカ 渡辺:ワタナベ 中村:ナカムラ 加藤:カトウ 山口:ヤマグチ 井上:イノウエ 林:ハヤシ 斎藤:サイトウ 坂本:サカモト 遠藤:エンドウ 長谷川:ハセガワ 後藤:ゴトウ 上野:ウエノ 福島:フクシマ 東:ヒガシ 原:ハラ 谷:タニ 畑:ハタ 橘:タチバナ 榊:サカキ 楠:クスノキ"
)
GIVEN = (
    "悠斗:ユウト 琉生:ルイ 瑛太:エイタ 創:ハジメ 剛:ツヨシ 敬三:ケイゾウ 貞夫:サダオ 繁:シゲル 岩男:イワオ 義信:ヨシノブ 亮平:リョウヘイ 宗一郎:ソウイチロウ 弥太郎:ヤタロウ 圭:ケイ 純:ジュン "
    "奈々:ナナ 瑠璃子:ルリコ 佳乃:ヨシノ 千鶴:チヅル 房江:フサエ ミツ:ミツ ヨシ:ヨシ すみれ:スミレ まゆみ:マユミ 愛理:アイリ 紗英:サエ 琴音:コトネ 美緒:ミオ 七海:ナナミ 日向:ヒナタ 志乃:シノ 文:フミ 晴:ハル"
)
FOREIGN = "ダヴィド・コスタ:DAVID COSTA ミンジュ・キム:KIM MINJU アイシャ・カーン:AISHA KHAN チャン・ティ・フエ:TRAN THI HUE ロドリゲス・アナ:RODRIGUEZ ANA スレシュ・タパ:SURESH THAPA 王 麗華:WANG LIHUA 陳 志強:CHEN ZHIQIANG"
PLACES = (
    ("北海道", "帯広市", "西十八条北", "080-0048"), ("青森県", "八戸市", "糠塚", "031-0072"), ("茨城県", "つくば市", "吾妻", "305-0031"), ("栃木県", "下都賀郡壬生町", "安塚", "321-0205"),
    ("埼玉県", "川越市", "新富町", "350-0043"), ("東京都", "葛飾区", "お花茶屋", "124-0003"), ("神奈川県", "相模原市中央区", "淵野辺本町", "252-0207"), ("新潟県", "長岡市", "宮栄", "940-1106"),
    ("長野県", "諏訪郡富士見町", "落合", "399-0214"), ("愛知県", "豊田市", "小坂本町", "471-0034"), ("京都府", "京都市上京区", "革堂町", "602-0000"), ("京都府", "京都市伏見区", "深草西浦町", "612-0029"),
    ("大阪府", "東大阪市", "御厨栄町", "577-0036"), ("兵庫県", "姫路市", "飾磨区英賀", "672-8079"), ("岡山県", "倉敷市", "水島東千鳥町", "712-8038"), ("広島県", "呉市", "広古新開", "737-0112"),
    ("香川県", "仲多度郡多度津町", "山階", "764-0031"), ("福岡県", "糸島市", "二丈深江", "819-1601"), ("熊本県", "菊池郡大津町", "室", "869-1235"), ("沖縄県", "宜野湾市", "真志喜", "901-2224"),
)  # fmt: skip
BUILDINGS = [
    "シャーメゾン若葉",
    "ヴィラ・ソレイユ",
    "県営大池団地",
    "ひまわり荘",
    "プレジール駅前",
    "D-room八番館",
    "コスモハイツ",
    "レジデンス雅",
    "サニーコート",
    "第三みどりアパート",
]
ORGS = [
    "{c}商工会議所",
    "{c}立中央図書館",
    "社会福祉法人あおぞら会",
    "{c}地域包括支援センター",
    "医療法人仁愛会三田村病院",
    "有限会社斎藤塗装",
    "株式会社ヤマグチ設計",
    "{t}自治会",
    "{c}立{t}小学校",
    "特定非営利活動法人はやぶさ",
    "林建材店",
    "東洋精機株式会社",
    "{c}シルバー人材センター",
    "根岸歯科医院",
]
DEPTS = [
    "保険課",
    "納税課",
    "長寿福祉課",
    "こども家庭課",
    "住宅政策室",
    "危機管理課",
    "建設課",
    "学校教育課",
    "水道局営業課",
    "生活環境課",
    "戸籍住民課",
    "障がい福祉課",
]
_ERAS = (
    (2019, "令和", "R", "令"),
    (1989, "平成", "H", "平"),
    (1926, "昭和", "S", "昭"),
    (1912, "大正", "T", "大"),
)
_KANJI = "〇一二三四五六七八九"

TEMPLATES: dict[str, str] = {
    "chat": "[{n.time}] {t.sei}: {p.full}様の件、折電ありました\n[{n.time}] {u.sei}: 番号教えて\n[{n.time}] {t.sei}: {p.mobile} です。住所は{p.addr}\n[{n.time}] {u.sei}: 了解。{n.dept}の{v.sei}さんにも伝えます",
    "narrative": "本日{n.time}頃、{p.full}氏({p.birth}生)が来庁された。{p.addr}に妻の{q.mei}さん、長男の{r.mei}君と三人で暮らしている。昨年{n.org}を退職し、収入が途絶えたという。{p.sei}氏は「{u.sei}係長に前も相談した」と話す。基礎年金番号は{p.pension}、連絡は{p.mobile}へ。次回は{n.meeting}。",
    "json": '{"receipt_no": "{n.receipt}", "applicant": {"name": "{p.full}", "kana": "{p.kana}", "birth_date": "{p.birth_iso}", "zip": "{p.zip}", "address": "{p.addr}", "mobile": "{p.mobile}", "email": "{p.mail}"}, "my_number": "{p.my}", "dept": "{n.dept}", "amount": 12000}',
    "vcard": "BEGIN:VCARD\nVERSION:3.0\nFN:{p.full}\nTEL;TYPE=CELL:{p.mobile}\nEMAIL:{p.mail}\nBDAY:{p.birth_iso}\nEND:VCARD",
    "sql": "INSERT INTO juminhyo (id, shimei, kana, seinengappi, jusho, tel) VALUES (1, '{p.full}', '{p.kana}', '{p.birth_iso}', '{p.addr}', '{p.mobile}'), (2, '{q.full}', '{q.kana}', '{q.birth_iso}', '{q.addr}', '{q.phone}');",
    "markdown": "| 氏名 | 生年月日 | 住所 | 連絡先 | 口座 |\n|---|---|---|---|---|\n| {p.full} | {p.birth} | {p.addr} | {p.mobile} | {n.bank} 普通 {p.account} |\n| {q.full} | {q.birth} | {q.addr} | {q.phone} | {n.bank} 当座 {q.account} |",
    "letter": "{n.docno}\n{n.date}\n\n{p.full} 様\n\n{n.city}長　{u.full}\n\n介護保険料の還付について(通知)\n\n標記の件につきまして、次の口座に{n.money}をお振り込みします。\n　金融機関　{n.bank}\n　口座番号　{p.account}\n　名義人　　{p.kana}\n　被保険者番号　{p.care}\n【問い合わせ先】{n.dept} 担当:{t.sei} 電話 {n.orgtel}",
    "form_lines": "申込年月日\n{n.date}\n氏名\n{p.full}\nふりがな\n{p.hira}\n生年月日\n{p.birth}\n住所\n{p.addr}\n電話番号\n{p.phone}\n緊急連絡先(続柄:長女)\n{q.full} {q.mobile}\n",
    "letter_spaced": "氏　　名　{p.spaced}\n住　　所　{p.addr}\n生年月日　{p.birth}\n電　　話　{p.phone}\n職　　業　会社員\n",
    "council_minutes": "○議長({u.full}君)　次に、{t.full}議員の質問を許します。\n○{t.sei}議員　{n.law}の運用について伺います。先日、{n.place}の{p.sei}さんという八十代の方から相談を受けました。\n○{v.sei}福祉部長　{n.budget}を計上しております。\n○{t.sei}議員　{v.sei}部長の答弁では納得できません。\n○議長({u.full}君)　以上で{t.sei}議員の質問を終わります。",
    "mail_thread": "> {t.sei}様\n> お世話になっております。{n.org}の{p.sei}です。\n> 先日の{q.full}さん({q.addr})の件、{n.meeting}でお願いします。\n> 直通 {p.mobile} / {p.mail}\n\n{p.sei}様\n承知しました。{n.dept} {t.sei}\n{n.orgmail}",
    "police_inquiry": "捜査関係事項照会\n対象者 {p.full}　{p.birth}生\n本籍 {q.addr}\n住所 {p.addr}\n免許証番号 {p.license}\n使用車両 {p.plate}\n上記の者の住民票を請求する。{n.law}",
    "payment": "支払方法:クレジットカード(VISA) {p.card}\n有効期限:{n.expiry} 名義:{p.roman}\n請求先:{p.zip_mark} {p.addr}\n受付:{n.receipt}",
    "foreign": "在留手続 相談メモ\n本人 {f.full}({f.roman})、在留カード {f.residence}、旅券 {f.passport}\n生年月日 {f.birth}\n勤め先 {n.org}、上司 {t.sei}さん\n身元保証人は{p.full}さん、{p.addr}、{p.mobile}。",
    "tsv_list": "通番\t世帯主\tカナ\t続柄\t電話\t住所\t個人番号\n1\t{p.full}\t{p.kana}\t本人\t{p.phone}\t{p.addr}\t{p.my}\n2\t{q.full}\t{q.kana}\t妻\t{q.mobile}\t{q.addr}\t{q.my}\n",
    "csv_quoted": '"氏名","生年月日","〒","住所","記号","番号"\n"{p.full}","{p.birth_iso}","{p.zip}","{p.addr}","{p.symbol}","{p.number}"\n"{q.full}","{q.birth_iso}","{q.zip}","{q.addr}","{q.symbol}","{q.number}"',
    "late_stage": "後期高齢者医療 資格確認\n被保険者番号:{p.late} 氏名:{p.full}({p.kana}) {p.birth_short}生 男\n住所:{p.addr}\n同居の長男 {q.full}、携帯{q.mobile}\n保険者番号 {n.insurer}",
    "access": "[WARN] {n.date} {n.time} login failed user={p.mail} ip={p.ip}\n利用者{p.full}様より「ログインできない」と入電({p.mobile})。アプリ {n.version}。{n.org}へ連絡済み。",
    "fire": "火災出動報告\n覚知 {n.date} {n.time}\n場所 {p.addr}　{p.full}方\n通報者 近隣住民{q.full}({q.mobile})\n負傷者 {r.full}({r.birth}生)、{n.org}へ搬送\n指揮者 消防司令 {t.full}",
    "school": "{n.org} 学校事故報告\n{c.full}(小3)が昼休みに転倒。担任{t.sei}教諭が保護者の{p.full}さん({p.mobile})へ連絡。{c.mei}さんは{n.org}を受診。養護教諭 {u.full}",
    "neighbor": "隣の{p.sei}さん宅の木が越境していると{q.full}さん({q.addr}、TEL{q.phone})から電話。{n.dept}{t.sei}が{p.sei}様に電話({p.phone})。現場は{n.place}、{n.lot}。",
    "account_change": "振込口座変更届\n届出者 {p.full} 印\n新口座 ゆうちょ銀行 記号 {p.yusymbol} 番号 {p.yunumber}\n旧口座 {n.bank} 普通預金 No.{p.account}\n口座名義 {p.halfkana}\n住民票コード {p.code}\n",
    "org_only": "{n.docno}\n{n.org} 御中\n{n.city} {n.dept}\n業務委託契約について(依頼)\n法人番号 {n.corp}、登録番号T{n.corp}、契約金額 {n.money}\n履行期限 {n.date}、納入先 {n.orgaddr}\n担当 電話{n.orgtel} メール{n.orgmail}\n{n.ordinance}及び{n.law}に基づく。",
    "event": "健康ウォーキング教室\n日時 {n.meeting} 場所 {n.place} 講師 {t.full}先生(理学療法士)\n申込先 {n.dept} {n.orgtel} 参加費 {n.money}\n森の泉コースを南へ歩き、岸辺の林で休憩します。",
    "welfare_plan": "サービス等利用計画(案)\n利用者 {p.full}さん　支援者会議 {n.meeting}\n出席:本人、母({q.full})、{n.org} {t.sei}、相談支援専門員 {u.full}\n本人の希望「{v.sei}さんと一緒に働きたい」\n{p.sei}さんの受給者証、担当医 {n.org} {r.sei}医師",
    "handwritten": "申請者　{p.full}\n住所　{p.addr_kanji}\n生年月日　{p.birth_kanji}\n電話　{p.phone_kanji}\n",
    "inheritance": "被相続人 {p.full}({n.date}死亡)\n最後の住所 {p.addr}\n相続人 長女 {q.full} {q.addr} {q.birth}生\n　　　 二男 {r.full} {r.addr} {r.birth}生\n物件 {n.lot}、{n.docno}",
    "yaml": "case:\n  last_name: {p.sei}\n  first_name: {p.mei}\n  dob: {p.birth_iso}\n  phone: \"{p.phone}\"\n  address: {p.addr}\n  passport: {p.passport}\n  license_no: {p.license}\n  created_at: {n.date}\n",
    "phone_note": "{u.sei}主任\n{n.time} {p.seikana}様(声は女性)から。{n.dept}の通知の件。折返し{p.mobile}。\n午後は{q.full}さんのお宅({q.addr})へ訪問。\n受 {t.sei}",
    "volunteer": "ボランティア登録者(敬称略)\n・{p.full}({p.addr})\n・{q.full}({q.addr})\n・{r.full}({r.addr})\n世話人 {t.full}、{u.full}　集合 {n.place} {n.meeting}",
    "arrears": "滞納整理 交渉経過\n{n.date} {p.full}宅へ臨戸、不在につき差置き({t.sei}・{u.sei})\n{n.date} 本人より入電「{n.meeting}までに{n.money}納める」{u.sei}受\n{n.date} 勤務先{n.org}へ給与照会({n.docno})\n実態調査先:{p.addr} 子{q.mei}が応対\n預金調査 {n.bank} 普通{p.account} 残高{n.money}\n",
    "consultation": "相談種別:養育 相談者:{p.full}(母・{p.birth}生) 対象児:{c.mei}({c.birth}生)\n「夫の{q.mei}が帰ってこない。{c.mei}が夜泣きで眠れない」と涙ながらに話す。実母の{r.full}({r.addr}在住、{r.phone})が週2回手伝いに来ている。\n対応:{n.dept} {t.sei}保健師が{n.meeting}に家庭訪問。{n.org}へ情報提供。\n",
    "reception_csv": "受付日,申請者,フリガナ,生年月日,郵便番号,住所,電話番号,備考\n{n.date},{p.full},{p.kana},{p.birth_short},{p.zip},{p.addr},{p.mobile},{n.dept}\n{n.date},{q.full},{q.kana},{q.birth_short},{q.zip},{q.addr},{q.phone},代理人{r.full}\n",
    "quote_letter": "前略 {p.full}様におかれましては、ますますご清祥のこととお慶び申し上げます。\nさて、{n.meeting}に開催いたします説明会につきまして、{q.full}様とともにご出席くださいますようお願い申し上げます。\n場所 {n.orgaddr}({n.place}隣)\n担当 {n.city}{n.dept} {t.full}\nTEL {n.orgtel}　E-mail {n.orgmail}\n",
    "xml": "<applicant><name>{p.full}</name><kana>{p.kana}</kana><birth>{p.birth_iso}</birth><address>{p.addr}</address><tel>{p.phone}</tel><email>{p.mail}</email><insurance_no>{p.late}</insurance_no></applicant>",
    "minutes_names": "出席者:{p.sei}会長、{q.sei}副会長、{r.sei}委員、{s.sei}委員、事務局({t.sei}、{u.sei})\n{q.sei}副会長:{n.place}の段差について{n.org}から要望があった。\n事務局({t.sei}):{n.fiscal}に{n.budget}で対応する。\n{r.sei}委員:{p.sei}会長の意見に賛成である。\n",
    "pension_note": "年金請求 相談\n請求者:{p.full} 基礎年金番号:{p.pension} 配偶者:{q.full}({q.pension})\n振込希望口座:{n.bank} (普){p.account} {p.halfkana}\n住所:{p.zip_mark} {p.addr} ☎{p.phone}\n添付:戸籍謄本、住民票、通帳写し\n",
    "missing_person": "行方不明者捜索願 {n.time}受理\n届出人 {p.full}(長男) {p.mobile}\n不明者 {q.full}({q.birth}生まれ、認知症あり)\n最終目撃 {n.place} 目撃者{r.full}さん\n服装:白の帽子、紺の上着 車:{q.plate}\n捜索 {n.org} {t.sei}分団長ほか12名\n",
    "system_ticket": "Ticket #{n.receipt}\nReporter: {t.full}\nAssignee: {u.full}\n宛名システムで{p.full}({p.kana})の生年月日が{p.birth_iso}と表示されるが、正しくは{p.birth}。個人番号{p.my}、住民票コード{p.code}。\n再現環境: Windows 11 / {n.version}\nIP: {p.ip}\n",
    "table_spaces": "氏名            生年月日        電話             住所\n{p.full}    {p.birth_short}    {p.mobile}    {p.addr}\n{q.full}    {q.birth_short}    {q.phone}    {q.addr}\n",
    "honors": "表彰者名簿(敬称略)\n善行表彰 {p.full}({n.org})\n功労表彰 {q.full}、{r.full}\n特別表彰 {s.full}(元{n.dept}長)\n式典:{n.meeting} {n.place}\n",
    "reply_mail": "{t.sei}さん\n\n{p.sei}さん親子の件ですが、{q.mei}くんは{n.org}に通っています。{p.sei}さんの携帯は{p.mobile}、住まいは{p.addr}です。\n保険証は記号{p.symbol}番号{p.number}でした。\n{u.sei}より\n",
}  # fmt: skip


def _digits(r: random.Random, size: int) -> str:
    return "".join(str(r.randrange(10)) for _ in range(size))


def _modulus(body: str) -> str:
    total = sum(int(d) * (i % 6 + 2) for i, d in enumerate(reversed(body)))
    return body + str(0 if total % 11 <= 1 else 11 - total % 11)


def _luhn(r: random.Random) -> str:
    body = r.choice(("4", "52", "35")) + _digits(r, 15)
    body = body[:15]
    total = 0
    for i, d in enumerate(reversed(body)):
        x = int(d) * (2 if i % 2 == 0 else 1)
        total += x - 9 if x > 9 else x
    return body + str(-total % 10)


def _corporate(r: random.Random) -> str:
    body = _digits(r, 12)
    return str(9 - sum(int(d) * (1 if i % 2 == 0 else 2) for i, d in enumerate(reversed(body))) % 9) + body


def _license(r: random.Random) -> str:
    body = r.choice(("30", "44", "62", "90")) + _digits(r, 8)
    check = 11 - sum(int(a) * b for a, b in zip(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    return body + str(check - 10 if check >= 10 else check) + "0"


def _kanji(n: int) -> str:
    if n < 10:
        return _KANJI[n]
    tens, ones = divmod(n, 10)
    return ("" if tens == 1 else _KANJI[tens]) + "十" + (_KANJI[ones] if ones else "")


def _half(kana: str) -> str:
    table = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}
    out = ""
    for char in kana:
        for piece in unicodedata.normalize("NFD", char):
            out += {"\u3099": "ﾞ", "\u309a": "ﾟ", "　": " "}.get(piece, table.get(piece, piece))
    return out


class _Person:
    def __init__(self, r: random.Random, *, is_foreign: bool, sep: str) -> None:
        self.r, self.is_foreign, self.sep = r, is_foreign, sep
        if is_foreign:
            written, self.roman = r.choice(
                re.findall(r"(\S+(?: [^ :A-Za-z]+)?):([A-Z ]+?)(?= \S+?:|$| [ァ-ヶ一-龠])", FOREIGN)
            )
            parts = re.split("[・ ]", written)
            self.sei, self.mei, self.sei_k, self.mei_k, self.full = (
                parts[0],
                parts[-1],
                parts[0],
                parts[-1],
                written,
            )
        else:
            self.sei, self.sei_k = r.choice(SURNAMES.split()).split(":")
            self.mei, self.mei_k = r.choice(GIVEN.split()).split(":")
            self.full = self.sei + sep + self.mei
            self.roman = ""
        self.year, self.month, self.day = r.randint(1932, 2022), r.randint(1, 12), r.randint(1, 28)
        self.memory: dict[str, str] = {}


class _Document:
    def __init__(self, r: random.Random) -> None:
        self.r = r
        self.sep = r.choice(("", " ", "　", ""))
        self.people: dict[str, _Person] = {}
        self.pref, self.city, self.town, self.code = r.choice(PLACES)

    def person(self, key: str) -> _Person:
        if key not in self.people:
            self.people[key] = _Person(
                self.r, is_foreign=key == "f" or (key in "pqr" and self.r.random() < 0.04), sep=self.sep
            )
        return self.people[key]

    def address(self, *, in_kanji: bool = False) -> str:
        r = self.r
        pref, city, town, _ = r.choice(PLACES)
        a, b, c = r.randint(1, 6), r.randint(1, 38), r.randint(1, 29)
        if in_kanji:
            return f"{pref}{city}{town}{_kanji(a)}丁目{_kanji(b)}番{_kanji(c)}号"
        street = "寺町通今出川上る" if town == "革堂町" and r.random() < 0.7 else ""
        block = r.choice(
            (
                f"{a}丁目{b}番{c}号",
                f"{a}-{b}-{c}",
                f"{a}丁目{b}-{c}",
                f"{b * 31}番地{c}",
                f"{b * 31}番地",
                f"{b * 17}-{c}",
                f"{_kanji(a)}丁目{b}番地の{c}",
                f"{a}の{b}の{c}",
                f"字下谷地{b * 7}番地",
            )
        )
        room = ""
        if r.random() < 0.4:
            number = r.randint(1, 12) * 100 + r.randint(1, 15)
            name = r.choice(BUILDINGS)
            room = r.choice(
                (
                    f" {name}{number}号室",
                    f"　{name} {number}",
                    f"{name}{number}号",
                    f" {name}{r.choice('ABC')}棟{number}号室",
                    f"-{number}"
                    if "丁目" not in block and "番" not in block and "の" not in block
                    else f" {name}{number}",
                )
            )
        head = r.choice((pref + city, city, re.sub("^.+郡", "", city), ""))
        return head + (street + town if head else town) + block + room

    def birth(self, p: _Person, form: str) -> str:
        y, m, d = p.year, p.month, p.day
        _, era, letter, short = next(item for item in _ERAS if y >= item[0])
        n = y - next(item for item in _ERAS if y >= item[0])[0] + 1
        year = "元" if n == 1 else str(n)
        if form == "birth_iso":
            return self.r.choice((f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}{m:02}{d:02}"))
        if form == "birth_kanji":
            return f"{era}{'元' if n == 1 else _kanji(n)}年{_kanji(m)}月{_kanji(d)}日"
        if form == "birth_short":
            return self.r.choice(
                (f"{letter}{n}.{m}.{d}", f"{short}{n}.{m}.{d}", f"{letter}{n}/{m:02}/{d:02}")
            )
        return self.r.choice(
            (
                f"{era}{year}年{m}月{d}日",
                f"{y}年{m}月{d}日",
                f"{y}.{m}.{d}",
                f"{era} {year}年 {m}月 {d}日",
                f"{short}{n}.{m}.{d}",
                f"{y}年({era}{year}年){m}月{d}日",
            )
        )

    def personal(self, who: str, what: str) -> tuple[str, str]:
        p, r = self.person(who), self.r
        if what in p.memory:
            return p.memory[what], _LABELS[what]
        text = self._value(p, r, what)
        if what not in ("full",):
            p.memory[what] = text
        return text, _LABELS[what]

    def _value(self, p: _Person, r: random.Random, what: str) -> str:
        kana = p.full if p.is_foreign else f"{p.sei_k}{r.choice(' 　')}{p.mei_k}"
        last4, last4b = _digits(r, 4), _digits(r, 4)
        table: dict[str, Callable[[], str]] = {
            "full": lambda: p.full, "sei": lambda: p.sei, "mei": lambda: p.mei, "seikana": lambda: p.sei_k, "kana": lambda: kana,
            "hira": lambda: "".join(chr(ord(c) - 96) if "ァ" <= c <= "ヶ" else c for c in kana), "halfkana": lambda: _half(kana),
            "spaced": lambda: p.full if p.is_foreign else " ".join(p.sei) + "　" + " ".join(p.mei),
            "roman": lambda: p.roman or self._roman(p), "addr": self.address, "addr_kanji": lambda: self.address(in_kanji=True),
            "zip": lambda: r.choice(PLACES)[3], "zip_mark": lambda: r.choice(PLACES)[3],
            "mobile": lambda: r.choice((f"090-{last4}-{last4b}", f"080{last4}{last4b}", f"070 {last4} {last4b}", f"090({last4}){last4b}", f"+81-90-{last4}-{last4b}")),
            "phone": lambda: r.choice((f"03-3{last4[1:]}-{last4b}", f"0467-{r.randint(20, 99)}-{last4b}", f"(086){r.randint(200, 999)}-{last4b}", f"0996({r.randint(20, 99)}){last4b}", f"092 {r.randint(200, 999)} {last4b}", f"011{r.randint(200, 999)}{last4b}")),
            "phone_kanji": lambda: "〇" + "".join(_KANJI[int(d)] for d in "90") + "―" + "".join(_KANJI[int(d)] for d in last4) + "―" + "".join(_KANJI[int(d)] for d in last4b),
            "mail": lambda: r.choice((f"user{last4}@example.com", f"a.b-{last4}@mail.example.jp", f"{last4}_x@example.ne.jp")),
            "my": lambda: r.choice((str, lambda s: f"{s[:4]} {s[4:8]} {s[8:]}", lambda s: f"{s[:4]}-{s[4:8]}-{s[8:]}"))(_modulus(_digits(r, 11))),
            "code": lambda: _modulus("1" + _digits(r, 9)), "license": lambda: _license(r), "card": lambda: r.choice((str, lambda s: " ".join(re.findall("....", s)), lambda s: "-".join(re.findall("....", s))))(_luhn(r)),
            "passport": lambda: r.choice("TM") + r.choice("KRS") + _digits(r, 7), "residence": lambda: "".join(r.choice("ABCDEFGHJK") for _ in "ab") + _digits(r, 8) + "".join(r.choice("LMNPRST") for _ in "ab"),
            "pension": lambda: r.choice((f"{r.randint(1000, 9999)}-{_digits(r, 6)}", f"{r.randint(1000, 9999)}{_digits(r, 6)}")), "account": lambda: str(r.randint(1, 9)) + _digits(r, 6),
            "yusymbol": lambda: "1" + _digits(r, 3) + "0", "yunumber": lambda: str(r.randint(1, 9)) + _digits(r, 6) + "1",
            "symbol": lambda: r.choice((f"{r.randint(1, 99)}・{r.randint(1, 99)}", str(r.randint(100, 9999)), f"市{r.randint(1, 99)}", f"{r.randint(1, 99)}-{r.randint(1, 9)}")), "number": lambda: _digits(r, r.randint(4, 7)),
            "care": lambda: "00" + _digits(r, 8), "late": lambda: str(r.randint(1, 9)) + _digits(r, 7),
            "plate": lambda: r.choice(("川越", "袖ヶ浦", "なにわ", "つくば", "沖縄")) + r.choice(("", " ")) + str(r.choice((301, 583, 480))) + r.choice("さすせたつ") + r.choice((f"{r.randint(10, 99)}-{r.randint(10, 99)}", f"・{r.randint(100, 999)}", str(r.randint(1000, 9999)))),
            "ip": lambda: f"198.51.100.{r.randint(1, 254)}",
            "birth": lambda: self.birth(p, "birth"), "birth_iso": lambda: self.birth(p, "birth_iso"), "birth_kanji": lambda: self.birth(p, "birth_kanji"), "birth_short": lambda: self.birth(p, "birth_short"),
        }  # fmt: skip
        return table[what]()

    def _roman(self, p: _Person) -> str:
        return self.r.choice(("SUZUKI HANAKO", "Hanako SUZUKI", "Tanaka Ryohei", "HIGA,MIO", "Kento Sakuma"))

    def public(self, kind: str) -> tuple[str, str]:
        r = self.r
        c = re.sub("^.+郡", "", self.city)
        table: dict[str, Callable[[], tuple[str, str]]] = {
            "time": lambda: (f"{r.randint(8, 18)}:{r.choice(('00', '15', '40'))}", "TIME"), "dept": lambda: (r.choice(DEPTS), "DEPT"),
            "org": lambda: (r.choice(ORGS).format(c=c, t=self.town), "ORG_NAME"), "city": lambda: (self.city, "CITY_NAME"),
            "meeting": lambda: (r.choice((f"{r.randint(1, 12)}月{r.randint(1, 28)}日({r.choice('月火水木金')})", f"令和{r.randint(5, 9)}年{r.randint(1, 12)}月{r.randint(1, 28)}日 午後2時")), "MEETING_DATE"),
            "date": lambda: (r.choice((f"令和{r.randint(2, 9)}年{r.randint(1, 12)}月{r.randint(1, 28)}日", f"202{r.randint(0, 6)}/{r.randint(1, 12):02}/{r.randint(1, 28):02}")), "DATE"),
            "receipt": lambda: (f"{r.randint(2020, 2026)}-{_digits(r, 6)}", "RECEIPT_NO"), "docno": lambda: (f"{r.randint(5, 8)}{r.choice(('保', '納', '建', '総'))}第{r.randint(1, 999)}号", "DOC_NO"),
            "money": lambda: (f"{r.randint(10, 9999) * 100:,}円", "AMOUNT"), "budget": lambda: (f"{r.randint(100, 99999):,}千円", "BUDGET"), "law": lambda: (r.choice(("介護保険法第115条", "戸籍法第10条の2第2項", "道路法第24条", "生活保護法第29条")), "LAW"),
            "bank": lambda: (r.choice(("かもめ銀行 中央支店", "あさひ信用金庫 東支店", "JAひので 本所")), "BANK_NAME"), "place": lambda: (r.choice((f"{self.town}公民館", f"{self.town}交差点", f"{self.town}児童公園", f"{self.town}2丁目地内")), "PLACE"),
            "orgtel": lambda: (f"0{r.choice(('28', '49', '86'))}-{r.randint(200, 999)}-{_digits(r, 4)}", "ORG_PHONE"), "orgmail": lambda: (f"{r.choice(('hoken', 'kenko', 'soumu'))}@city.example.lg.jp", "ORG_EMAIL"),
            "orgaddr": lambda: (f"{self.city}{self.town}{r.randint(1, 5)}丁目{r.randint(1, 20)}番{r.randint(1, 15)}号", "ORG_ADDRESS"), "corp": lambda: (_corporate(r), "CORPORATE_NUMBER"), "lot": lambda: (f"{r.randint(20, 2000)}番{r.randint(1, 30)}の土地", "LAND_LOT"),
            "insurer": lambda: (f"0{_digits(r, 7)}", "INSURER_NO"), "fiscal": lambda: (f"令和{r.randint(5, 9)}年度", "FISCAL_YEAR"),
 "version": lambda: (f"ver {r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 99)}.{r.randint(0, 9)}", "VERSION"), "ordinance": lambda: (f"平成{r.randint(10, 30)}年{c}条例第{r.randint(1, 50)}号", "ORDINANCE"),
            "expiry": lambda: (f"{r.randint(1, 12):02}/{r.randint(27, 31)}", "DATE"),
        }  # fmt: skip
        return table[kind]()


_NAME = ("full", "sei", "mei", "seikana", "kana", "hira", "halfkana", "spaced", "roman")
_LABELS = {
    **dict.fromkeys(_NAME, "PERSON"), **dict.fromkeys(("addr", "addr_kanji"), "ADDRESS"), **dict.fromkeys(("zip", "zip_mark"), "POSTAL_CODE"),
    **dict.fromkeys(("mobile", "phone", "phone_kanji"), "PHONE"), "mail": "EMAIL", "my": "MY_NUMBER", "code": "RESIDENT_CODE", "license": "DRIVERS_LICENSE", "card": "CREDIT_CARD",
    "passport": "PASSPORT", "residence": "RESIDENCE_CARD", "pension": "PENSION_NUMBER", **dict.fromkeys(("account", "yusymbol", "yunumber"), "BANK_ACCOUNT"),
    **dict.fromkeys(("symbol", "number", "care", "late"), "HEALTH_INSURANCE_ID"), "plate": "VEHICLE_PLATE", "ip": "IP_ADDRESS",
    **dict.fromkeys(("birth", "birth_iso", "birth_kanji", "birth_short"), "DATE_OF_BIRTH"),
}  # fmt: skip


def _build(r: random.Random, name: str, number: int) -> dict[str, Any]:
    document = _Document(r)
    chars: list[str] = []
    marks: list[tuple[int, int, str, bool]] = []
    template, position = TEMPLATES[name], 0
    for match in re.finditer(r"\{([a-z])\.([a-z_]+)\}", template):
        chars.extend(template[position : match.start()])
        who, what = match.groups()
        value, label = document.public(what) if who == "n" else document.personal(who, what)
        marks.append((len(chars), len(chars) + len(value), label, who != "n"))
        chars.extend(value)
        position = match.end()
    chars.extend(template[position:])
    if r.random() < 0.15:
        for start, end, label, is_personal in marks:
            if is_personal and label not in ("EMAIL",):
                chars[start:end] = [
                    chr(ord(c) + 0xFEE0) if c.isascii() and c.isdigit() else c for c in chars[start:end]
                ]
    if r.random() < 0.12 and not re.search(r"\t|\||\",\"|INSERT", template):
        chars, marks = _wrap(chars, marks, r.choice((30, 32, 40)))
    spans = [{"start": a, "end": b, "label": label} for a, b, label, is_personal in marks if is_personal]
    negatives = [
        {"start": a, "end": b, "kind": label} for a, b, label, is_personal in marks if not is_personal
    ]
    return {
        "id": f"own-{number:04}",
        "text": "".join(chars),
        "source": "invented",
        "template": name,
        "spans": spans,
        "negatives": negatives,
    }


def _wrap(
    chars: list[str], marks: list[tuple[int, int, str, bool]], width: int
) -> tuple[list[str], list[tuple[int, int, str, bool]]]:
    wrapped: list[str] = []
    places: list[int] = []
    column = 0
    for char in chars:
        if column >= width and char != "\n" and char not in "。、)」":
            wrapped.append("\n")
            column = 0
        places.append(len(wrapped))
        wrapped.append(char)
        column = 0 if char == "\n" else column + 1
    return wrapped, [(places[a], places[b - 1] + 1, label, p) for a, b, label, p in marks]


def generate(count: int, seed: int = 20261122) -> Iterator[dict[str, Any]]:
    """Invented documents, the same for the same arguments.

    Args:
        count: How many.
        seed: Any number.

    Yields:
        Documents with `text`, `spans` and `negatives` (offsets in code points).
    """
    names = sorted(TEMPLATES)
    for number in range(count):
        r = random.Random(f"{seed}:{number}")
        yield _build(r, names[number % len(names)], number)


_MARK = re.compile(r"\{(-?)([A-Z_]+)(\??)\|([^{}|]*)\}")


def written_notes(half: str = "") -> Iterator[dict[str, Any]]:
    """The short documents of `municipal_notes.txt`, written by hand: notes, tables, mails, minutes.

    Args:
        half: `a` (read while recognizers were made) or `b` (scored only); both when empty.

    Yields:
        Documents as `generate` does.
    """
    text = Path(__file__).with_name("municipal_notes.txt").read_text("utf-8")
    for number, piece in enumerate(re.split(r"^### ", text, flags=re.MULTILINE)[1:]):
        head, body = piece.split("\n", 1)
        kind, of_half = head.split()
        if half in ("", of_half):
            yield _marked(f"note-{of_half}-{number:03}", kind, body.strip("\n"))


def _marked(name: str, kind: str, body: str) -> dict[str, Any]:
    """A document whose spans are marked in its text."""
    text, position = "", 0
    spans: list[dict[str, Any]] = []
    negatives: list[dict[str, Any]] = []
    for match in _MARK.finditer(body):
        text += body[position : match.start()]
        place = {"start": len(text), "end": len(text) + len(match[4])}
        if match[1]:
            negatives.append({**place, "kind": match[2]})
        else:
            spans.append({**place, "label": match[2], **({"optional": True} if match[3] else {})})
        text += match[4]
        position = match.end()
    return {
        "id": name, "text": text + body[position:], "source": "written", "template": kind, "spans": spans, "negatives": negatives,
    }  # fmt: skip
