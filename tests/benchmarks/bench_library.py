"""How the prompt library grows from 1,000 to 100,000 templates. Run by hand or by `make bench`:

    .venv/bin/python tests/benchmarks/bench_library.py [LARGEST]

Prints for each size: seconds to store, size of the file, milliseconds to open, and the median and
95th percentile of searches for one- and two-character words, longer words and pairs of words.
Targets: search p95 at most 50 ms, opening at most 300 ms.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from functools import partial
from pathlib import Path

from prompts.builtin import install_builtin, load_builtin
from prompts.library import PromptLibrary
from prompts.template import PromptTemplate
from tests.benchmarks.results import record, row

WORDS = [
    "減免",
    "保育",
    "税",
    "介護",
    "防災",
    "住民票",
    "議会",
    "答弁",
    "予算",
    "補助金",
    "通知",
    "依頼",
    "回答",
    "広報",
    "児童",
    "手当",
    "年金",
    "水道",
    "下水道",
    "道路",
    "公園",
    "図書館",
    "学校",
    "給食",
    "健診",
    "予防接種",
    "国保",
    "後期高齢者",
    "選挙",
    "統計",
    "契約",
    "入札",
    "工事",
    "農地",
    "林道",
    "漁港",
    "観光",
    "商工",
    "雇用",
    "移住",
    "空き家",
    "環境",
    "ごみ",
    "リサイクル",
    "斎場",
    "墓地",
    "戸籍",
    "印鑑",
    "旅券",
    "マイナンバー",
    "窓口",
    "苦情",
    "相談",
    "記録",
    "台帳",
    "名簿",
    "引継ぎ",
    "研修",
    "採用",
    "人事",
    "給与",
    "文書",
    "例規",
    "条例",
]
TASKS = [
    "通知文",
    "お知らせ",
    "回答文",
    "依頼文",
    "議事録",
    "要約",
    "チェック一覧",
    "説明資料",
    "FAQ",
    "企画書",
    "報告書",
    "台本",
]
ONE = list("税水道学農林選健老子火森橋")
TWO = [
    "減免",
    "保育",
    "介護",
    "答弁",
    "工事",
    "空家",
    "墓地",
    "例規",
    "窓口",
    "記録",
    "作成",
    "文書",
    "通知",
    "相談",
    "確認",
]
LONGER = [
    "補助金",
    "図書館",
    "予防接種",
    "後期高齢者",
    "マイナンバー",
    "リサイクル",
    "議事録の要約",
    "ＦＡＱ",
    "交付申請",
]
PAIRS = ["減免 通知", "保育 依頼", "税 回答", "文書 確認", "工事 お知らせ"]


def make(count: int, seed: int = 1) -> list[PromptTemplate]:
    """Templates of the shipped ones' size with titles and bodies of their own."""
    chooser, sources = random.Random(seed), load_builtin()
    made = []
    for number in range(count):
        source = chooser.choice(sources)
        words = chooser.sample(WORDS, 8)
        made.append(
            replace(
                source,
                id=str(uuid.UUID(int=chooser.getrandbits(128))),
                title=f"{words[0]}{chooser.choice('のにをと')}{words[1]}の{chooser.choice(TASKS)}（{number}）",
                tags=tuple(words[:3]),
                description=f"{words[3]}と{words[4]}について、{words[5]}の文書を作成します。",
                body=f"{words[6]}の{words[7]}を確認してください。\n{source.body}",
            )
        )
    return made


def milliseconds(run: object) -> float:
    began = time.perf_counter()
    run()  # type: ignore[operator]
    return (time.perf_counter() - began) * 1000


def measure_search(library: PromptLibrary, words: list[str]) -> tuple[float, float, float]:
    times, found = [], []
    for _ in range(5):
        for word in words:
            began = time.perf_counter()
            found.append(len(library.search(word)))
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.95)], statistics.mean(found)


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    figures: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.db"
        library = PromptLibrary(path)
        install_builtin(library)
        stored = 0
        for size in (1_000, 10_000, 30_000, 100_000):
            if size > largest:
                break
            templates = make(size - stored, seed=size)
            began = time.perf_counter()
            library.save_many(templates)
            seconds = time.perf_counter() - began
            chooser = random.Random(3)
            for template in chooser.sample(templates, 60):
                library.record_use(template.id)
                library.set_favourite(template.id, True)
            library.close()
            opened = [milliseconds(lambda: PromptLibrary(path).close()) for _ in range(5)]
            library = PromptLibrary(path)
            install_builtin(library)
            print(
                f"{size:7,d} templates | {len(templates):6,d} stored in {seconds:6.1f} s | "
                f"{path.stat().st_size / 1e6:6.1f} MB | open {statistics.median(opened):5.1f} ms (max {max(opened):.1f}) | "
                f"list of 100 {milliseconds(partial(library.list, limit=100)):.1f} ms"
            )
            for name, words in (
                ("1 character", ONE),
                ("2 characters", TWO),
                ("longer", LONGER),
                ("pairs", PAIRS),
            ):
                middle, p95, found = measure_search(library, words)
                figures[f"library_search_p95_{name.replace(' ', '_')}_{size}"] = row(p95, "ms", "<= 50")
                print(f"        {name:<13} median {middle:6.1f} ms | p95 {p95:6.1f} ms | {found:5.1f} found")
            figures[f"library_open_{size}"] = row(max(opened), "ms", "<= 300")
            stored = size
        library.close()
    record(figures)


if __name__ == "__main__":
    main()
