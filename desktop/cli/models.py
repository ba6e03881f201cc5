"""`kian models`: model cards, the models on this PC, and carrying models in. For IT."""

from __future__ import annotations

import argparse
import getpass
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop.cli.output import give, give_json, say
from desktop.drafting.doctor import REASON_WORDS, VERDICT_WORDS, Diagnosis, diagnose
from desktop.drafting.model_choice import choose_model
from desktop.drafting.models_here import ModelsHere
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy, policy_in_force
from models.catalog import ModelCard, load_catalog
from models.errors import FetchFailedError, UnknownModelError
from models.store import InstalledModel, Manifest, export_bundle, seal_bundle
from models.worker.client import BlockingClient

_PERCENT_STEP = 10


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models` and what can be done with them."""
    parser = commands.add_parser("models", help="モデルを扱います（情報政策課向け）")
    actions = parser.add_subparsers(dest="action", metavar="操作")
    parser.set_defaults(run=run_list, json=False, store=None)
    for name, run, help_text in (
        ("list", run_list, "使えるモデルの一覧と、この端末に入っているものを表示します"),
        ("show", run_show, "モデルカードを表示します"),
        ("doctor", run_doctor, "端末診断：この端末でモデルがどのくらい動くかを測ります"),
        ("fetch", run_fetch, "モデルを取得します（インターネットにつながるパソコンでのみ使えます）"),
        ("import", run_import, "モデル（オフライン一式のフォルダー、または .gguf）を取り込みます"),
        ("verify", run_verify, "取り込んだモデルが改変されていないか調べます"),
        ("default", run_default, "標準で使うモデルを決めます"),
        ("rollback", run_roll_back, "標準で使うモデルを一つ前に戻します"),
        ("bundle", run_bundle, "取り込んだモデルをオフライン一式のフォルダーに書き出します"),
        ("remove", run_remove, "モデルを削除し、削除の記録を残します"),
    ):
        action = actions.add_parser(name, help=help_text)
        action.add_argument(
            "--store", type=Path, metavar="フォルダー", help="モデルの置き場所（既定は個人の領域）"
        )
        if name in ("list", "show", "doctor"):
            action.add_argument("--json", action="store_true", help="JSONで出力します")
        if name in ("show", "fetch", "verify", "default", "bundle", "remove"):
            action.add_argument("model", metavar="モデル", help="モデルのID（ID@版 でも指定できます）")
        if name == "import":
            action.add_argument("path", type=Path, metavar="場所")
        if name in ("bundle", "fetch"):
            action.add_argument("--output", type=Path, required=True, metavar="フォルダー")
            action.add_argument("--sign", type=Path, metavar="鍵", help="署名に使う Ed25519 の秘密鍵（PEM）")
        action.set_defaults(run=run, needs_internet=name == "fetch")


def run_list(arguments: argparse.Namespace) -> int:
    """List cards and installed models."""
    paths, policy = _office()
    here = _here(arguments, paths, policy)
    used = choose_model(paths, policy)
    rows = [_card_row(card, here.store.installed(), used.card.id) for card in here.cards()]
    if arguments.json:
        give_json(rows)
        return 0
    for row in rows:
        state = "使用中" if row["in_use"] else "導入済" if row["installed"] else "未導入"
        give(
            f"{row['id']:<28} {state}  {row['title']}（{row['maker']}、{row['licence']}、メモリー約{row['ram_gib']}GB）"
        )
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show one card.

    Raises:
        UnknownModelError: No such model.
    """
    paths, policy = _office()
    here = _here(arguments, paths, policy)
    card = next((card for card in here.cards() if card.id == arguments.model.partition("@")[0]), None)
    if card is None:
        raise UnknownModelError(model_id=arguments.model)
    row = _card_row(card, here.store.installed(), choose_model(paths, policy).card.id)
    if arguments.json:
        give_json(row)
        return 0
    for key, value in row.items():
        give(f"{_LABELS.get(key, key)}：{_words(value)}")
    return 0


def run_doctor(arguments: argparse.Namespace) -> int:
    """Measure this PC with the model in use and judge every installed model."""
    paths, policy = _office()
    in_use = choose_model(paths, policy)
    others = _here(arguments, paths, policy).beside(in_use)
    say("この端末の速さを測っています…")
    with BlockingClient("engine") as engine:
        diagnosis = diagnose(engine, in_use, others, data_dir=paths.data_dir)
    if arguments.json:
        give_json(asdict(diagnosis))
    else:
        _give_diagnosis(diagnosis)
    return 0


def _give_diagnosis(diagnosis: Diagnosis) -> None:
    pc = diagnosis.hardware
    give(f"CPU：{pc.physical_cores}コア（論理 {pc.logical_cores}）、{'・'.join(diagnosis.cpu_features)}")
    give(f"メモリー：全体 {pc.total_bytes / 2**30:.1f} GB、空き {pc.free_bytes / 2**30:.1f} GB")
    give(f"GPU：{'使えます' if diagnosis.supports_gpu else '使いません（この版はCPU用です）'}")
    give(f"ディスクの空き：{diagnosis.disk_free_bytes / 2**30:.1f} GB　　{diagnosis.library}")
    for model in diagnosis.models:
        give(f"\n{model.title}（{model.model_id}、{'実測' if model.is_measured else '推定'}）")
        if model.speed is None:
            give("  読み込めないファイルです。")
            continue
        give(
            f"  読む速さ {model.speed.reading_tps:.0f} トークン/秒、書く速さ {model.speed.writing_tps:.0f} トークン/秒"
        )
        for judged in model.judgements:
            give(
                f"  文脈 {judged.n_ctx:>6}：{VERDICT_WORDS[judged.verdict]}（{REASON_WORDS[judged.reason]}）"
                f"　書き始めまで約{judged.first_character_s:.0f}秒、1件 約{judged.draft_s:.0f}秒、"
                f"メモリー {judged.needed_bytes / 2**30:.1f} GB"
            )


def run_fetch(arguments: argparse.Namespace) -> int:
    """Fetch a model from the hub into a folder that `kian models import` takes.

    Raises:
        FetchFailedError: The hub did not give the file, or this package has no client for it.
    """
    try:
        fetch = importlib.import_module("models.fetch")
    except ModuleNotFoundError as error:
        raise FetchFailedError(model_id=arguments.model, reason="client_missing") from error
    card = load_catalog().card(arguments.model)
    fetched = fetch.fetch_model(
        card, arguments.output, token=os.environ.get("HF_TOKEN"), on_progress=_progress()
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(fetched.card, fetched.commit, now, fetched.licence_files)
    key = arguments.sign.read_bytes() if arguments.sign else None
    seal_bundle(fetched.folder, manifest, private_key_pem=key)
    say("取得しました。配布元の示す大きさとSHA-256に一致しています。")
    say("フォルダーごと端末へ運び、「kian models import フォルダー」で取り込んでください。")
    give(f"{fetched.folder}\t{fetched.card.sha256}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Copy a bundle or a model file in, checked on the way."""
    paths, policy = _office()
    installed = _here(arguments, paths, policy).take_in(arguments.path, on_progress=_progress())
    say("取り込みました。大きさとSHA-256を確かめ、壊れていないことを確認しました。")
    give(f"{installed.key}\t{installed.manifest.card.sha256}")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Hash an installed model anew."""
    paths, policy = _office()
    store = _here(arguments, paths, policy).store
    model = store.find(arguments.model)
    store.verify(model, on_progress=_progress())
    give(f"{model.key}\t一致\t{model.manifest.card.sha256}")
    return 0


def run_default(arguments: argparse.Namespace) -> int:
    """Choose the model that is used unasked."""
    paths, policy = _office()
    give(_here(arguments, paths, policy).choose(arguments.model).key)
    return 0


def run_roll_back(arguments: argparse.Namespace) -> int:
    """Go back to the default before this one."""
    paths, policy = _office()
    here = _here(arguments, paths, policy)
    if here.store.default() is None:
        say("戻す先がありません。この利用者の標準は決まっていません。")
        return 1
    here.roll_back()
    model = here.store.default()
    give(model.key if model else choose_model(paths, policy).card.id)
    return 0


def run_bundle(arguments: argparse.Namespace) -> int:
    """Write an installed model as an offline bundle."""
    paths, policy = _office()
    model = _here(arguments, paths, policy).store.find(arguments.model)
    key = arguments.sign.read_bytes() if arguments.sign else None
    folder = export_bundle(model, arguments.output, private_key_pem=key, on_progress=_progress())
    give(str(folder))
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Delete an installed model and keep a record of it."""
    paths, policy = _office()
    give(_here(arguments, paths, policy).remove(arguments.model).key)
    return 0


_LABELS = {
    "id": "ID",
    "title": "名称",
    "file": "ファイル",
    "quantization": "量子化",
    "parameters": "パラメーター数",
    "n_ctx": "文脈の長さ",
    "licence": "ライセンス",
    "licence_url": "ライセンスの掲載先",
    "maker": "開発元",
    "country": "国",
    "languages": "言語",
    "purposes": "用途",
    "ram_gib": "必要なメモリー（GB、目安）",
    "checked_on": "開発元の掲載内容を確認した日",
    "repository": "配布元",
    "revision": "版の指定",
    "publisher": "公開者",
    "size_bytes": "大きさ（バイト）",
    "sha256": "SHA-256",
    "is_gated": "利用条件への同意",
    "is_demo": "見本モデル",
    "installed": "この端末の版",
    "in_use": "使用中",
}


def _office() -> tuple[Paths, Policy]:
    paths = Paths.from_environment()
    paths.ensure()
    policy, _ = policy_in_force(paths.policy_file)
    return paths, policy


def _here(arguments: argparse.Namespace, paths: Paths, policy: Policy) -> ModelsHere:
    return ModelsHere(paths, policy, who=getpass.getuser(), folder=arguments.store)


def _card_row(card: ModelCard, installed: tuple[InstalledModel, ...], used_id: str) -> dict[str, Any]:
    row = asdict(card)
    row["installed"] = [model.version for model in installed if model.model_id == card.id]
    row["in_use"] = card.id == used_id
    return row


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, (list, tuple)):
        return "、".join(str(entry) for entry in value) or "なし"
    return str(value) if value not in ("", 0) else "（取得時に確定）"


def _progress() -> Callable[[int, int], None]:
    """Tells every ten percent, on a terminal only."""
    last = -_PERCENT_STEP

    def tell(done: int, total: int) -> None:
        nonlocal last
        percent = done * 100 // max(total, 1)
        if sys.stderr.isatty() and percent >= last + _PERCENT_STEP:
            last = percent
            say(f"  {percent}%（{done // 2**20} / {total // 2**20} MB）")

    return tell
