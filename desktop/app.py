"""The composition root of the window: builds the parts, connects them, runs until it is closed."""

from __future__ import annotations

import getpass
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import metadata, resources
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from desktop.drafting.archive import DraftArchive
from desktop.drafting.documents.export import export_draft
from desktop.drafting.documents.label import DraftLabel
from desktop.drafting.documents.reading import read_document
from desktop.drafting.documents.text_writer import labelled_text
from desktop.drafting.errors import (
    DataFolderUnwritableError,
    DraftingError,
    SecondInstanceError,
    write_trouble,
)
from desktop.drafting.handover import Handover
from desktop.drafting.masking_settings import office_dictionary, worker_settings
from desktop.drafting.model_choice import ModelChoice, choose_model
from desktop.drafting.models_here import ModelsHere
from desktop.drafting.operation_log import Happening, note, note_bug, note_error, operation_log
from desktop.drafting.paths import Paths, SingleInstance
from desktop.drafting.policy import Policy, policy_in_force
from desktop.drafting.reach import within_reach
from desktop.drafting.records.audit import AuditLog
from desktop.drafting.records.key import open_key, system_key_store
from desktop.drafting.records.unsent import UnsentStore
from desktop.drafting.workplace import open_drafts, open_library, refresh_standard_shelf
from desktop.gui.clients.engine_client import EngineClient
from desktop.gui.clients.masking_client import MaskingClient
from desktop.gui.clients.worker_client import WorkerClient
from desktop.gui.controllers.arrivals import Arrivals
from desktop.gui.controllers.engine_line import EngineLine
from desktop.gui.controllers.own_words import OwnWords
from desktop.gui.controllers.parts import Parts
from desktop.gui.controllers.preferences import load_preferences
from desktop.gui.messages import message_for
from desktop.gui.theme import ColorScheme, TextSize, Theme
from desktop.gui.widgets.qt_words import install_japanese
from desktop.gui.windows.crash import CrashHandler
from desktop.gui.windows.main_window import MainWindow
from desktop.gui.windows.start_problem import show_start_problem
from models.errors import (
    CancelledError,
    ContextTooLongError,
    ForbiddenKindError,
    ModelsError,
    MyNumberFoundError,
    TextTooLongError,
    WorkerCrashedError,
)
from models.masking.dictionary import Dictionary
from models.worker.offline import forbid_internet
from prompts.errors import PromptsError
from prompts.library import PromptLibrary

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_SECOND_INSTANCE = 3
EXIT_REOPEN = 64
ANSWER_S = 8.0
"""How long the open window may take to answer a second start; it may be opening itself."""
GUIDELINE_LIMIT_CHARS = 200_000
WITH_SERVER = """\
## 5. 庁内サーバーを使います

- 文章は、団体の庁内サーバーが作ります。送られるのは、確認した**伏せた文だけ**です。庁外との通信はしません。
"""
_NO_TROUBLE = (
    CancelledError,
    WorkerCrashedError,  # has a line of its own
    ContextTooLongError,
    TextTooLongError,
    ForbiddenKindError,
    MyNumberFoundError,
)
"""Failures that come from what a person typed or pressed: nothing for the operation log."""


@dataclass(frozen=True)
class Workers:
    """Command lines of the worker processes, for tests that bring their own; None takes the real ones."""

    masking: Sequence[str] | None = None
    engine: Sequence[str] | None = None


def run_app(argv: Sequence[str] | None = None, *, to_import: Path | None = None) -> int:
    """Show the window until the person closes it.

    Args:
        argv: What Qt gets.
        to_import: A file of templates to preview, from a double click on it. Where the window is
            open already, that one comes to the front and previews it.

    Returns:
        The exit code.
    """
    forbid_internet()
    app = make_application(list(argv or sys.argv[:1]))
    paths = Paths.from_environment()
    try:
        with ExitStack() as stack:
            paths.ensure()
            handover = Handover(paths.data_dir)
            try:
                stack.enter_context(SingleInstance(paths))
            except SecondInstanceError:
                if not handover.was_taken(handover.leave(to_import), within_s=ANSWER_S):
                    raise  # there is a window, but it hangs: say so
                return EXIT_OK
            stack.enter_context(operation_log(paths.logs_dir))
            handover.take()  # what an earlier end left behind is not opened now
            theme = make_theme(paths.settings_file)
            code = EXIT_REOPEN
            while code == EXIT_REOPEN:  # another model was chosen: new parts, the same program
                code = show_window(app, paths, theme, handover, to_import=to_import)
                to_import = None
            note(Happening.ENDED, exit_code=code)
            return code
    except (DraftingError, ModelsError, PromptsError) as error:
        notice = message_for(error)
        print(f"{notice.title}\n{notice.what}", file=sys.stderr)  # noqa: T201 - there is no window yet
        make_theme(paths.settings_file).apply()
        show_start_problem(notice)
        return EXIT_SECOND_INSTANCE if isinstance(error, SecondInstanceError) else EXIT_FAILED


def show_window(
    app: QApplication,
    paths: Paths,
    theme: Theme,
    handover: Handover,
    *,
    to_import: Path | None = None,
    workers: Workers | None = None,
) -> int:
    """One window from its opening to its end.

    Returns:
        The exit code; `EXIT_REOPEN` where the person asked for another window.
    """
    with ExitStack() as stack:
        with _noted_where_refused():
            parts = build_parts(paths, stack)
            _note_start(parts)
            window = build_window(parts, workers=workers, theme=theme)
        crash = CrashHandler(version=parts.version, parent=window)
        crash.install(window)
        crash.crashed.connect(note_bug)
        window.reopen_asked.connect(lambda: app.exit(EXIT_REOPEN))
        window.show()
        arrivals = Arrivals(handover, parent=window)
        arrivals.arrived.connect(window.take_arrivals)
        arrivals.look()  # a second start while this one was opening
        if to_import is not None:
            window.preview_import([to_import])
        code = app.exec()
        if code == EXIT_REOPEN:
            app.setQuitOnLastWindowClosed(False)  # this close is not the end
            window.close()
            app.setQuitOnLastWindowClosed(True)
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return code


def make_application(argv: list[str]) -> QApplication:
    """The QApplication with Japanese standard dialogs."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(argv)
    app.setApplicationName("Kian")
    app.setApplicationDisplayName("起案")
    app.setDesktopFileName("kian")
    app.setStyle("Fusion")
    app.setWindowIcon(QIcon(str(resources.files("desktop.gui") / "resources" / "kian.svg")))
    QLocale.setDefault(QLocale(QLocale.Language.Japanese, QLocale.Country.Japan))
    install_japanese(app)
    return app


def build_parts(paths: Paths, stack: ExitStack) -> Parts:
    """Everything below the window, opened; `stack` closes it again.

    Raises:
        DraftingError, ModelsError, PromptsError: The program cannot start.
    """
    policy, policy_problem = policy_in_force(paths.policy_file)
    reachable, unreachable = within_reach(paths)
    model = choose_model(reachable, policy)
    library = open_library(paths)
    stack.callback(library.close)
    drafts, begun_anew = open_drafts(paths, policy)
    stack.callback(drafts.close)
    audit = AuditLog(paths.audit_db, backups_dir=paths.backups_dir)
    stack.callback(audit.close)
    key = open_key(paths.key_file, system_key_store()) if policy.records_keep_unsent else None
    person = getpass.getuser()
    return Parts(
        library=library,
        unsent=UnsentStore(paths.unsent_dir, key),
        archive=DraftArchive(drafts, audit, policy=policy, model=model, who=person),
        read_file=read_document,
        write_file=partial(_write_file, model),
        text_to_copy=partial(_text_to_copy, model),
        model=model,
        policy=policy,
        guideline=_guideline(policy),
        preferences_file=paths.settings_file,
        person=person,
        version=metadata.version("kian"),
        engine_states_dir=paths.engine_states_dir,
        own_words=OwnWords(UnsentStore(_own_words_dir(paths), key)),
        models=ModelsHere(paths, policy, who=person),
        open_audit=partial(AuditLog, paths.audit_db, backups_dir=paths.backups_dir),
        open_library=partial(PromptLibrary, paths.library_db),
        refresh_shelf=partial(refresh_standard_shelf, paths, policy),
        policy_problem=policy_problem,
        start_problems=(*unreachable, *((begun_anew,) if begun_anew else ())),
    )


def build_window(parts: Parts, *, workers: Workers | None = None, theme: Theme | None = None) -> MainWindow:
    """The window with its two worker processes; masking and model are loaded in the background."""
    workers = workers or Workers()
    masking_process = WorkerClient("masking", command=workers.masking)
    engine_process = WorkerClient(parts.model.worker, command=workers.engine)
    dictionary = office_dictionary(parts.policy)
    masking = MaskingClient(masking_process, settings=_masking_settings(dictionary, parts.own_words))
    parts.own_words.changed.connect(
        lambda: masking.use_settings(_masking_settings(dictionary, parts.own_words)),
        Qt.ConnectionType.DirectConnection,
    )
    # With a server in the building there is no model here to let go.
    idle_minutes = 0 if parts.model.server else parts.policy.models_idle_release_minutes
    engine = EngineClient(engine_process, idle_release_minutes=idle_minutes)
    look = theme or make_theme(parts.preferences_file)
    look.apply()
    line = EngineLine(engine_process, wake=lambda: engine.prepare(()))
    window = MainWindow(parts, look, masking=masking, engine=engine, line=line)
    for child in (masking_process, engine_process, masking, engine, line):
        child.setParent(window)
    for process in (masking_process, engine_process):
        _note_worker(process)
    masking.start()
    window.flow.shelf.start()
    engine.load(parts.model.path, parts.model.load_options(parts.engine_states_dir))
    return window


@contextmanager
def _noted_where_refused() -> Iterator[None]:
    """What keeps the window from opening goes into the log, too."""
    try:
        yield
    except (DraftingError, ModelsError, PromptsError) as error:
        note_error(Happening.START_REFUSED, error)
        raise


def _note_start(parts: Parts) -> None:
    note(
        Happening.STARTED,
        version=parts.version,
        python=platform.python_version(),
        system=platform.platform(),
        packaged="yes" if getattr(sys, "frozen", False) else "no",
        model="demo" if parts.model.is_demo else parts.model.sha256[:12],
    )
    if isinstance(parts.policy_problem, Exception):
        note_error(Happening.POLICY_REFUSED, parts.policy_problem)
    for problem in parts.start_problems:
        note_error(Happening.START_PROBLEM, problem)


def _note_worker(process: WorkerClient) -> None:
    process.ready.connect(partial(note, Happening.WORKER_READY, worker=process.worker))
    process.crashed.connect(partial(_note_crash, process.worker))
    process.failed.connect(lambda _request, error: _note_failure(error))


def _note_crash(worker: str, exit_code: int | None) -> None:
    code = "none" if exit_code is None else exit_code
    note(Happening.WORKER_CRASHED, is_trouble=True, worker=worker, exit_code=code)


def _note_failure(error: Exception) -> None:
    if not isinstance(error, _NO_TROUBLE):
        note_error(Happening.FAILED, error)


def _masking_settings(dictionary: Dictionary, own_words: OwnWords) -> dict[str, object]:
    """Quasi-identifiers are always pointed out in the review; the policy says which are masked."""
    return worker_settings(dictionary, **own_words.settings())


def _own_words_dir(paths: Paths) -> Path:
    folder = paths.data_dir / "own_words"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DataFolderUnwritableError(write_trouble(error)) from error
    return folder


def make_theme(preferences_file: Path) -> Theme:
    """The look the person chose."""
    chosen = load_preferences(preferences_file)
    sizes = {size.value: size for size in TextSize}
    schemes = {scheme.value: scheme for scheme in ColorScheme}
    return Theme(
        scheme=schemes.get(chosen.color_scheme, ColorScheme.SYSTEM),
        size=sizes.get(chosen.text_size, TextSize.STANDARD),
        parent=QGuiApplication.instance(),
    )


def _guideline(policy: Policy) -> str:
    """The municipality's text where IT named a readable one, else the one that is shipped."""
    if policy.guideline_file:
        try:
            with Path(policy.guideline_file).open(encoding="utf-8-sig") as file:
                text = file.read(GUIDELINE_LIMIT_CHARS)
            if text.strip():
                return text
        except (OSError, UnicodeDecodeError):
            pass  # the shipped text is the better one than none
    text = (resources.files("desktop.gui") / "resources" / "guideline.md").read_text("utf-8")
    # With a server in the building the last section would not be true.
    return text if policy.inference_server is None else text.partition("## 5.")[0] + WITH_SERVER


def _write_file(model: ModelChoice, path: Path, text: str, *, is_confirmed: bool) -> None:
    export_draft(path, text, label=DraftLabel(is_confirmed=is_confirmed, is_demo=model.is_demo))


def _text_to_copy(model: ModelChoice, text: str, is_confirmed: bool) -> str:
    return labelled_text(text, DraftLabel(is_confirmed=is_confirmed, is_demo=model.is_demo))
