"""The documents are specifications: what they name exists, and what exists is named.

it-handbook.md, template-format.md and masking.md have tests of their own beside the code they describe.
"""

import argparse
import ast
import re
import tomllib
from pathlib import Path

import pytest

from desktop.app import _own_words_dir
from desktop.cli.main import build_parser
from desktop.drafting.messages import _WORKERS, message_table
from desktop.drafting.paths import Paths
from desktop.gui.windows.home_screen import TILES

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.ja.md")
DOCUMENTS = (*READMES, *sorted((ROOT / "docs").glob("*.md")))
HOUSE_DOCUMENTS = tuple(ROOT / name for name in ("README.md", "README.ja.md", "docs/architecture.md"))
HOUSE_DOCUMENTS += tuple(ROOT / "docs" / name for name in ("contributing.md", "glossary.md"))
USER_GUIDE = (ROOT / "docs" / "user-guide.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def named(paths):
    return [pytest.param(path, id=path.name) for path in paths]


def code_of(text):
    """The lines of fenced blocks, and the code spans of everything else."""
    fences = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for block in fences.findall(text):
        yield from block.splitlines()
    for span in re.findall(r"`([^`]+)`", fences.sub("", text)):
        yield re.sub(r"\s+", " ", span)


def between(text, mark):
    return text.split(f"<!-- {mark} -->")[1].split(f"<!-- /{mark} -->")[0]


# --- commands and options ---------------------------------------------------------------------------


def parsers():
    """Every command by its words, with its parser: `("models", "list")`."""
    found = {(): build_parser()}
    waiting = [((), found[()])]
    while waiting:
        words, parser = waiting.pop()
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, child in action.choices.items():
                    found[*words, name] = child
                    waiting.append(((*words, name), child))
    return found


PARSERS = parsers()
PARENTS = {words[:-1] for words in PARSERS if words}
LEAVES = sorted(words for words in PARSERS if words not in PARENTS)
OPTIONS = {words: set(parser._option_string_actions) for words, parser in PARSERS.items()}


def command_of(line):
    """The words of the command that a line of code begins with, or None; then the rest of the line."""
    match = re.match(r"\$?\s*kian(?:\.com)?(?: |$)(.*)", line)
    if match is None:
        return None, ""
    parts = re.split(r"\s+#\s", match[1])[0].split()
    words = ()
    while parts and (*words, parts[0]) in PARSERS:
        words = (*words, parts.pop(0))
    return words, parts


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_every_command_and_option_that_a_document_names_exists(path):
    for line in code_of(path.read_text("utf-8")):
        words, rest = command_of(line)
        if words is None:
            continue
        follows = next((part for part in rest if re.fullmatch(r"[a-z][a-z-]*", part)), "")
        assert words in LEAVES or not follows, f"no such command: {line}"
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(rest)):
            assert option in OPTIONS[words], f"no such option: {line}"


@pytest.mark.parametrize("path", named(path for path in DOCUMENTS if path.name != "demo-model.md"))
def test_an_option_named_without_its_command_belongs_to_one(path):
    # demo-model.md is about another program, the one that trains the demonstration model.
    every = set.union(*OPTIONS.values())
    for line in code_of(path.read_text("utf-8")):
        if re.fullmatch(r"--[a-z][a-z-]*", line):
            assert line in every, line


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_is_named_in_the_user_guide(words):
    assert words in {command_of(line)[0] for line in code_of(USER_GUIDE)}


def test_a_command_or_option_that_does_not_exist_would_be_noticed():
    assert command_of("kian models lists --json")[0] == ("models",)
    assert ("models",) not in LEAVES
    assert "--no-such-option" not in OPTIONS[command_of("kian draft --no-such-option")[0]]
    assert command_of("`kian`をひらく")[0] is None


# --- files, folders, pictures -----------------------------------------------------------------------


def own_files(tmp_path):
    """The names of what lies below the data folder."""
    paths = Paths(tmp_path, tmp_path / "policy.toml").ensure()
    places = [getattr(paths, name) for name, value in vars(Paths).items() if isinstance(value, property)]
    return {
        place.name for place in (*places, paths.policy_file, _own_words_dir(paths)) if isinstance(place, Path)
    }


def path_tokens(text):
    """Code spans that look like a path of the repository."""
    for code in code_of(text):
        looks_so = re.fullmatch(r"[\w-][\w.*-]*(?:/[\w.*-]+)*/?", code)
        if looks_so and ("/" in code or re.search(r"\.(py|md|toml|json|sqlite3|gguf|lock|key|txt)$", code)):
            yield code


@pytest.mark.parametrize("path", named(HOUSE_DOCUMENTS))
def test_every_file_and_folder_that_a_document_of_the_house_names_exists(path, tmp_path):
    known = own_files(tmp_path)
    tokens = list(path_tokens(path.read_text("utf-8")))
    missing = [
        token for token in tokens if token.rstrip("/") not in known and not list(ROOT.glob(token.rstrip("/")))
    ]
    assert missing == []


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_every_link_and_picture_of_a_document_leads_somewhere(path):
    targets = re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", path.read_text("utf-8"))
    missing = [target for target in targets if not (path.parent / target.split("#")[0]).exists()]
    assert missing == []


def test_the_user_guide_shows_every_step_of_a_draft():
    shown = set(re.findall(r"!\[[^\]]+\]\(images/(\w+)\.png\)", USER_GUIDE))
    assert {"home", "form", "review", "review_stop", "check", "confirmed", "history", "settings"} <= shown


def test_every_dotted_module_that_the_architecture_names_exists():
    modules = re.findall(r"`((?:desktop|models|prompts)(?:\.\w+)+)`", ARCHITECTURE)
    assert modules
    for module in modules:
        place = ROOT / module.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").is_file(), module


@pytest.mark.parametrize("folder", ["desktop", "models", "prompts"])
def test_the_architecture_names_exactly_the_rooms_of_a_folder(folder):
    row = re.search(rf"^\| `{folder}/` \|([^|]*)\|", ARCHITECTURE, re.MULTILINE)[1]
    rooms = {path.stem for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"}
    rooms |= {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)`", row)) == rooms


def test_the_architecture_names_everything_below_the_data_folder(tmp_path):
    table = ARCHITECTURE.split("## On disk")[1].split("\n## ")[0]
    rows = set(re.findall(r"^\| `([\w.]+)/?` \|", table, re.MULTILINE))
    assert rows == own_files(tmp_path) - {"policy.toml"}


def test_the_architecture_says_what_every_dependency_is_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}
    asked |= {re.match(r"[\w-]+", line)[0] for line in project["optional-dependencies"]["fetch"]}
    rows = re.findall(r"^\| ([^|]+) \|", ARCHITECTURE.split("## Dependencies")[1], re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[\w-]+", row)}
    assert asked <= told


@pytest.mark.parametrize("path", named(HOUSE_DOCUMENTS))
def test_every_make_target_that_a_document_names_exists(path):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for line in code_of(path.read_text("utf-8")):
        target = re.match(r"make ([a-z-]+)", line)
        assert target is None or re.search(rf"^{target[1]}:", makefile, re.MULTILINE), line


# --- keys -------------------------------------------------------------------------------------------

KEY_NAMES = {"Return": "Enter", "Escape": "Esc", "Plus": "+", "Semicolon": "+", "Minus": "-", "Del": "Delete"}
STANDARD_KEYS = {"Undo": "Ctrl+Z", "Redo": "Ctrl+Y", "Paste": "Ctrl+V", "Delete": "Delete"}
"""What Qt binds to its standard keys on Windows (Qt's documentation of QKeySequence.StandardKey)."""
SEQUENCE = re.compile(r"(?:(?:Ctrl|Alt|Shift)\+)+(?:[A-Z0-9]|F\d+|[A-Z][a-z]+)|F\d{1,2}|Esc|Escape|Delete")
NOT_FOR_THE_GUIDE = {"Enter", "Down", "Ctrl+V", "Delete"}
"""Keys that do in one widget what they do everywhere: lists and tables. The guide may name them."""


def normal(keys):
    *modifiers, key = re.split(r"(?<=\w)\+", keys)
    return "+".join([*modifiers, KEY_NAMES.get(key, key)])


def without_words(tree):
    """All nodes but docstrings and the help text, which only *say* which keys work."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if not is_docstring and not (
                isinstance(child, ast.Assign) and "help_text" in ast.unparse(child.targets[0])
            ):
                waiting.append(child)


def keys_in(source):
    """The key sequences a module knows: strings, `Qt.Key`, `QKeySequence.StandardKey`."""
    nodes = list(without_words(ast.parse(source)))
    found = set()
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SEQUENCE.fullmatch(node.value):
            found.add(normal(node.value))
        elif isinstance(node, ast.JoinedStr) and ast.unparse(node).strip("f'\"") == "Alt+{number}":
            found |= {f"Alt+{number}" for number in range(1, TILES + 1)}
        elif isinstance(node, ast.Attribute) and node.attr.startswith("Key_"):
            key = normal(node.attr.removeprefix("Key_"))
            found |= {key, f"Shift+{key}"} if "ShiftModifier" in attributes and key == "N" else {key}
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("StandardKey"):
            found.add(STANDARD_KEYS[node.attr])
    return found


def keys_of_the_window():
    sources = (ROOT / "desktop" / "gui").rglob("*.py")
    return set().union(*(keys_in(path.read_text("utf-8")) for path in sources))


def keys_in_the_guide():
    rows = re.findall(r"^\|[^|]+\|([^|]+)\|", between(USER_GUIDE, "shortcuts"), re.MULTILINE)
    for row in rows:
        keys = re.findall(r"`([^`]+)`", row)
        if "～" in row:
            first, last = (int(key[-1]) for key in keys)
            keys = [f"{keys[0][:-1]}{number}" for number in range(first, last + 1)]
        yield from map(normal, keys)


def test_every_key_in_the_user_guide_is_known_to_the_window():
    named_keys = set(keys_in_the_guide())
    assert len(named_keys) > 15
    assert named_keys - keys_of_the_window() == set()


def test_every_key_of_the_window_is_in_the_user_guide():
    assert keys_of_the_window() - set(keys_in_the_guide()) - NOT_FOR_THE_GUIDE == set()


def test_keys_that_are_only_talked_about_do_not_count():
    source = '"""F9"""\nclass A:\n    help_text = "F8"\n    def f(self):\n        """Ctrl+Q"""\n        bind("Ctrl+J")\n'
    assert keys_in(source) == {"Ctrl+J"}


# --- messages ---------------------------------------------------------------------------------------


def titles():
    """The headings of all messages, a worker's name filled in."""
    for entry in message_table().values():
        if (title := entry.get("title")) is not None:
            yield from {title.format(worker_name=name) for name in _WORKERS.values()}


def test_the_user_guide_tells_what_to_do_for_exactly_the_messages_there_are():
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", between(USER_GUIDE, "messages"), re.MULTILINE)
    told = [row for row in rows if row != "表示"]
    assert sorted(told) == sorted(titles())
