"""Importing a large pack, and many broken files. Run by hand or by `make bench`:

    .venv/bin/python tests/benchmarks/bench_sharing.py [TEMPLATES] [MUTATIONS]

Targets: a pack of 10,000 templates is imported (read, checked, compared, stored) in at most 20
seconds with progress and cancel; looking for personal information costs at most 0.06 s a template;
10,000 mutated packs, archives and front matters crash nothing, get in by no part, and write nothing
outside.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import tempfile
import time
from pathlib import Path

from models.masking.analyzer import MaskingAnalyzer
from prompts.builtin import install_builtin, load_builtin
from prompts.errors import REASONS
from prompts.library import PromptLibrary
from prompts.sharing import apply, find_in_template, plan_import
from prompts.sharing.kianpack import write_kianpack
from prompts.template import parse
from tests.benchmarks.results import record, row


def neighbour(path: str) -> object:
    spec = importlib.util.spec_from_file_location(Path(path).stem, Path(__file__).parent / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def import_pack(count: int, folder: Path) -> None:
    make = neighbour("bench_library.py").make
    path = folder / "large.kianpack"
    path.write_bytes(write_kianpack(make(count), title="a", issuer="b", created="2026-11-22"))
    with PromptLibrary(folder / "library.db") as library:
        install_builtin(library)
        began = time.perf_counter()
        plan = plan_import(path, library)
        planned = time.perf_counter()
        steps: list[int] = []
        result = apply(plan, library, progress=lambda done, _: steps.append(done))
        stored = time.perf_counter()
        again = plan_import(path, library)
        compared = time.perf_counter()
    record({f"import_pack_{count}": row(stored - began, "s", "<= 20")})
    print(
        f"pack of {count:,d} ({path.stat().st_size / 1e6:.1f} MB): plan {planned - began:.1f} s, "
        f"store {stored - planned:.1f} s, together {stored - began:.1f} s, {len(steps)} steps of progress; "
        f"{result.stored:,d} stored; the same pack again: {len(again.unchanged):,d} unchanged in {compared - stored:.1f} s"
    )


def look_for_persons(count: int) -> None:
    """Personal information in the shipped templates (all different) and in a pack that shares their texts;
    seconds of the processor."""
    analyzer = MaskingAnalyzer()
    analyzer.load()

    def find(text: str) -> list[tuple[int, int, str]]:
        return [(span.start, span.end, span.entity_type) for span in analyzer.analyze(text)]

    figures = {}
    packs = {"different": list(load_builtin()), "sharing": neighbour("bench_library.py").make(count)}
    for name, templates in packs.items():
        analyzer.forget()
        began = time.process_time()
        finds = sum(len(find_in_template(template, find)) for template in templates)
        seconds = (time.process_time() - began) / len(templates)
        figures[f"personal_information_template_{name}"] = row(seconds, "s", "<= 0.06")
        print(
            f"personal information in {len(templates)} {name} templates: {seconds:.3f} s each, {finds} finds"
        )
    record(figures)


def mutate_all(count: int, folder: Path) -> None:
    tests = neighbour("../prompts/test_sharing_import.py")
    chooser = random.Random(20261122)
    place = folder / "in"
    place.mkdir()
    files = tests.sources()
    rejected = accepted = 0
    began = time.perf_counter()
    with PromptLibrary(None) as library:
        for number in range(count):
            name = list(files)[number % len(files)]
            path = place / name
            path.write_bytes(tests.mutate(files[name], chooser))
            plan = plan_import(path, library)
            assert {entry.reason for entry in plan.rejected} <= REASONS
            for entry in (*plan.new, *plan.updated):
                assert parse(entry.source.text) == entry.template
            rejected += bool(plan.rejected)
            accepted += bool(plan.new)
            path.unlink()
        assert library.count() == 0
    assert not list(place.iterdir())
    record({f"mutated_files_{count}": row(0, "crashes", "0")})
    print(
        f"{count:,d} mutated files of {len(files)} formats: {rejected:,d} with a refusal, {accepted:,d} still "
        f"readable, no crash, in {time.perf_counter() - began:.1f} s"
    )


def main() -> None:
    templates = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    mutations = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    with tempfile.TemporaryDirectory() as name:
        import_pack(templates, Path(name))
        mutate_all(mutations, Path(name))
    look_for_persons(min(templates, 500))


if __name__ == "__main__":
    main()
