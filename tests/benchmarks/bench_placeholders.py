"""Which form of placeholder does the demonstration model keep? Run by hand:

    .venv/bin/python tests/benchmarks/bench_placeholders.py [DOCUMENTS_PER_KIND] [FORM …]

Realistic forms of the seven kinds of document that the demonstration model can write are built from
hand-written values. Names, telephone numbers and fields that must not be altered are replaced by
placeholders in each candidate form, as masking would. Greedy decoding, one thread. For each form:

kept      placeholders of the prompt that stand in the answer exactly
invented  placeholders in the answer that the prompt does not have
values    other one-line values of the prompt that stand in the answer exactly
bullets   points whose first two thirds stand in the answer (their ends may be made polite)
complete  documents with everything kept, nothing invented, ended, no line repeated

The order of the fields matters as much as the form: with 要点 after 問い合わせ先 the model drops every
point of a notice, a mail and a request. The system message is the best of the five of its training.
"""



from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MODEL = Path(__file__).parents[2] / "models/demo/kian-demo-q8_0.gguf"
SYSTEM = "日本語で、正確に、わかりやすく書いてください。入力にない事実を加えないでください。"
KINDS = {
    "notice": "通知文を作成してください。",
    "news": "住民向けのお知らせを作成してください。",
    "mail": "案内メールを作成してください。",
    "pr": "広報文を作成してください。",
    "thanks": "お礼状を作成してください。",
    "request": "依頼文を作成してください。",
    "faq": "FAQの回答を作成してください。",
}

# field label > (label as the form prints it, generic label as in the model's training)
GENERIC = {
    "日時": "日付",
    "期間": "日付",
    "申込期限": "日付",
    "提出期限": "日付",
    "発信日": "日付",
    "日付": "日付",
    "場所": "施設名",
    "定員": "番号",
    "費用": "金額",
    "手数料": "金額",
    "文書番号": "番号",
    "提出先": "部署",
    "問い合わせ先": "電話番号",
    "受付時間": "日付",
    "対象": "団体名",
    "持ち物": "番号",
    "申込方法": "部署",
    "提出物": "番号",
    "必要なもの": "番号",
    "件名": "番号",
    "質問": "番号",
    "要点": "番号",
    "宛名": "団体名",
    "差出人": "部署",
}
VERBATIM = {
    "日時", "期間", "申込期限", "提出期限", "発信日", "日付", "場所", "定員", "費用", "手数料", "文書番号",
    "提出先", "問い合わせ先", "受付時間",
}  # fmt: skip

SURNAMES = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "渡辺",
    "伊藤",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "松本",
    "井上",
    "木村",
]
GIVEN = ["一郎", "花子", "健太", "美咲", "誠", "由美", "翔太", "恵子", "浩", "直樹"]
POOLS: dict[str, list[str]] = {
    "件名": [
        "大雨に伴う避難所開設訓練の実施について", "市民まつりの開催に伴う交通規制について",
        "水道管の取替工事に伴う断水について", "令和9年度固定資産税の口座振替について",
        "第二小学校区の資源回収日の変更について", "自治会長会議の開催について",
        "道路の除雪作業への御協力について", "高齢者の見守り訪問の実施について",
        "地域防災計画の説明会の開催について", "空き家の実態調査について",
        "図書館の臨時休館について", "こども食堂のボランティアの募集について",
    ],
    "質問": [
        "引っ越しをしたとき、転入届はいつまでに出せばよいですか。",
        "粗大ごみはどのように出せばよいですか。", "印鑑登録の手続きに必要なものは何ですか。",
        "国民健康保険をやめる手続きを教えてください。", "保育園の申込みはいつからですか。",
        "住民票の写しは代理人でも取れますか。", "固定資産税の納付書をなくしたときはどうすればよいですか。",
        "飼い犬の登録はどこでできますか。",
    ],
    "宛名": ["各町内会長 様", "保護者各位", "関係者各位", "各課 情報化推進員 各位", "{org} 会長 {name} 様", "{name} 様", "各自治会長 様"],
    "差出人": ["桜浜市長 {name}", "桜浜市総務部総務課長", "若葉町長 {name}", "健康推進課 {name}", "緑が丘市教育委員会"],
    "文書番号": ["危管第58号", "9総務第123号", "教生第45号", "環境第7号"],
    "発信日": ["令和9年1月17日", "令和8年12月1日", "2027年2月3日"],
    "日付": ["令和9年1月17日", "令和8年11月10日", "令和9年4月6日"],
    "日時": [
        "令和9年6月14日（月）午前9時から正午まで", "7月3日（金）14:00〜15:30",
        "令和9年3月21日（日）午後1時30分から午後3時まで", "2027年2月10日 10時〜11時30分",
    ],
    "期間": ["令和9年4月1日から令和9年4月30日まで", "2月1日（月）〜2月26日（金）"],
    "場所": [
        "桜浜市立みなと小学校 体育館", "本庁舎4階 401会議室（オンライン併用）", "ふれあい交流館 調理室",
        "中央公民館2階 大会議室",
    ],
    "対象": ["市内にお住まいの全世帯", "町内会の役員及び自主防災組織の班長", "高校生以上の方", "市内在住・在勤の方"],
    "定員": ["40名", "先着20名", "10人程度"],
    "費用": ["無料", "1人500円", "実費（1,200円程度）"],
    "手数料": ["1点につき400円", "1通300円"],
    "持ち物": ["上履き、筆記用具、雨具", "動きやすい服装、飲み物", "印鑑、本人確認書類"],
    "申込期限": ["6月19日（金）", "令和9年2月12日（金）必着", "開催日の3日前まで"],
    "申込方法": ["電話又は窓口で", "ホームページの申込フォーム又は電話", "申込書を担当課へ提出"],
    "提出期限": ["令和9年3月12日（金）必着", "2月26日（金）17時"],
    "提出物": ["推薦書（様式第1号）", "回答票", "参加者名簿"],
    "提出先": ["統計課 {mail}", "総務課庶務係（庁内便可）"],
    "必要なもの": ["転出証明書、本人確認書類", "本人確認書類、印鑑", "申請書、委任状（代理人の場合）"],
    "受付時間": ["平日 8時30分〜17時15分", "月曜日から金曜日まで 午前9時〜午後5時"],
    "問い合わせ先": ["危機管理課 防災係 電話 {tel}", "環境課 ごみ減量推進係 {tel}", "市民課 {name} 電話 {tel}", "健康推進課（{tel}、{mail}）"],
    "要点": [
        "雨天決行とする", "車での来場は控えること", "昼食の用意はない", "予約は収集日の3日前まで",
        "1回に出せるのは5点まで", "各課から1名以上参加すること", "調理の経験は問わない", "交通費は出ない",
        "会場の駐車場は使用できない", "代理人の場合は委任状が必要", "市民課又は各支所の窓口で受け付ける",
        "資料は当日会場で配布する", "参加者には記念品を配る", "小雨の場合は実施する",
        "記入した用紙は返信用封筒で送ること", "詳しい日程は後日連絡する",
    ],
    "お礼": ["2日間で1,250人の来場があった", "来場者から好評をいただいた", "会場の設営に協力をいただいた", "子どもたちが大変喜んでいた"],
}  # fmt: skip
LAYOUT = {
    "notice": [
        "件名",
        "文書番号?",
        "発信日",
        "宛名",
        "差出人",
        "日時",
        "場所",
        "対象?",
        "持ち物?",
        "要点",
        "問い合わせ先",
    ],
    "news": ["件名", "期間", "対象?", "場所?", "申込方法?", "手数料?", "要点", "問い合わせ先"],
    "mail": ["件名", "宛名", "差出人", "日時", "場所", "定員?", "申込期限?", "要点", "問い合わせ先"],
    "pr": ["件名", "日時", "場所", "対象?", "定員?", "費用?", "申込方法?", "要点", "問い合わせ先"],
    "thanks": ["件名", "宛名", "差出人", "日付", "お礼"],
    "request": ["件名", "発信日", "宛名", "差出人", "提出期限", "提出物?", "提出先", "要点", "問い合わせ先"],
    "faq": ["質問", "要点", "必要なもの?", "受付時間?", "手数料?", "問い合わせ先"],
}


@dataclass(frozen=True)
class Form:
    """How a candidate prints a placeholder, and what it hides."""

    name: str
    wrap: Callable[[str, int], str]
    pattern: str
    generic: bool = False
    hides: frozenset[str] = frozenset(VERBATIM)


ANGLE = r"<[^<>\s]{1,12}?\d+>"
ALL_LINES = frozenset(VERBATIM | {"対象", "持ち物", "申込方法", "提出物", "必要なもの"})
FORMS = [
    Form("<ラベル1>", lambda label, n: f"<{label}{n}>", ANGLE),
    Form("<一般名1>", lambda label, n: f"<{label}{n}>", ANGLE, generic=True),
    Form("［ラベル1］", lambda label, n: f"［{label}{n}］", r"［[^［］\s]{1,12}?\d+］"),
    Form("［一般名1］", lambda label, n: f"［{label}{n}］", r"［[^［］\s]{1,12}?\d+］", generic=True),
    Form("【ラベル1】", lambda label, n: f"【{label}{n}】", r"【[^【】\s]{1,12}?\d+】"),
    Form("《ラベル1》", lambda label, n: f"《{label}{n}》", r"《[^《》\s]{1,12}?\d+》"),
    Form("[ラベル1]", lambda label, n: f"[{label}{n}]", r"\[[^\[\]\s]{1,12}?\d+\]"),
    Form("＜ラベル1＞", lambda label, n: f"＜{label}{n}＞", r"＜[^＜＞\s]{1,12}?\d+＞"),
    Form("生のまま", lambda label, n: f"<{label}{n}>", ANGLE, hides=frozenset()),
    Form("<一般名1>+行", lambda label, n: f"<{label}{n}>", ANGLE, generic=True, hides=ALL_LINES),
    Form("<ラベル1>+行", lambda label, n: f"<{label}{n}>", ANGLE, hides=ALL_LINES),
    Form(
        "<一般名1>+件名",
        lambda label, n: f"<{label}{n}>",
        ANGLE,
        generic=True,
        hides=ALL_LINES | {"件名", "質問"},
    ),
    Form("<ラベル1>+件名", lambda label, n: f"<{label}{n}>", ANGLE, hides=ALL_LINES | {"件名", "質問"}),
]


@dataclass
class Document:
    kind: str
    prompt: str
    placeholders: set[str]
    values: list[str]
    bullets: list[str]


@dataclass
class Masker:
    form: Form
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def hide(self, label: str, value: str) -> str:
        if (label, value) not in self.seen:
            self.counts[label] += 1
            self.seen[label, value] = self.form.wrap(label, self.counts[label])
        return self.seen[label, value]


def fill(chooser: random.Random, text: str, masker: Masker) -> str:
    """Replaces {name}, {tel} … by values and masks those at once, as the recognisers would."""
    kinds = {
        "name": ("氏名", chooser.choice(SURNAMES) + chooser.choice(GIVEN)),
        "tel": (
            "電話番号",
            f"0{chooser.randint(10, 99)}-{chooser.randint(100, 999)}-{chooser.randint(0, 9999):04d}",
        ),
        "mail": ("メールアドレス", f"ka{chooser.randint(1, 99)}@city.sakurahama.lg.jp"),
        "org": ("団体名", chooser.choice(["みなと町内会", "文化協会", "青年団"])),
    }
    return re.sub(r"\{(\w+)\}", lambda match: masker.hide(*kinds[match[1]]), text)


def build(kind: str, seed: int, form: Form) -> Document:
    chooser, masker = random.Random(seed), Masker(form)
    lines, values, bullets = [KINDS[kind], ""], [], []
    for key in LAYOUT[kind]:
        if key.endswith("?") and chooser.random() < 0.5:
            continue
        key = key.rstrip("?")
        if key in ("要点", "お礼"):
            points = chooser.sample(POOLS[key], chooser.randint(1, 3))
            bullets += points
            lines += ["要点：", *("・" + point for point in points)]
            continue
        raw = chooser.choice(POOLS[key])
        state = chooser.getstate()
        if key in form.hides:
            label = GENERIC[key] if form.generic else key
            value = masker.hide(label, raw)
            if form.name.endswith("件名") is False and "{" in raw and key not in VERBATIM:
                value = fill(chooser, raw, masker)
        else:
            value = fill(chooser, raw, masker)
        chooser.setstate(state)
        chooser.random()
        if value not in masker.seen.values():
            values.append(value)
        lines.append(f"{key}：{value}")
    prompt = "\n".join(lines)
    return Document(kind, prompt, set(re.findall(form.pattern, prompt)), values, bullets)


def judge(document: Document, form: Form, answer: str, ended: bool) -> Counter[str]:
    found = set(re.findall(form.pattern, answer))
    score: Counter[str] = Counter(documents=1, placeholders=len(document.placeholders))
    score["kept"] = len(document.placeholders & found)
    score["invented"] = len(found - document.placeholders)
    score["values"] = len(document.values)
    score["values_ok"] = sum(value in answer for value in document.values)
    score["bullets"] = len(document.bullets)
    score["bullets_ok"] = sum(text[: len(text) * 2 // 3] in answer for text in document.bullets)
    repeated = Counter(line for line in answer.split("\n") if len(line) > 6)
    quiet = max(repeated.values(), default=0) <= 2 and not re.search(r"(.{4,})\1\1", answer)
    kept_all = score["kept"] == len(document.placeholders) and not score["invented"]
    score["sound"] = ended and quiet
    score["restorable"] = kept_all and ended and quiet
    score["complete"] = (
        score["restorable"]
        and score["values_ok"] == len(document.values)
        and score["bullets_ok"] == len(document.bullets)
    )
    return score


def measure(per_kind: int, forms: list[Form], show: bool) -> Iterator[tuple[Form, str, Counter[str], float]]:
    import llama_cpp

    defaults = llama_cpp.llama_cpp.llama_model_default_params

    def without_extra_buffers() -> object:
        # ggml's AMX code dies at its first tile instruction on virtual machines that announce
        # AMX and do not allow it.
        params = defaults()
        params.use_extra_bufts = False
        return params

    llama_cpp.llama_cpp.llama_model_default_params = without_extra_buffers
    model = llama_cpp.Llama(str(MODEL), n_ctx=1024, verbose=False, n_threads=1, n_threads_batch=1)
    for form in forms:
        for kind in KINDS:
            total: Counter[str] = Counter()
            began = time.process_time()
            for number in range(per_kind):
                document = build(kind, number * 101 + 7, form)
                reply = model.create_chat_completion(
                    [{"role": "system", "content": SYSTEM}, {"role": "user", "content": document.prompt}],
                    temperature=0,
                    max_tokens=450,
                    repeat_penalty=1.0,
                )["choices"][0]
                answer = reply["message"]["content"]
                score = judge(document, form, answer, reply["finish_reason"] == "stop")
                total += score
                if show and not score["complete"]:
                    print("-" * 30, form.name, dict(score), document.prompt, "=>", answer, sep="\n")
            yield form, kind, total, time.process_time() - began


def line(name: str, total: Counter[str]) -> str:
    def rate(part: str, whole: str) -> str:
        return f"{100 * total[part] / max(1, total[whole]):5.1f}"

    return (
        f"{name:<16} documents {total['documents']:3d} | kept {rate('kept', 'placeholders')} % of "
        f"{total['placeholders']:4d} | invented {total['invented']:3d} | values {rate('values_ok', 'values')} | "
        f"bullets {rate('bullets_ok', 'bullets')} | sound {rate('sound', 'documents')} | "
        f"all placeholders right {rate('restorable', 'documents')} | complete {rate('complete', 'documents')}"
    )


def main() -> None:
    per_kind = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    wanted = [name for name in sys.argv[2:] if name != "-v"]
    forms = [form for form in FORMS if not wanted or form.name in wanted]
    sums: dict[str, Counter[str]] = {}
    for form, kind, total, _ in measure(per_kind, forms, "-v" in sys.argv):
        sums.setdefault(form.name, Counter()).update(total)
        print(line(f"{form.name} {kind}", total), flush=True)
    print()
    for name, total in sums.items():
        print(line(name, total))


if __name__ == "__main__":
    main()
