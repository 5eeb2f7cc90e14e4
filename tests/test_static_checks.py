"""The house rules, held by the well-kept tools that check them: format, lint, types, arrows, README."""

import ast
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

from core.images.uploads import MAX_BYTES

ROOT = Path(__file__).parents[1]
CONTROLS = re.findall(
    r"\w+",
    """button camera_input checkbox data_editor download_button feedback file_uploader form_submit_button link_button
    multiselect number_input page_link pills popover radio segmented_control select_slider selectbox slider text_area
    text_input toggle""",
)
PICTURES = ("altair_chart", "dataframe", "graphviz_chart", "image", "plotly_chart", "pyplot", "vega_lite_chart")


def test_the_static_checks_find_nothing() -> None:
    """Lint, format, imports and types: the command that developers run too."""
    run = subprocess.run([sys.executable, ROOT / ".ci" / "static.py"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert run.stdout.count(": passed (") == 4


WITHOUT_TORCH = (
    "core.data",
    "core.images.convolution",
    "core.layers.calculator",
    "core.layers.codegen.pytorch",
    "core.runs.service",
    "core.runs.history_cache",
    "core.runs.inference_client",
    "core.training.experiment",
    "core.training.presets",
    "core.ui.layout.page_frame",
)


def test_the_web_process_lives_without_torch() -> None:
    """Importing torch costs about 3 s and 650 MB: it stays in the workers. The first module that needs it is named."""
    code = f"""
        import importlib, sys
        for name in {WITHOUT_TORCH}:
            importlib.import_module(name)
            assert "torch" not in sys.modules, name
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-300:]


def test_pages_stay_short() -> None:
    long = {page.name: n for page in (ROOT / "pages").glob("*.py") if (n := len(page.read_text().splitlines())) > 150}
    assert not long


def test_the_readme_has_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = re.findall(r"^python3 -m venv \.venv && .*$", readme, flags=re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith("streamlit run app.py")
    assert commands[1].endswith("python -m pytest")
    windows = re.findall(r"^py -m venv \.venv; .*$", readme, flags=re.MULTILINE)
    assert len(windows) == 1
    assert windows[0].replace("\\", "/").replace("/Scripts/", "/bin/").replace("; ", " && ") == commands[0].replace(
        "python3", "py"
    )
    assert not re.search(r"pip install.* (-q|--quiet)", readme), "a first install takes minutes and shows how far it is"


def test_the_server_takes_what_the_upload_check_allows() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] * 2**20 == MAX_BYTES


def test_a_first_start_waits_for_nobody() -> None:
    """Streamlit asks for an e-mail address where there is a screen, and serves nothing until it is answered."""
    run = "from streamlit.web import bootstrap; from streamlit import config; "
    run += "bootstrap.load_config_options({}); print(config.get_option('server.showEmailPrompt'))"
    answer = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == "False"


def test_the_app_listens_to_this_machine_alone() -> None:
    """Hosting is a choice: README.md says how. A page under a name that only leads here is refused."""
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert server["address"] == "localhost"
    assert set(server["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert "--server.address 0.0.0.0 --server.allowedHosts" in (ROOT / "README.md").read_text()


def test_every_control_has_help_and_every_picture_words() -> None:
    """Of Streamlit's own; `Settings` requires help of its widgets, and the components' figures require their words."""
    needed = dict.fromkeys(CONTROLS, "help") | dict.fromkeys(PICTURES, "alt")
    missing, seen = [], set()
    for file in [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "core" / "ui").rglob("*.py")]:
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Attribute(value=drawn_by, attr=name)) if name in PICTURES or (
                    name in CONTROLS and ast.unparse(drawn_by) == "st"
                ):
                    seen.add(name)
                    if needed[name] not in {keyword.arg for keyword in call.keywords}:
                        missing.append(f"{file.relative_to(ROOT)}:{call.lineno}: {name} without {needed[name]}")
    assert not missing
    assert {"button", "slider", "popover", "vega_lite_chart", "plotly_chart"} <= seen
