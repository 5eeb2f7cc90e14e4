"""The bundler of browser modules: scopes, errors that name file and line, and a source map that node follows."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from core.ui.components.kit.bundle import ROOT, BundleError, bundle
from tests.test_javascript import run

COMPONENTS = ROOT / "core" / "ui" / "components"


def write(folder: Path, **files: str) -> Path:
    """Write modules, and return the one named `entry`."""
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "entry.js"


def called(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the module's default export returns in node, as JSON on the last line."""
    (folder / "bundled.mjs").write_text(module, encoding="utf-8")
    call = "import mount from './bundled.mjs'; console.log(JSON.stringify(mount()));"
    (folder / "call.mjs").write_text(call, encoding="utf-8")
    return run("node", *arguments, str(folder / "call.mjs"))


def result(folder: Path, module: str) -> object:
    done = called(folder, module)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_modules_may_have_a_helper_of_the_same_name(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        a='const helper = () => "a";\nexport function first() {\n  return helper();\n}\n',
        b='import { first } from "./a.js";\nconst helper = () => "b";\nexport const both = () => first() + helper();\n',
        entry='import { first } from "./a.js";\nimport { both } from "./b.js";\nconst helper = "c";\n'
        "export default function mount() {\n  return [first(), both(), helper];\n}\n",
    )
    assert result(tmp_path, bundle(entry)) == ["a", "ab", "c"]


def test_a_module_that_several_import_runs_once_and_before_them(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        count="globalThis.runs = (globalThis.runs ?? 0) + 1;\nexport const runs = () => globalThis.runs;\n",
        a='import { runs } from "./count.js";\nexport const a = runs();\n',
        b='import { runs } from "./count.js";\nexport const b = runs();\n',
        entry='import { a } from "./a.js";\nimport { b } from "./b.js";\n'
        "export default function mount() {\n  return [a, b];\n}\n",
    )
    assert result(tmp_path, bundle(entry)) == [1, 1]


def test_names_of_its_own_over_several_lines_classes_and_async_functions(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        a="export class A {\n  get one() {\n    return 1;\n  }\n}\nexport async function later() {\n  return 2;\n}\n"
        "export default function mount() {\n  return 3;\n}\n",
        entry='import {\n  A as Kind,\n  later,\n  default as inner,\n} from "./a.js";\n'
        "export default function mount() {\n  return [new Kind().one, later() instanceof Promise, inner()];\n}\n",
    )
    assert result(tmp_path, bundle(entry)) == [1, True, 3]


def test_code_may_stand_in_for_the_entry(tmp_path: Path) -> None:
    write(tmp_path, a="export const one = 1;\n")
    code = 'import { one } from "./a.js";\nexport default function mount() {\n  return one;\n}\n'
    assert result(tmp_path, bundle(tmp_path / "lab.js", code)) == 1


def test_an_error_maps_to_its_file_and_line(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        deep='/**\n * Two lines, then\n */\nexport function fail() {\n  throw new Error("here");\n}\n',
        entry='import {\n  fail,\n} from "./deep.js";\n\nexport default function mount() {\n  return fail();\n}\n',
    )
    done = called(tmp_path, bundle(entry), "--enable-source-maps")
    assert done.returncode != 0
    assert "deep.js:5" in done.stderr
    assert "entry.js:6" in done.stderr


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"a": "const a = 1;\n", "entry": '\nimport { a } from "./a.js";\n'},
            "entry.js:2: .*a.js exports no a; it exports nothing",
        ),
        ({"a": "export const b = 1;\n", "entry": 'import { a } from "./a.js";\n'}, "exports no a; it exports b"),
        ({"entry": 'import { a } from "./none.js";\n'}, "entry.js:1: there is no file .*none.js"),
        (
            {
                "a": 'import { b } from "./b.js";\nexport const a = 1;\n',
                "b": '\n\nimport { a } from "./a.js";\nexport const b = 1;\n',
                "entry": 'import { a } from "./a.js";\n',
            },
            "b.js:3: circular import: .*a.js imports .*b.js imports .*a.js",
        ),
        ({"entry": 'import { a } from "./entry.js";\nexport const a = 1;\n'}, "entry.js:1: circular import"),
        ({"entry": 'import a from "./a.js";\n'}, "entry.js:1: write an import as"),
        ({"entry": 'import "./a.js";\n'}, "entry.js:1: write an import as"),
        ({"entry": 'import * as a from "./a.js";\n'}, "entry.js:1: write an import as"),
        ({"entry": 'import { a } from "somewhere";\n'}, "entry.js:1: write an import as"),
        ({"entry": "import { } from './a.js';\n"}, "entry.js:1: write an import as"),
        ({"entry": "// one\nexport { a };\n"}, "entry.js:2: write export before"),
        ({"entry": "export let a = 1;\n"}, "entry.js:1: write export before"),
        ({"entry": "export default () => 1;\n"}, "entry.js:1: write export before"),
    ],
)
def test_what_cannot_be_joined_is_named(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(BundleError, match=said):
        bundle(write(tmp_path, **files))


def test_an_import_within_code_is_code(tmp_path: Path) -> None:
    """Only lines that begin with the word are statements."""
    entry = write(tmp_path, entry="export default function mount() {\n  return 'import { a } from \"./a.js\";';\n}\n")
    assert result(tmp_path, bundle(entry)) == 'import { a } from "./a.js";'


ENTRIES = sorted(path for path in COMPONENTS.glob("*/*.js") if "\nexport default " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_every_component_is_one_module_that_node_reads(entry: Path, tmp_path: Path) -> None:
    module = tmp_path / "component.mjs"
    module.write_text(bundle(entry), encoding="utf-8")
    done = run(
        "node",
        "--input-type=module",
        "--eval",
        f"const m = await import('{module.as_uri()}'); console.log(typeof m.default)",
    )
    assert done.stdout.strip() == "function", done.stderr


def test_no_component_stands_apart() -> None:
    """Every JavaScript file is a component's entry or is imported by one."""
    assert len(ENTRIES) >= 16
    used = {line for entry in ENTRIES for line in sources(bundle(entry))}
    assert used == {path.relative_to(ROOT).as_posix() for path in COMPONENTS.glob("*/*.js")}


def sources(module: str) -> list[str]:
    """The files that a bundle's source map names."""
    encoded = module.rsplit("base64,", 1)[1]
    return json.loads(base64.b64decode(encoded))["sources"]
