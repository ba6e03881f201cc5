"""A model card and a verdict in words, for the models screen."""

from __future__ import annotations

from datetime import datetime

from desktop.drafting.doctor import (
    REASON_WORDS,
    VERDICT_WORDS,
    Diagnosis,
    ModelVerdict,
    gpu_words,
    plan_words,
)
from desktop.drafting.model_words import COUNTRIES, LANGUAGES, PURPOSES
from desktop.drafting.models_here import ModelHere, Place
from desktop.gui.item_models.model_table import size_words
from models.hardware import VerdictReason

UNKNOWN = "記載なし"


def facts_of(model: ModelHere, verified_at: datetime | None) -> list[tuple[str, str]]:
    """(name, value) of what is known of a model, what IT asks first on top."""
    card = model.card
    maker = card.maker or UNKNOWN
    if card.country:
        maker += f"（{COUNTRIES.get(card.country, card.country)}）"
    facts = [("開発元", maker)]
    if card.publisher:
        facts.append(("公開者", card.publisher))
    licence = card.licence or f"{UNKNOWN}。使う前に、配布元で確かめてください。"
    facts.append(("ライセンス", f"{licence}\n{card.licence_url}" if card.licence_url else licence))
    if card.licence_note:
        facts.append(("使う前に確かめること", card.licence_note))
    facts.append(("改変の確認", proof_words(model, verified_at)))
    size = f"{size_words(card.size_bytes)}　{card.quantization}".strip()
    facts.append(("大きさ", f"{size}　パラメーター 約{number_words(card.parameters)}"))
    facts.append(("必要なメモリー（目安）", f"約{card.ram_gib:g} GB"))
    facts.append(("一度に扱える長さ（文脈）", f"{card.n_ctx:,} トークン"))
    languages = [LANGUAGES.get(code, code) for code in card.languages]
    if languages:
        facts.append(("言語", "、".join(languages)))
    purposes = [PURPOSES.get(key, key) for key in card.purposes]
    if purposes:
        facts.append(("向いている用途", "、".join(purposes)))
    if model.came_at:
        facts.append(("取得・取り込み", moment_words(model.came_at)))
    if card.repository:
        facts.append(("配布元", f"{card.repository}　{model.commit[:12]}".strip()))
    facts.append(("置き場所", model.place.value))
    facts.append(("識別名", model.key))
    # In eights, so that the line can break and a person can read it out.
    facts.append(("SHA-256", " ".join(card.sha256[at : at + 8] for at in range(0, len(card.sha256), 8))))
    return facts


def proof_words(model: ModelHere, verified_at: datetime | None) -> str:
    """What is known of the file being what it says it is."""
    if verified_at is not None:
        return f"{verified_at:%H:%M} に大きさとSHA-256を確かめ、一致しました。"
    if model.place is Place.BUILT_IN:
        return "起案に付属しています。"
    return "取り込むときに、大きさとSHA-256を確かめました。"


def judgement_lines(verdict: ModelVerdict) -> list[str]:
    """The verdict, why, and the waits to expect at each length."""
    if verdict.best is None:
        return ["端末診断：動きません（読み込めないファイルです）"]
    how = "実測" if verdict.is_measured else "大きさからの見込み"
    lines = [f"端末診断：{verdict.words}（{how}）"]
    if verdict.best.reason is not VerdictReason.FITS:
        lines.append(f"{REASON_WORDS[verdict.best.reason]}。")
    lines += [
        f"文脈 {judged.n_ctx:,}：{VERDICT_WORDS[judged.verdict]}"
        f"　書き始めまで約{seconds_words(judged.first_character_s)}、"
        f"1件 約{seconds_words(judged.draft_s)}、メモリー {judged.needed_bytes / 2**30:.1f} GB"
        for judged in verdict.judgements
    ]
    if verdict.plan is not None:
        lines.append(f"読み込み方：{plan_words(verdict.plan)}")
    return lines


def pc_words(diagnosis: Diagnosis) -> str:
    """This PC in one line."""
    pc = diagnosis.hardware
    return (
        f"この端末：CPU {pc.physical_cores}コア、メモリー {pc.total_bytes / 2**30:.1f} GB"
        f"（空き {pc.free_bytes / 2**30:.1f} GB）、GPU {gpu_words(diagnosis)}、"
        f"ディスクの空き {diagnosis.disk_free_bytes / 2**30:.0f} GB、{diagnosis.library}"
    )


def number_words(number: int) -> str:
    """A large number as one says it: 4.9億, 40億, 431万."""
    if number >= 10**8:
        value = number / 10**8
        return f"{value:.0f}億" if value >= 10 else f"{value:.1f}億"
    return f"{number / 10**4:,.0f}万"


def seconds_words(seconds: float) -> str:
    """A wait: 12秒, 3分."""
    if seconds < 1:
        return "1秒"
    return f"{seconds:.0f}秒" if seconds < 100 else f"{seconds / 60:.0f}分"


def moment_words(iso: str) -> str:
    """An ISO moment, local: 2026/11/22 10:42."""
    try:
        at = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return iso
    return f"{at.year}/{at.month}/{at.day} {at:%H:%M}"
