"""What the demonstration model makes of the chips below a draft, and of proof-reading. By hand, or `make demo-eval`:

    .venv/bin/python tests/benchmarks/demo_changes.py [MODEL] [--generated N] [--proofs] [--json FILE] [-v]

Everything goes the way of the program: the forms of demo_eval.py as documents first, then the chip's
own request with the conversation before it; texts through the built-in template of proof-reading,
names and numbers masked.

shorter    right: shorter than the document, every value and point still there (the question of a FAQ may
           go), ended, no repetition, nothing unknown or unsupported
polite     right: the same, and every point in its polite form (generated), or every line of a point with
           a polite ending (natural)
natural proofs    24 texts written by hand with faults of the trained kinds (demo_proofs.json)
second proofs     20 more, written before any answer to them was seen (demo_proofs_second.json)
generated proofs  N texts of the generator with words that training never sees
           right: the corrected text is exact, and exactly the faults are listed
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from demo_eval import (
    HERE,
    MAX_ATTEMPTS,
    SEED,
    Filled,
    _plain,
    _stands,
    _wanted,
    answer,
    draft,
    generated_forms,
    load_template,
    natural_forms,
)

from desktop.drafting.checks import find_repetitions
from desktop.drafting.session import DraftSession, GenerateCall, SessionRules
from desktop.gui.controllers.follow_ups import FOLLOW_UPS, FollowUp
from models.demo import demo_model_path
from models.demo.forms import wording
from models.demo.phrases import phrase
from models.demo.proofreading import make_proof
from models.demo.values import ValueMaker
from models.demo.words import load_words
from models.engine.llama import LlamaEngine
from models.engine.protocol import FinishReason, LoadOptions
from prompts.template import parse

_POLITE_END = re.compile(
    r"(ます|です|ません|ました|ませんでした|でした|でしょう|でしょうか|ください|<[^<>]+>)。?$"
)


@dataclass(frozen=True)
class Text:
    """A text to proof-read, finds marked; the right text, and what is to be listed (wrong, right)."""

    marked: str
    right: str
    faults: frozenset[tuple[str, str]]


# --- chips ------------------------------------------------------------------------------------------


def change(session: DraftSession, chip: FollowUp, engine: LlamaEngine) -> None:
    """Press a chip below a finished draft."""
    asked = session.begin_follow_up(chip.request, is_fixed=True)
    if not isinstance(asked, GenerateCall):
        raise TypeError("a chip is the program's own request and needs no analysis")
    answer(session, asked, engine)


def judge_change(session: DraftSession, filled: Filled, *, is_polite: bool) -> Counter[str]:
    """Counts for the answer to a chip."""
    before, turn = session.turns[-2], session.turns[-1]
    text = turn.completion
    wanted = [
        (is_point, line)
        for is_point, line in _wanted(filled, session.template)
        if is_polite or line != filled.values.get("question", "").strip()
    ]
    hits = [_stands(is_point, line, filled, text) for is_point, line in wanted]
    sound = turn.finish_reason is FinishReason.STOP and not find_repetitions(text)
    sound = sound and not turn.report.unknown_placeholders and not turn.report.unsupported
    styled = _is_polite(filled, text) if is_polite else len(text) < len(before.completion)
    return Counter(
        asked=1, right=all(hits) and sound and styled, values=len(hits), values_right=sum(hits), styled=styled,
        refused=phrase("refusal", "change") in text, ended=turn.finish_reason is FinishReason.STOP,
    )  # fmt: skip


def _is_polite(filled: Filled, text: str) -> bool:
    if filled.points:
        ends = phrase("minutes", "opinion_end_polite")
        return all(p.polite in text or f"{p.plain}{ends}" in text for p in filled.points.values())
    lines = [line for line in text.split("\n") if line.startswith("・") and "：" not in line[:12]]
    return all(_POLITE_END.search(line) for line in lines)


def measure_chips(
    engine: LlamaEngine, forms: list[Filled], *, verbose: bool
) -> dict[str, dict[str, Counter[str]]]:
    """Counts by chip and kind. Documents that are not right themselves are left out."""
    totals: dict[str, dict[str, Counter[str]]] = {}
    trained = {*wording()["follow_up_short"], *wording()["follow_up_polite"]}
    for chip in (chip for chip in FOLLOW_UPS if chip.request in trained):
        for filled in forms:
            rules = SessionRules(is_demo=True, max_attempts=MAX_ATTEMPTS)
            session = DraftSession(load_template(filled.kind), rules)
            draft(session, filled, engine)
            text = session.turns[-1].completion
            if not all(_stands(p, line, filled, text) for p, line in _wanted(filled, session.template)):
                continue
            change(session, chip, engine)
            score = judge_change(session, filled, is_polite=chip.label == "敬体で")
            for name in (filled.kind, "all"):
                totals.setdefault(chip.label, {}).setdefault(name, Counter()).update(score)
            if verbose and not score["right"]:
                print(
                    "=" * 20, chip.label, filled.kind, text, "-" * 10, session.turns[-1].completion, sep="\n"
                )
    return totals


# --- proof-reading ----------------------------------------------------------------------------------


def natural_texts(name: str = "demo_proofs.json") -> Iterator[Text]:
    for entry in json.loads((HERE / name).read_text("utf-8")):
        faults = frozenset((wrong, right) for wrong, right in entry["faults"])
        yield Text(entry["text"], _plain(entry["right"]), faults)


def generated_texts(count: int) -> Iterator[Text]:
    rng = random.Random(SEED)
    for _ in range(count):
        proof = make_proof(ValueMaker(rng, load_words(held_out=True)))
        faults = frozenset((fault.wrong, fault.right) for fault in proof.faults)
        yield Text(_unmasked(proof.faulty), _unmasked(proof.right), faults)


def _unmasked(text: str) -> str:
    """Placeholders of the generator as plain words: nothing else may look like one."""
    return re.sub(r"<([^<>0-9\s]{1,12})(\d+)>", r"\1その\2", text).replace("<", "").replace(">", "")


def proofread(engine: LlamaEngine, text: Text) -> tuple[str, bool]:
    """The answer, and whether it ended by itself."""
    template = parse((resources.files("prompts.builtin") / "proofread.prompt.md").read_text("utf-8"))
    session = DraftSession(template, SessionRules(is_demo=True, max_attempts=MAX_ATTEMPTS))
    filled = Filled("proofread", {"kind": "その他", "text": text.marked})
    draft(session, filled, engine)
    turn = session.turns[-1]
    return turn.completion, turn.finish_reason is FinishReason.STOP


def measure_texts(engine: LlamaEngine, texts: Iterator[Text], *, verbose: bool) -> Counter[str]:
    """Counts over texts."""
    total: Counter[str] = Counter()
    for text in texts:
        answer, ended = proofread(engine, text)
        corrected, _, listed = answer.partition("\n" + phrase("proofread", "list") + "\n")
        corrected = corrected.removeprefix(phrase("proofread", "corrected") + "\n")
        pairs = {(m[1], m[2]) for m in re.finditer(r"^・(.+?) → (.+?)：", listed, re.MULTILINE)}
        is_exact, is_listed = corrected.strip() == text.right.strip(), pairs == text.faults
        total.update(
            texts=1, ended=ended, corrected=is_exact, listed=is_listed, right=is_exact and is_listed and ended,
            faults=len(text.faults), found=len(pairs & text.faults), invented=len(pairs - text.faults),
        )  # fmt: skip
        if verbose and not (is_exact and is_listed):
            print("=" * 20, text.marked, "-" * 10, answer, "-" * 10, sorted(text.faults), sep="\n")
    return total


def _shown(name: str, count: Counter[str]) -> str:
    whole = count["asked"] or count["texts"]
    shares = [f"{key} {100 * count[key] / max(1, whole):5.1f} %" for key in ("right", "ended")]
    rest = {key: value for key, value in count.items() if key not in ("right", "ended")}
    return f"{name:<36}" + " | ".join(shares) + f" | {rest}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", type=Path, default=demo_model_path())
    parser.add_argument("--generated", type=int, default=100)
    parser.add_argument("--proofs", action="store_true", help="proof-reading, too, which is not offered")
    parser.add_argument("--json", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    engine = LlamaEngine()
    engine.load(options.model, LoadOptions(n_threads=1))
    results: dict[str, Counter[str]] = {}
    sets = {
        "natural": list(natural_forms()),
        "second": list(natural_forms("demo_forms_second.json")),
        "generated": list(generated_forms(options.generated)),
    }
    for name, forms in sets.items():
        for chip, kinds in measure_chips(engine, forms, verbose=options.verbose).items():
            results |= {f"{name} {chip} {kind}": count for kind, count in kinds.items()}
    if options.proofs:
        results["natural proofs"] = measure_texts(engine, natural_texts(), verbose=options.verbose)
        second = natural_texts("demo_proofs_second.json")
        results["second proofs"] = measure_texts(engine, second, verbose=options.verbose)
        texts = generated_texts(options.generated)
        results["generated proofs"] = measure_texts(engine, texts, verbose=options.verbose)
    for name, count in results.items():
        print(_shown(name, count))
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), "utf-8")
    engine.unload()


if __name__ == "__main__":
    sys.exit(main())
