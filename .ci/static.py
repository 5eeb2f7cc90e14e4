"""Run every static check at once, print what each found, and fail if one did: python .ci/static.py."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "imports": ["lint-imports"],
    "types": ["mypy"],
}
LIMIT_SECONDS = 240  # on an idle machine it takes half a minute


def main() -> int:
    """Return the number of checks that failed."""
    tools = Path(sys.executable).parent  # of this environment, whether it is activated or not
    began = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = {
        name: subprocess.Popen(
            [tools / command[0], *command[1:]],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        for name, command in CHECKS.items()
    }
    failed = 0
    for name, check in running.items():
        try:
            said, _ = check.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            check.kill()
            said, _ = check.communicate()
        failed += bool(check.returncode)
        result = "failed" if check.returncode else "passed"
        print(f"{name}: {result} ({' '.join(CHECKS[name])}, {time.monotonic() - began:.0f} s)")
        if check.returncode:
            print(said)
    return failed


if __name__ == "__main__":
    sys.exit(main())
