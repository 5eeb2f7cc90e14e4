"""deploy/compose.yaml names what is there, and opens nothing but the proxy's ports."""

import re
from pathlib import Path
from typing import Any

import yaml

from core.runs.child_process import OF_THE_WEB

DEPLOY = Path(__file__).parents[2] / "deploy"
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


def services(name: str = "compose.yaml") -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())
    return document["services"]


def test_only_the_proxy_can_be_reached() -> None:
    assert {name for name, service in services().items() if "ports" in service} == {"proxy"}
    assert services()["ray"]["profiles"] == ["ray"]
    assert all("profiles" not in service for name, service in services().items() if name != "ray")


def test_a_class_has_an_instructor_and_people_their_own_addresses() -> None:
    """Believing whoever connects is right where the proxy alone does."""
    app = services()["app"]
    assert {"CNNLAB_CLASS_CODE", "CNNLAB_INSTRUCTOR_CODE", "CNNLAB_INSTRUCTORS"} <= set(app["environment"])
    assert app["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert "ports" not in app
    assert "trusted_proxies" not in (DEPLOY / "Caddyfile").read_text()  # a visitor's word is not passed on


def test_every_setting_is_explained_and_used() -> None:
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    explained = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    for number, line in enumerate(lines):
        if line and not line.startswith("#"):
            assert lines[number - 1].startswith("#"), line
    assert set(VARIABLE.findall((DEPLOY / "compose.yaml").read_text())) == explained
    proxy = set(re.findall(r"\{\$([A-Z_]+)", (DEPLOY / "Caddyfile").read_text()))
    inside = {"CNNLAB_HTTP_PORT", "CNNLAB_HTTPS_PORT"}  # as compose publishes them
    assert proxy - inside <= set(services()["proxy"]["environment"])


def test_what_is_built_and_mounted_is_there() -> None:
    build = services()["app"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    ours = [
        volume for service in services().values() for volume in service.get("volumes", []) if volume.startswith(".")
    ]
    ignored = (DEPLOY / ".gitignore").read_text().split()
    for volume in ours:
        source = volume.partition(":")[0].removeprefix(".")
        assert (DEPLOY / source.removeprefix("/")).exists() or f"{source}/" in ignored
    named = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["volumes"]
    used = [volume.partition(":")[0] for service in services().values() for volume in service.get("volumes", [])]
    assert set(named) == {volume for volume in used if volume.isalpha()}


def test_workers_are_kept_from_the_settings_of_the_web_process() -> None:
    assert set(services()["app"]["environment"]) - set(services()["ray"]["environment"]) == OF_THE_WEB


def test_gpus_are_for_those_who_train() -> None:
    assert set(services("gpu.yaml")) == {"app", "ray"} <= set(services())


def test_no_password_is_committed() -> None:
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    secret = [line for line in lines if re.match(r"[A-Z_]*(PASSWORD|TOKEN|CODE)=", line)]
    assert len(secret) == 4
    assert all(line.endswith("=") for line in secret)
    assert "${POSTGRES_PASSWORD:?" in (DEPLOY / "compose.yaml").read_text()
    assert {"/.env", "/secrets/secrets.toml", "/certificates/"} <= set((DEPLOY / ".gitignore").read_text().split())
