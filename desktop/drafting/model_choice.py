"""Which model writes: the one asked for, IT's or the person's default, or the demonstration model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy
from desktop.drafting.session import SessionRules
from models.catalog import ModelCard, load_catalog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.engine.protocol import InferenceServer, LoadOptions
from models.errors import ModelFileMissingError
from models.masking.operators import Operator
from models.store import ModelStore, card_for_file
from models.store.copying import sha256_of

_OPERATORS = {
    "placeholder": Operator.PLACEHOLDER,
    "town": Operator.TOWN,
    "age": Operator.AGE,
    "school_year": Operator.GRADE,
}
"""Operators by the words of the policy file."""

DEMO_NOTICE = "動作確認用の見本モデルです。実務には使えません"
DEMO_POINTER = "実務に使えるモデルは、「設定」の「モデル」か「kian models」で取り込めます。"
SERVER_NOTICE = "庁内サーバー利用中"
"""Stands on every screen, and beside every output of the terminal, while a server in the building writes."""


@dataclass(frozen=True)
class ModelChoice:
    """A model file, or a model of the server in the building, and what is known of it.

    Attributes:
        card: Its model card.
        path: The weights; an empty path where a server has them.
        sha256: Their digest, hex; empty where a server has them.
        server: The server that IT's policy names; None where this PC writes.
    """

    card: ModelCard
    path: Path
    sha256: str
    server: InferenceServer | None = None

    @property
    def worker(self) -> str:
        """The worker process that writes: `engine`, or `server`."""
        return "engine" if self.server is None else "server"

    @property
    def server_notice(self) -> str:
        """What is said wherever a server writes; empty where this PC does."""
        if self.server is None:
            return ""
        return f"{SERVER_NOTICE}（{self.server.name}）：マスキングした文だけを送ります"

    def load_options(self, states_dir: Path, *, is_retry: bool = False) -> LoadOptions:
        """How that worker loads it; `is_retry` also after it ended the process the last time."""
        return LoadOptions(
            sha256=self.sha256, state_folder=str(states_dir), is_retry=is_retry, server=self.server
        )

    @property
    def is_demo(self) -> bool:
        """Whether it is the demonstration model, whatever the file is called."""
        return self.card.is_demo

    def rules(self, policy: Policy) -> SessionRules:
        """What this model and the policy demand of a draft."""
        return SessionRules(
            is_demo=self.is_demo,
            max_attempts=self.card.max_attempts,
            forbidden=policy.forbidden_kinds,
            mask_quasi=policy.masked_quasi_kinds,
            operators={kind: _OPERATORS[word] for kind, word in policy.masking_operators.items()},
        )


def choose_model(paths: Paths, policy: Policy, *, asked: Path | None = None) -> ModelChoice:
    """The model to use: the named file, else the policy's server, else a file that was chosen before.

    Args:
        paths: Where models lie; the person's default comes before the machine's.
        policy: Which models IT allows.
        asked: A file the person named.

    Raises:
        ModelFileMissingError, ModelFileBrokenError: The named file is not there or no model.
        ForbiddenByPolicyError: IT does not allow the named model.
    """
    if asked is None and policy.inference_server is not None:
        return _of_server(policy.inference_server)  # naming it in the policy is allowing it
    return choose_local_model(paths, policy, asked=asked)


def choose_local_model(paths: Paths, policy: Policy, *, asked: Path | None = None) -> ModelChoice:
    """The same, of the models on this PC alone (arguments and errors as above)."""
    choice = _asked(asked) if asked is not None else _default(paths, policy) or _demo()
    policy.check_model(choice.card.id, choice.sha256)
    return choice


def _of_server(server: InferenceServer) -> ModelChoice:
    card = ModelCard(
        id=f"server:{server.name}/{server.model}",
        title=server.model,
        file="",
        quantization="",
        parameters=0,
        n_ctx=server.n_ctx,
        licence="",
        maker=f"庁内サーバー {server.name}",
        country="",
        languages=(),
        purposes=(),
        ram_gib=0.0,
        checked_on="",
    )
    return ModelChoice(card, Path(), "", server)


def _asked(path: Path) -> ModelChoice:
    if not path.is_file():
        raise ModelFileMissingError(path.name)
    catalog = load_catalog()
    demo = catalog.card(DEMO_MODEL_ID)
    card = card_for_file(path, catalog)
    digest = sha256_of(path)
    if digest == demo.sha256:
        return ModelChoice(demo, path, digest)
    if card.is_demo:
        # Another file that carries the demonstration model's name is judged by its own header.
        card = card_for_file(path, type(catalog)(()))
    return ModelChoice(card, path, digest)


def _default(paths: Paths, policy: Policy) -> ModelChoice | None:
    for folder in (paths.models_dir, *paths.machine_models_dirs):
        installed = ModelStore(folder, allowed=policy.allowed_models).default()
        if installed is not None:
            card = installed.manifest.card
            return ModelChoice(card, installed.path, card.sha256)
    return None


def _demo() -> ModelChoice:
    card = load_catalog().card(DEMO_MODEL_ID)
    return ModelChoice(card, demo_model_path(), card.sha256)
