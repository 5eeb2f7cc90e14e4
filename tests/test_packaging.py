"""The project as others get it: installed, locked for every system, started, described, checked."""

import http.client
import importlib.metadata
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import textwrap
import time
import tomllib
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from hatchling.builders.sdist import SdistBuilder
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import core
from core.ui.layout import navigation

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REGISTRY = re.compile(r"pypi\.org|python[h]osted|npm[j]s|debian\.org|--(extra-)?index-url|--find-links", re.IGNORECASE)
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
}
LOCKS = {"requirements.txt": (), "requirements-dev.txt": ("dev", "host")}


def test_the_version_has_one_source(tmp_path: Path) -> None:
    assert core.__version__ == PROJECT["version"]
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=lambda folder, names: {*names} - {"__init__.py"})
    run = [sys.executable, "-c", "import core; print(core.__version__)"]
    assert _output(run, tmp_path) == "unknown"  # a copy that came with no pyproject.toml still imports
    tmp_path.joinpath("pyproject.toml").write_text('[project]\nname = "cnn-lab"\nversion = "7.8.9"\n')
    assert _output(run, tmp_path) == "7.8.9"


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_lock_has_what_the_project_needs(lock: str, python: str, system: str) -> None:
    """On every system and Python: each dependency once, at one version that the project allows."""
    environment = {**default_environment(), **SYSTEMS[system], "python_version": python}
    environment |= {"python_full_version": f"{python}.0", "implementation_version": f"{python}.0", "extra": ""}
    locked = _locked(lock, environment)
    wanted = [
        *PROJECT["dependencies"],
        *(line for name in LOCKS[lock] for line in PROJECT["optional-dependencies"][name]),
    ]
    for requirement in map(Requirement, wanted):
        if requirement.name == PROJECT["name"] or (requirement.marker and not requirement.marker.evaluate(environment)):
            continue  # dev takes the host extra whole
        version = locked[canonicalize_name(requirement.name)]
        assert version in requirement.specifier, requirement
    assert ("nvidia-cudnn-cu13" in locked) == (system == "linux"), "CUDA's libraries are for Linux alone"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_whole(lock: str) -> None:
    """What each locked package asks for, by its own metadata here, is locked too."""
    environment = {**default_environment(), "extra": ""}
    locked = _locked(lock, environment)
    assert len(locked) > 50
    seen = 0
    for name, version in locked.items():
        try:
            installed = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if installed.version.partition("+")[0] != version:
            continue
        seen += 1
        for requirement in map(Requirement, installed.requires or []):
            if requirement.marker is None or requirement.marker.evaluate(environment):
                needed = locked.get(canonicalize_name(requirement.name))
                assert needed is not None, f"{name} needs {requirement}"
                assert requirement.specifier.contains(needed, prereleases=True), f"{name} needs {requirement}"
    assert seen > len(locked) / 2


def test_both_locks_agree() -> None:
    app, dev = (dict(_pins(lock)) for lock in LOCKS)
    assert app.items() <= dev.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_what_its_command_makes(lock: str, tmp_path: Path) -> None:
    """Run the command in the lock's head again: pyproject.toml was not changed without it."""
    head = (ROOT / lock).read_text().splitlines()[1]
    command = re.fullmatch(r"#\s+uv (pip compile .*)", head)
    assert command is not None
    for name in ("pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    uv = [sys.executable, "-m", "uv", *command[1].split()]
    run = subprocess.run(uv, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    if run.returncode and "Failed to fetch" in run.stderr and not os.environ.get("CI"):
        pytest.skip("asks the package registry, which did not answer")
    assert run.returncode == 0, run.stderr[-2000:]
    assert (tmp_path / lock).read_text() == (ROOT / lock).read_text()


def test_no_committed_file_names_a_registry() -> None:
    """Which registry serves the packages is the machine's own setting."""
    this = Path(__file__).relative_to(ROOT).as_posix()
    tracked = _output(["git", "ls-files"], ROOT).splitlines()
    found = []
    for name in tracked:
        path = ROOT / name
        if name != this and path.is_file() and path.suffix not in {".npz", ".safetensors", ".png"}:
            found += [f"{name}: {hit[0]}" for hit in REGISTRY.finditer(path.read_text(errors="replace"))]
    assert not found


def test_a_source_archive_is_what_an_install_needs() -> None:
    files = {file.distribution_path for file in SdistBuilder(str(ROOT)).recurse_included_files()}
    folders = {name.split("/")[0] for name in files}
    assert {"core", "pages", "lessons", ".streamlit", "app.py", "LICENSE", "README.md", "pyproject.toml"} <= folders
    assert not {"tests", "node_modules", ".git", ".github", ".ci"} & folders
    assert "core/insight/pretrained_weights/mnist-cnn.safetensors" in files


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the scripts' folder of a new environment with CNN Lab and this one's packages."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, symlinks=os.name != "nt")
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    packages = Path(
        _output([scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], place)
    )
    packages.joinpath("borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", scripts / "python"]
    install = [*pip, "install", "--no-deps", "--no-build-isolation", "--no-index", ROOT]
    run = subprocess.run(install, cwd=place, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return scripts


@pytest.mark.slow
def test_an_installed_copy_is_whole(installed: Path, tmp_path: Path) -> None:
    """Every file of core, app.py, pages/ and the settings are in it, and its commands work from any folder."""
    code = "import core, core.app_paths; print(core.__version__, core.__file__, core.app_paths.APP, sep='\\n')"
    version, package, app = _output([installed / "python", "-c", code], tmp_path).splitlines()
    assert version == PROJECT["version"]
    assert Path(package).is_relative_to(installed.parent)
    site = Path(package).parents[1]
    for name in _output(["git", "ls-files", "core"], ROOT).splitlines():
        assert site.joinpath(name).is_file() or not ROOT.joinpath(name).exists(), name
    for name in _output(["git", "ls-files", "app.py", "pages", ".streamlit"], ROOT).splitlines():
        assert Path(app, name).read_bytes() == ROOT.joinpath(name).read_bytes()
    presets = _output([sys.executable, "-m", "core", "presets"], ROOT)
    assert _output([installed / "cnnlab", "presets"], tmp_path) == presets
    assert _output([installed / "cnnlab", "--version"], tmp_path) == f"CNN Lab {PROJECT['version']}"
    settings = ["--set", "epochs=1", "--set", "train_images=200", "--device", "cpu", "--json"]
    events = _output([installed / "cnnlab", "train", "mnist-mlp", *settings], tmp_path).splitlines()
    assert json.loads(events[-1])["event"] == "finished"  # with the digits that the package holds


@pytest.mark.slow
def test_an_installed_copy_serves_its_pages(installed: Path, tmp_path: Path) -> None:
    """`cnnlab run`, started in a folder of its own, finds app.py, pages/ and the settings beside them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [installed / "cnnlab", "run", "--server.port", str(port), "--server.headless", "true"]
    log = tmp_path / "log"
    with log.open("wb") as file, subprocess.Popen(command, cwd=tmp_path, stdout=file, stderr=file) as app:
        try:
            page = _fetch(f"http://localhost:{port}/kernels", app, log)
            assert b"<title>Streamlit</title>" in page
            health = dict(_containerfile())["HEALTHCHECK"].partition(" CMD ")[2].replace("8501", str(port))
            assert subprocess.run([installed / "python", *json.loads(health)[1:]], timeout=30).returncode == 0
            statuses = [_open_socket(port, host) for host in (f"localhost:{port}", "other.example")]
            assert statuses == [101, 403]  # by allowedHosts in .streamlit/config.toml
        finally:
            app.terminate()
    see = """
        from core import app_paths
        from streamlit.testing.v1 import AppTest
        app = AppTest.from_file(str(app_paths.APP / "app.py"), default_timeout=60).run()
        for name in ("kernels", "layer_calculator"):
            app = app.switch_page(f"pages/{name}.py").run()
            assert not app.exception, app.exception
            print(app.title[0].value)
    """
    titles = _output([installed / "python", "-c", textwrap.dedent(see)], tmp_path).splitlines()
    assert titles == [navigation.find(name).question for name in ("kernels", "layer_calculator")]


def test_the_drawing_of_the_rooms_is_fresh_and_leads_down() -> None:
    """docs/draw_architecture.py makes of today's imports what is in docs, and no arrow goes up."""
    code = "import draw_architecture, json; print(json.dumps(draw_architecture.documents()))"
    made = json.loads(_output([sys.executable, "-c", code], ROOT / "docs"))
    for name, text in made.items():
        assert ROOT.joinpath("docs", name).read_text() == text, "run: python docs/draw_architecture.py"
    assert 'class="up"' not in made["architecture.svg"]
    assert made["architecture.svg"].count('<circle class="dot"') > 50


def test_the_drawing_shows_an_arrow_that_goes_up() -> None:
    code = """
        import draw_architecture as draw
        up = ("core.layers", "core.ui.views")
        found = draw.arrows() | {up}
        listed = draw.floors(found)
        print(draw.going_up(found, listed) == [up], draw.drawing(found, listed).count('class="up"'))
    """
    assert _output([sys.executable, "-c", textwrap.dedent(code)], ROOT / "docs") == "True 1"


def test_the_workflow_runs_every_check_once() -> None:
    """Jobs static, audit, unit, runs, browser; what unit leaves out the last two run, and nothing else is left out."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text())["jobs"]
    commands = {name: [step["run"] for step in job["steps"] if "run" in step][-1].split() for name, job in jobs.items()}
    assert list(commands) == ["static", "audit", "unit", "runs", "browser"]
    audited = [step["run"] for step in jobs["audit"]["steps"] if "pip_audit" in step.get("run", "")]
    assert all("--strict" in command for command in audited), "else it passes where it looked up nothing"
    assert {word for command in audited for word in command.split() if word.endswith(".txt")} == {
        "requirements.txt",
        "requirements-dev.txt",
    }
    assert (ROOT / commands["static"][1]).is_file()
    unit = commands["unit"]
    ignored = {unit[at + 1] for at, word in enumerate(unit) if word == "--ignore"}
    assert ignored == {commands["runs"][-1], commands["browser"][-1]}
    assert all((ROOT / folder).is_dir() for folder in ignored)
    machines = jobs["unit"]["strategy"]["matrix"]["include"]
    assert {one["python"] for one in machines} == set(PYTHONS)
    assert all((ROOT / path).exists() for one in machines for path in one.get("only", "").split())
    assert not all("only" in one for one in machines)
    for job in jobs.values():
        assert any("requirements-dev.txt" in step.get("run", "") for step in job["steps"])


def test_the_commit_hooks_use_the_pinned_tools() -> None:
    hooks = [
        hook
        for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
        for hook in repo["hooks"]
    ]
    assert {hook["entry"].split(" --")[0] for hook in hooks} == {"ruff check", "ruff format"}
    for hook in hooks:
        assert set(hook["additional_dependencies"]) <= set(PROJECT["optional-dependencies"]["dev"])


def test_every_file_keeps_the_editors_rules() -> None:
    """.editorconfig: UTF-8, a newline at the end, no blanks at line ends outside Markdown."""
    config = (ROOT / ".editorconfig").read_text()
    assert (
        f"max_line_length = {tomllib.loads((ROOT / 'pyproject.toml').read_text())['tool']['ruff']['line-length']}"
        in config
    )
    kinds = {".py", ".js", ".css", ".html", ".svg", ".toml", ".yml", ".md", ".txt"}
    wrong = []
    for name in _output(["git", "ls-files"], ROOT).splitlines():
        path = ROOT / name
        if path.suffix in kinds and path.is_file():
            text = path.read_bytes().decode("utf-8")
            blanks = path.suffix != ".md" and any(line != line.rstrip(" \t") for line in text.split("\n"))
            if blanks or "\r" in text or (text and not text.endswith("\n")):
                wrong.append(name)
    assert not wrong


def test_the_documents_name_what_is_there() -> None:
    """Each link in README and its siblings leads to a file; the changelog has this version."""
    for document in (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/architecture.md",
        "docs/hosting.md",
    ):
        path = ROOT / document
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text()):
            assert (path.parent / target).is_file(), f"{document} links to {target}"
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()
    assert (ROOT / "LICENSE").read_text().startswith(f"{PROJECT['license']} License")
    assert (ROOT / "core" / "py.typed").is_file()


def _open_socket(port: int, host: str) -> int:
    """Return the status with which a WebSocket under the name `host` is answered."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Host": host, "Origin": f"http://{host}", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    connection.request("GET", "/_stcore/stream", headers=upgrade)
    with closing(connection):
        return connection.getresponse().status


def test_the_container_runs_what_is_here_as_nobody_special() -> None:
    """Each file that is copied exists and reaches the build; the last user is not root and owns the home."""
    steps = _containerfile()
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in [name for step, text in steps if step == "COPY" for name in text.split()[:-1]]:
        assert (ROOT / source).exists()
        assert any(Path(name).is_relative_to(source) for name in let_in), f".dockerignore keeps {source} out"
    names = [step for step, _ in steps]
    last = dict(steps)
    assert last["USER"] not in {"root", "0"}
    assert names.index("USER") < min(names.index("HEALTHCHECK"), names.index("ENTRYPOINT"))
    assert last["FROM"].removeprefix("python:").removesuffix("-slim") in PYTHONS
    assert json.loads(last["ENTRYPOINT"])[:2] == ["cnnlab", "run"]


def _containerfile() -> list[tuple[str, str]]:
    """Return each instruction of the Containerfile with its text."""
    lines = (ROOT / "deploy" / "Containerfile").read_text().replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line and not line.startswith("#")]


def _fetch(url: str, app: subprocess.Popen[bytes], log: Path) -> bytes:
    for _ in range(600):
        assert app.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def _output(command: Sequence[str | Path], folder: Path) -> str:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-1000:] + run.stderr[-2000:]
    return run.stdout.strip()


def _pins(lock: str) -> Iterator[tuple[str, str]]:
    """Yield the name (with its marker) and the version on each line of a lock."""
    for line in (ROOT / lock).read_text().splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement = Requirement(line)
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            yield f"{canonicalize_name(requirement.name)}; {requirement.marker or ''}", pin.version


def _locked(lock: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the version of each package that `lock` installs there."""
    found: dict[str, str] = {}
    for name, version in _pins(lock):
        package, _, marker = name.partition("; ")
        if not marker or Marker(marker).evaluate(dict(environment)):
            assert package not in found, f"{package} twice"
            found[package] = version
    return found
