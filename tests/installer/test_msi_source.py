"""The WiX source: every file once, settings remembered, nothing that wixl would empty."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

WIX = "{http://schemas.microsoft.com/wix/2006/wi}"


@pytest.fixture(scope="module")
def wxs(script):
    return script("msi/wxs.py")


@pytest.fixture(scope="module")
def source(wxs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("payload")
    for name in ("kian.exe", "kian.com", "app/main.py", "app/a & b/x.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return wxs.source(folder, "1.2.3", wxs.guid("product-1.2.3"))


@pytest.fixture(scope="module")
def tree(source):
    return ElementTree.fromstring(source)


def test_every_file_is_a_component_of_the_feature_exactly_once(tree):
    components = [element.get("Id") for element in tree.iter(f"{WIX}Component")]
    references = [element.get("Id") for element in tree.iter(f"{WIX}ComponentRef")]
    assert sorted(components) == sorted(references)
    assert len(set(components)) == len(components)
    assert [element.get("Name") for element in tree.iter(f"{WIX}File")] == [
        "kian.com",
        "kian.exe",
        "main.py",
        "x.txt",
    ]


def test_all_text_is_ascii_because_wixl_empties_the_rest(source):
    assert source.isascii()


def test_a_file_keeps_its_component_from_version_to_version(wxs, tmp_path):
    (tmp_path / "kian.exe").write_bytes(b"1")
    first = wxs.source(tmp_path, "1.0.0", wxs.guid("product-1.0.0"))
    second = wxs.source(tmp_path, "1.1.0", wxs.guid("product-1.1.0"))
    assert first != second
    assert [line for line in first.splitlines() if "<File " in line] == [
        line for line in second.splitlines() if "<File " in line
    ]


@pytest.mark.parametrize("name", ["MODELDIR", "SHELF", "AUTOSTART"])
def test_a_property_is_remembered_and_a_new_value_wins(tree, name):
    searched = {element.get("Id") for element in tree.iter(f"{WIX}Property")}
    assert f"OLD{name}" in searched
    assert name not in searched  # a search of its own would overwrite the command line
    conditions = {element.get("Action"): element.text for element in tree.iter(f"{WIX}Custom")}
    assert conditions[f"Keep{name}"] == f"NOT {name} AND OLD{name}"


def test_the_registry_names_are_those_the_program_reads(wxs):
    from desktop.drafting import installation

    assert wxs.KEY == installation.REGISTRY_KEY
    text = Path(installation.__file__).read_text("utf-8")
    assert '"ModelDir"' in text
    assert '"ShelfDir"' in text
