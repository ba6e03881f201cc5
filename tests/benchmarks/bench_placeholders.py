"""Which form of placeholder does the demonstration model keep? Run by hand:

    .venv/bin/python tests/benchmarks/bench_placeholders.py [DOCUMENTS_PER_TEMPLATE] [FORM …] [-v]

The shipped templates that the demonstration model can serve are filled with values written by hand,
optional fields at random. Names, telephone numbers and addresses, and the fields that must not be
altered, are replaced by placeholders in each candidate form, as masking would. One thread. For each
form:

kept      placeholders of the prompt that stand in the answer exactly
invented  placeholders in the answer that the prompt does not have
values    other one-line values of the prompt that stand in the answer exactly
bullets   points whose first two thirds stand in the answer (their ends may be made polite)
sound     the answer ended by itself and repeats no line
complete  documents with everything kept, nothing invented, all values and points, sound
tries     complete at the first greedy try or one of three more at temperature 0.4

The order of the fields matters as much as the form: with 要点 after 問い合わせ先 the model drops every
point of a notice, a mail and a request. The system message is the best of the five of its training.
"""

# ruff: noqa: E501, RUF100 (the tables of values read better in long lines)

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prompts.builtin import builtin_names, load_builtin
from prompts.template import Field, PromptTemplate, Segment, render

MODEL = Path(__file__).parents[2] / "models/demo/kian-demo-q8_0.gguf"
TRIES = 4

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
    "お礼の理由": ["2日間で1,250人の来場があった", "来場者から好評をいただいた", "会場の設営に協力をいただいた", "子どもたちが大変喜んでいた"],
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """How a candidate prints a placeholder, and the noun it takes for a field."""

    name: str
    marks: str
    noun: Callable[[Field], str] = lambda field: field.noun
    hides_fields: bool = True

    def wrap(self, noun: str, number: int) -> str:
        return f"{self.marks[0]}{noun}{number}{self.marks[1]}"

    @property
    def pattern(self) -> str:
        first, last = (re.escape(mark) for mark in self.marks)
        return rf"{first}[^{first}{last}\s]{{1,12}}?\d+{last}"


FORMS = [
    Form("<一般名1>", "<>"),
    Form("<ラベル1>", "<>", noun=lambda field: field.label),
    Form("氏名などだけ<氏名1>", "<>", hides_fields=False),
    *(Form(f"{marks[0]}一般名1{marks[1]}", marks) for marks in ("［］", "【】", "《》", "[]", "＜＞")),
]


@dataclass
class Document:
    system: str
    prompt: str
    placeholders: set[str]
    values: list[str]
    bullets: list[str]


@dataclass
class Masker:
    """Gives a value its placeholder, the same one for the same value."""

    form: Form
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def hide(self, noun: str, value: str) -> str:
        if (noun, value) not in self.seen:
            self.counts[noun] += 1
            self.seen[noun, value] = self.form.wrap(noun, self.counts[noun])
        return self.seen[noun, value]


PERSONAL = (
    (re.compile("(?:" + "|".join(SURNAMES) + ")(?:" + "|".join(GIVEN) + ")"), "氏名"),
    (re.compile(r"0\d{2}-\d{3}-\d{4}"), "電話番号"),
    (re.compile(r"ka\d+@[a-z.]+"), "メールアドレス"),
    (re.compile("みなと町内会|文化協会|青年団"), "団体名"),
)


def values_for(template: PromptTemplate, chooser: random.Random) -> dict[str, str]:
    """Required fields always, the others in six of ten documents."""
    values = {}
    for entry in template.fields:
        if entry.required or chooser.random() < 0.6:
            pool = POOLS[
                "お礼の理由" if entry.name == "points" and template.title == "お礼状" else entry.label
            ]
            chosen = (
                "\n".join(chooser.sample(pool, chooser.randint(1, 3)))
                if entry.name == "points"
                else chooser.choice(pool)
            )
            values[entry.name] = chosen.format(
                name=chooser.choice(SURNAMES) + chooser.choice(GIVEN),
                tel=f"0{chooser.randint(10, 99)}-{chooser.randint(100, 999)}-{chooser.randint(0, 9999):04d}",
                mail=f"ka{chooser.randint(1, 99)}@city.sakurahama.lg.jp",
                org=chooser.choice(["みなと町内会", "文化協会", "青年団"]),
            )
    return values


def build(template: PromptTemplate, seed: int, form: Form) -> Document:
    chooser, masker = random.Random(seed), Masker(form)
    filled = render(template, values_for(template, chooser))
    parts, position = [], 0
    document = Document(filled.system, "", set(), [], [])
    for segment in filled.segments:
        masked = mask(filled.text[segment.start : segment.end], segment, masker)
        parts += [filled.text[position : segment.start], masked]
        position = segment.end
        if segment.field.name == "points":
            document.bullets.append(masked)
        elif masked not in masker.seen.values():
            document.values.append(masked)
    document.prompt = "".join([*parts, filled.text[position:]])
    document.placeholders = set(masker.seen.values())
    return document


def mask(value: str, segment: Segment, masker: Masker) -> str:
    if segment.field.verbatim and masker.form.hides_fields:
        return masker.hide(masker.form.noun(segment.field), value)
    for pattern, noun in PERSONAL:
        value = pattern.sub(lambda match, noun=noun: masker.hide(noun, match.group(0)), value)
    return value


def judge(document: Document, form: Form, answer: str, ended: bool) -> Counter[str]:
    found = set(re.findall(form.pattern, answer))
    score: Counter[str] = Counter(documents=1, placeholders=len(document.placeholders))
    score["kept"] = len(document.placeholders & found)
    score["invented"] = len(found - document.placeholders)
    score["values"] = len(document.values)
    score["values_ok"] = sum(value in answer for value in document.values)
    score["bullets"] = len(document.bullets)
    score["bullets_ok"] = sum(text[: max(1, len(text) * 2 // 3)] in answer for text in document.bullets)
    repeated = Counter(line for line in answer.split("\n") if len(line) > 6)
    quiet = max(repeated.values(), default=0) <= 2 and not re.search(r"(.{4,})\1\1", answer)
    score["sound"] = ended and quiet
    score["restorable"] = score["kept"] == score["placeholders"] and not score["invented"] and score["sound"]
    score["complete"] = (
        score["restorable"]
        and score["values_ok"] == score["values"]
        and score["bullets_ok"] == score["bullets"]
    )
    return score


def load() -> Any:
    import llama_cpp

    defaults = llama_cpp.llama_cpp.llama_model_default_params

    def without_extra_buffers() -> object:
        # ggml's AMX code dies at its first tile instruction on virtual machines that announce
        # AMX and do not allow it.
        params = defaults()
        params.use_extra_bufts = False
        return params

    llama_cpp.llama_cpp.llama_model_default_params = without_extra_buffers
    return llama_cpp.Llama(str(MODEL), n_ctx=1024, verbose=False, n_threads=1, n_threads_batch=1)


def write(model: Any, document: Document, temperature: float, seed: int) -> tuple[str, bool]:
    reply = model.create_chat_completion(
        [{"role": "system", "content": document.system}, {"role": "user", "content": document.prompt}],
        temperature=temperature,
        seed=seed,
        max_tokens=450,
        repeat_penalty=1.0,
    )["choices"][0]
    return reply["message"]["content"], reply["finish_reason"] == "stop"


def measure(model: Any, template: PromptTemplate, form: Form, count: int, show: bool) -> Counter[str]:
    total: Counter[str] = Counter()
    for number in range(count):
        document = build(template, number * 101 + 7, form)
        answer, ended = write(model, document, 0.0, 0)
        score = judge(document, form, answer, ended)
        if show and not score["complete"]:
            print("-" * 30, form.name, dict(score), document.prompt, "=>", answer, sep="\n")
        total += score
        done = bool(score["complete"])
        for seed in range(1, TRIES):
            if done or form.marks != "<>":
                break
            done = bool(judge(document, form, *write(model, document, 0.4, seed))["complete"])
        total["tries"] += done
    return total


def line(name: str, total: Counter[str]) -> str:
    def rate(part: str, whole: str) -> str:
        return f"{100 * total[part] / max(1, total[whole]):5.1f}"

    return (
        f"{name:<28} documents {total['documents']:3d} | kept {rate('kept', 'placeholders')} % of "
        f"{total['placeholders']:4d} | invented {total['invented']:3d} | values {rate('values_ok', 'values')} | "
        f"bullets {rate('bullets_ok', 'bullets')} | sound {rate('sound', 'documents')} | all placeholders right "
        f"{rate('restorable', 'documents')} | complete {rate('complete', 'documents')} | tries {rate('tries', 'documents')}"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    wanted = [name for name in sys.argv[2:] if name != "-v"]
    names = builtin_names()
    model = load()
    sums: dict[str, Counter[str]] = {}
    for form in FORMS:
        if wanted and form.name not in wanted:
            continue
        for template in load_builtin():
            if template.demo_model:
                total = measure(model, template, form, count, "-v" in sys.argv)
                sums.setdefault(form.name, Counter()).update(total)
                print(line(f"{form.name} {names[template.id]}", total), flush=True)
    print()
    for name, total in sums.items():
        print(line(name, total))


if __name__ == "__main__":
    main()
