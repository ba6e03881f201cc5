"""What goes into the packages, and what must not."""

import re
import sys
import tomllib
from contextlib import nullcontext
from pathlib import Path

import pytest

from models.engine.variants import has_gpu_part

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def contents(script):
    return script("contents.py")


def test_the_terminal_s_package_holds_neither_fetch_nor_training_code(contents):
    names = contents.modules()
    assert {"desktop.__main__", "desktop.app", "models.worker.__main__", "models.demo"} <= set(names)
    assert "models.fetch" not in names
    assert not [name for name in names if name.startswith("models.demo.")]


def test_the_server_s_engine_is_left_out_unless_the_builder_asks_for_it(contents, script, monkeypatch):
    rooms = {
        "models.inference_server.engine",
        "models.inference_server.connection",
        "models.worker.inference",
    }
    assert not [name for name in contents.modules() if "inference" in name]
    assert contents.output_folder() == ROOT / "dist"
    monkeypatch.setenv("KIAN_SERVER", "1")
    monkeypatch.delitem(sys.modules, contents.__name__)
    with_server = script("contents.py")
    assert rooms <= set(with_server.modules())
    assert set(with_server.modules()) - set(contents.modules()) == {
        name for name in with_server.modules() if "inference" in name
    }
    assert "models.fetch" not in with_server.modules()
    assert with_server.output_folder() == ROOT / "dist" / "server"


@pytest.mark.parametrize(
    ("asked", "folder"),
    [
        ({}, "dist"),
        ({"KIAN_GPU": "1"}, "dist/gpu"),
        ({"KIAN_GPU": "1", "KIAN_SERVER": "1"}, "dist/gpu-server"),
        ({"KIAN_GPU": "", "KIAN_SERVER": ""}, "dist"),
    ],
)
def test_packages_that_can_more_lie_apart(contents, script, monkeypatch, asked, folder):
    for name in ("KIAN_GPU", "KIAN_SERVER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, contents.__name__)
    built = script("contents.py")
    assert built.output_folder() == ROOT / folder
    assert built.HAS_GPU is (asked.get("KIAN_GPU") == "1")


@pytest.mark.parametrize("name", ["libggml-vulkan.so", "ggml-vulkan.dll"])
def test_the_engine_looks_for_the_part_for_gpus_where_the_packages_put_it(script, tmp_path, name):
    part = tmp_path / script("llama/build_gpu_part.py").FOLDER / name
    part.parent.mkdir(parents=True)
    part.touch()
    libraries = tmp_path / "llama_cpp" / "lib"  # where the wheel puts the others
    assert has_gpu_part(libraries)


def test_what_the_part_for_gpus_is_told_changes_its_key_and_never_the_wheel_s(script, tmp_path, monkeypatch):
    wheel, gpu = script("llama/build_wheel.py"), script("llama/build_gpu_part.py")
    glslc = tmp_path / "glslc"
    glslc.write_text("#!/bin/sh\necho shaderc 1\n")
    glslc.chmod(0o755)
    header = tmp_path / "vulkan" / "vulkan_core.h"
    header.parent.mkdir()
    header.write_text("1")
    monkeypatch.setattr(gpu, "INCLUDE", tmp_path)
    keys = [gpu._key("linux", LLAMA, wheel.defines("linux", LLAMA["cmake"] | LLAMA["gpu"]), str(glslc))]
    header.write_text("2")
    keys += [gpu._key("linux", LLAMA, wheel.defines("linux", LLAMA["cmake"] | LLAMA["gpu"]), str(glslc))]
    keys += [gpu._key("linux", LLAMA, wheel.defines("linux", LLAMA["cmake"]), str(glslc))]
    assert len(set(keys)) == 3
    assert not any(name.startswith("GGML_VULKAN") for name in LLAMA["cmake"])


def test_without_debian_s_vulkan_packages_the_one_command_is_told(script, tmp_path, monkeypatch):
    gpu = script("llama/build_gpu_part.py")
    monkeypatch.setattr(gpu, "INCLUDE", tmp_path)
    with pytest.raises(SystemExit, match="apt-get install -y glslc libvulkan-dev spirv-headers"):
        gpu.build("linux")


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_the_lock_holds_what_a_package_with_a_server_needs(system):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = (ROOT / "installer" / "lock" / f"{system}.txt").read_text("utf-8")
    for name in project["optional-dependencies"]["server"]:
        assert f"\n{re.split(r'[<>=]', name)[0]}==" in locked


def test_the_data_a_draft_needs_is_shipped(contents):
    names = {path.as_posix() for path in contents.data_files()}
    for wanted in (
        "models/demo/kian-demo-q8_0.gguf",
        "models/catalog.toml",
        "prompts/builtin/notice.prompt.md",
        "desktop/drafting/policy.schema.json",
        "desktop/drafting/messages.toml",
    ):
        assert wanted in names


def test_every_data_file_in_the_packages_is_shipped(contents):
    """A file beside the modules that pyproject.toml forgets is missing only in the package."""
    tracked = {
        path.relative_to(ROOT)
        for package in contents.PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and "__pycache__" not in path.parts
    }
    forgotten = {
        path.as_posix()
        for path in tracked - set(contents.data_files())
        if "models/demo" not in path.as_posix()
    }
    assert forgotten == {name for name in forgotten if name.endswith(("OWNER.txt", "SYNTAX.md"))}


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_every_locked_package_has_one_version_and_one_hash(system):
    lines = (ROOT / "installer" / "lock" / f"{system}.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[a-z0-9._-]+==\S+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)
    names = [line.split("==")[0] for line in lines]
    assert len(set(names)) == len(names)
    assert not {"huggingface-hub", "hf-xet", "torch", "llama-cpp-python"} & set(names)


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_the_lock_holds_every_dependency_of_the_project(system):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "installer" / "lock" / f"{system}.txt").read_text("utf-8").splitlines()
    locked = {re.sub(r"[-_.]+", "-", line.split("==")[0]) for line in lines}
    wanted = {re.split(r"[<>=]", name)[0].lower() for name in project["dependencies"]}
    assert wanted - locked == {"llama-cpp-python"}


LLAMA = tomllib.loads((ROOT / "installer" / "llama" / "source.toml").read_text("utf-8"))


def test_the_llama_options_are_portable():
    assert LLAMA["cmake"]["GGML_NATIVE"] == "OFF"
    assert LLAMA["cmake"]["GGML_CPU_ALL_VARIANTS"] == LLAMA["cmake"]["GGML_BACKEND_DL"] == "ON"


def test_the_variants_begin_at_the_least_processor_and_leave_amx_out():
    variants = LLAMA["processors"]["variants"]
    assert variants[0] == "sse42"
    assert "haswell" in variants
    assert not {"sapphirerapids", "native"} & set(variants)  # GCC bug 114098: the AMX path ends the process


CMAKE = """function(ggml_add_cpu_backend_variant tag_name)
        ggml_add_cpu_backend_variant(sse42              SSE42)
            ggml_add_cpu_backend_variant(haswell    SSE42 AVX F16C FMA AVX2 BMI2)
        ggml_add_cpu_backend_variant(sapphirerapids SSE42
            AMX_TILE AMX_INT8)
        ggml_add_cpu_backend_variant(armv8.0_1)
"""


def test_only_the_wanted_variants_stay_in_llama_cpps_list(script, tmp_path):
    path = tmp_path / "vendor" / "llama.cpp" / "ggml" / "src" / "CMakeLists.txt"
    path.parent.mkdir(parents=True)
    path.write_text(CMAKE, "utf-8")
    script("llama/build_wheel.py")._keep_variants(tmp_path, ["sse42", "haswell"])
    assert [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()] == [
        "function(ggml_add_cpu_backend_variant tag_name)",
        "ggml_add_cpu_backend_variant(sse42              SSE42)",
        "ggml_add_cpu_backend_variant(haswell    SSE42 AVX F16C FMA AVX2 BMI2)",
    ]
    with pytest.raises(SystemExit, match="alderlake"):
        script("llama/build_wheel.py")._keep_variants(tmp_path, ["sse42", "alderlake"])


def test_the_linux_spec_takes_its_lists_from_one_place():
    text = (ROOT / "installer" / "linux" / "kian.spec").read_text("utf-8")
    for word in (
        "contents.modules()",
        "contents.data_files()",
        "*contents.NEVER",
        "contents.NOT_ON_TERMINALS",
    ):
        assert word in text
    compile(text, "kian.spec", "exec")


@pytest.mark.parametrize("file", ["linux/runtime_hook.py", "windows/launcher.c"])
def test_a_processor_below_the_least_is_told_in_japanese_with_exit_code_5(file):
    text = (ROOT / "installer" / file).read_text("utf-8")
    assert "この端末のCPUは" in text
    assert re.search(r"EXIT_CPU\b.{0,3}5", text)


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ("fpu pni ssse3 cx16 sse4_1 sse4_2 popcnt", 0),
        ("fpu pni ssse3 cx16 sse4_1 sse4_2 popcnt avx avx2", 0),
        ("fpu pni ssse3 cx16 sse4_1", 5),
        (None, 0),  # not knowable: the engine's own process will tell
    ],
)
def test_the_packaged_program_on_linux_looks_at_the_processor_first(flags, code, capsys, monkeypatch):
    hook = (ROOT / "installer" / "linux" / "runtime_hook.py").read_text("utf-8")
    cpuinfo = "processor : 0\n" if flags is None else f"processor : 0\nflags : {flags}\nbugs :\n"
    monkeypatch.setattr(Path, "read_text", lambda *_: cpuinfo)
    with pytest.raises(SystemExit) if code else nullcontext() as ended:
        exec(compile(hook, "runtime_hook.py", "exec"), {})
    if code:
        assert ended.value.code == code
        assert "SSE4.2" in capsys.readouterr().err
