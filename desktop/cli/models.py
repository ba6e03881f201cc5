"""`kian models`: model cards, the models on this PC, and carrying models in. For IT."""

from __future__ import annotations

import argparse
import getpass
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop.cli.model_words import card_lines, catalogue_lines, here_lines
from desktop.cli.output import give, give_json, say
from desktop.drafting.doctor import (
    REASON_WORDS,
    VERDICT_WORDS,
    Diagnosis,
    ServerVerdict,
    diagnose,
    gpu_words,
    plan_words,
    try_server,
)
from desktop.drafting.messages import message_for
from desktop.drafting.model_choice import SERVER_NOTICE, ModelChoice, choose_local_model, choose_model
from desktop.drafting.models_here import ModelsHere, ModelsList, Place
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy, policy_in_force
from models.catalog import ModelCard, load_catalog
from models.errors import FetchFailedError, SigningKeyUnusableError, UnknownModelError
from models.store import Manifest, export_bundle, seal_bundle
from models.worker.client import BlockingClient

_PERCENT_STEP = 10
_NEXT_START = "次に起案を開いたときから、このモデルを使います。"


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
        if name != "fetch":
            action.add_argument(
                "--store", type=Path, metavar="フォルダー", help="モデルの置き場所（既定は個人の領域）"
            )
        if name in ("list", "show", "doctor"):
            action.add_argument("--json", action="store_true", help="JSONで出力します")
        if name in ("show", "fetch"):
            action.add_argument(
                "model", metavar="モデル", help="モデルのID（「kian models list」で分かります）"
            )
        if name in ("verify", "default", "bundle", "remove"):
            action.add_argument("model", metavar="モデル", help="モデルのID（ID@版 でも指定できます）")
        if name == "import":
            action.add_argument(
                "path", type=Path, metavar="場所", help="一式のフォルダー、または .gguf のファイル"
            )
        if name in ("bundle", "fetch"):
            action.add_argument(
                "--output",
                type=Path,
                required=True,
                metavar="フォルダー",
                help="一式を作る所（この中に、モデルごとのフォルダーができます）",
            )
            action.add_argument("--sign", type=Path, metavar="鍵", help="署名に使う Ed25519 の秘密鍵（PEM）")
        action.set_defaults(run=run, needs_internet=name == "fetch")


def run_list(arguments: argparse.Namespace) -> int:
    """List cards and installed models."""
    paths, policy = _office()
    here = _here(arguments, paths, policy)
    found = here.list()
    if arguments.json:
        used = choose_model(paths, policy)
        give_json([_card_row(card, found, used) for card in here.cards()])
        return 0
    if notice := choose_model(paths, policy).server_notice:
        say(f"{notice}。この端末のモデルは使いません。")
    for line in here_lines(found):
        give(line)
    give("")
    for line in catalogue_lines(load_catalog(), found.models):
        give(line)
    for path in found.quarantined:
        say(f"壊れているため、使わずに分けて置いたファイルがあります。調べたあとで削除してください：{path}")
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
    row = _card_row(card, here.list(), choose_model(paths, policy))
    if arguments.json:
        give_json(row)
        return 0
    for line in card_lines(row):
        give(line)
    return 0


def run_doctor(arguments: argparse.Namespace) -> int:
    """Measure this PC with the model in use and judge every installed model."""
    paths, policy = _office()
    in_use = choose_local_model(paths, policy)
    others = _here(arguments, paths, policy).beside(in_use)
    say("この端末の速さを測っています…")
    with BlockingClient("engine") as engine:
        diagnosis = diagnose(
            engine, in_use, others, data_dir=paths.data_dir, states_dir=paths.engine_states_dir
        )
    diagnosis = replace(diagnosis, server=_server_verdict(choose_model(paths, policy)))
    if arguments.json:
        give_json(asdict(diagnosis))
    else:
        _give_diagnosis(diagnosis)
    return 0


def _server_verdict(choice: ModelChoice) -> ServerVerdict | None:
    if choice.server is None:
        return None
    say(f"{SERVER_NOTICE}（{choice.server.name}）：つながるかを確かめています…")
    with BlockingClient(choice.worker) as worker:
        verdict, error = try_server(worker, choice)
    if error is not None:
        say(message_for(error).what)
    return verdict


def _give_diagnosis(diagnosis: Diagnosis) -> None:
    if (server := diagnosis.server) is not None:
        state = (
            "使えません" if server.speed is None else f"書く速さ {server.speed.writing_tps:.0f} トークン/秒"
        )
        give(f"{SERVER_NOTICE}（{server.server}）：{server.model}、{state}")
        give("下書きは庁内サーバーが作ります。下の、この端末のモデルは使いません。\n")
    pc = diagnosis.hardware
    give(f"CPU：{pc.physical_cores}コア（論理 {pc.logical_cores}）、{'・'.join(diagnosis.cpu_features)}")
    give(f"メモリー：全体 {pc.total_bytes / 2**30:.1f} GB、空き {pc.free_bytes / 2**30:.1f} GB")
    give(f"GPU：{gpu_words(diagnosis)}")
    give(f"ディスクの空き：{diagnosis.disk_free_bytes / 2**30:.1f} GB　　{diagnosis.library}")
    for model in diagnosis.models:
        give(f"\n{model.title}（{model.model_id}、{'実測' if model.is_measured else '推定'}）")
        if model.speed is None:
            give("  読み込めないファイルです。")
            continue
        give(
            f"  読む速さ {model.speed.reading_tps:.0f} トークン/秒、書く速さ {model.speed.writing_tps:.0f} トークン/秒"
        )
        if model.plan is not None:
            give(f"  読み込み方：{plan_words(model.plan)}")
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
    card, key = load_catalog().card(arguments.model), _signing_key(arguments)
    fetched = fetch.fetch_model(
        card, arguments.output, token=os.environ.get("HF_TOKEN"), on_progress=_progress()
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(fetched.card, fetched.commit, now, fetched.licence_files)
    seal_bundle(fetched.folder, manifest, private_key_pem=key)
    say("取得しました。配布元の示す大きさとSHA-256に一致しています。")
    say("フォルダーごと端末へ運び、「kian models import フォルダー」で取り込んでください。")
    if card.licence_note:
        say(f"使う前に確かめること：{card.licence_note}")
    if not any("licen" in name.casefold() for name in fetched.licence_files):
        say(f"配布元にライセンスの本文がないため、一式に入っていません。掲載先：{card.licence_url}")
    give(f"{fetched.folder}\t{fetched.card.sha256}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Copy a bundle or a model file in, checked on the way."""
    paths, policy = _office()
    here = _here(arguments, paths, policy)
    installed = here.take_in(arguments.path, on_progress=_progress())
    say("取り込みました。大きさとSHA-256を確かめ、壊れていないことを確認しました。")
    if installed.manifest.card.licence_note:
        say(f"使う前に確かめること：{installed.manifest.card.licence_note}")
    default = here.store.default()
    if default is not None and default.key != installed.key:
        say(f"標準は {default.key} のままです。")
        say(f"切り替えるときは「kian models default {installed.key}」を実行してください。")
    else:
        say(_NEXT_START)
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
    say(_NEXT_START)
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
    say(_NEXT_START)
    return 0


def run_bundle(arguments: argparse.Namespace) -> int:
    """Write an installed model as an offline bundle."""
    paths, policy = _office()
    model = _here(arguments, paths, policy).store.find(arguments.model)
    key = _signing_key(arguments)
    folder = export_bundle(model, arguments.output, private_key_pem=key, on_progress=_progress())
    give(str(folder))
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Delete an installed model and keep a record of it."""
    paths, policy = _office()
    give(_here(arguments, paths, policy).remove(arguments.model).key)
    say("削除し、いつ・だれが・何を削除したかを記録しました。")
    return 0


def _office() -> tuple[Paths, Policy]:
    paths = Paths.from_environment()
    paths.ensure()
    policy, problem = policy_in_force(paths.policy_file)
    if problem is not None:  # else a refusal would name rules that nobody wrote
        say(message_for(problem).what)
    return paths, policy


def _here(arguments: argparse.Namespace, paths: Paths, policy: Policy) -> ModelsHere:
    return ModelsHere(paths, policy, who=getpass.getuser(), folder=arguments.store)


def _signing_key(arguments: argparse.Namespace) -> bytes | None:
    """The key to sign with, read before anything long begins; None without `--sign`."""
    if arguments.sign is None:
        return None
    try:
        return bytes(arguments.sign.read_bytes())
    except OSError:
        raise SigningKeyUnusableError from None


def _card_row(card: ModelCard, found: ModelsList, used: ModelChoice) -> dict[str, Any]:
    """A card for `--json`: its fields, the versions on this PC, and whether the next start uses one."""
    row = asdict(card)
    row["installed"] = [
        model.version
        for model in found.models
        if model.card.id == card.id and model.place is not Place.BUILT_IN
    ]
    row["in_use"] = card.id == used.card.id
    return row


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
