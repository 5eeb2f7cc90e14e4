"""Export a finished run as an ONNX file, in a process of its own, since it takes seconds; kept beside the weights."""

import subprocess
import sys
from pathlib import Path

from core.runs import hardware
from core.runs.child_process import environment
from core.runs.inference_client import InferenceError
from core.runs.run_files import WEIGHTS

ONNX = "exported.onnx"  # "network.onnx" of earlier versions named the files that made it
TIMEOUT_SECONDS = 180.0  # given up after; 10 are usual
EXPORTER = "core.insight.onnx_writer"
USER_ERRORS = ("OnnxError", "CheckpointError", "LayerError")  # errors of the exporter whose messages are for a person


def onnx(home: Path, folder: Path) -> bytes:
    """Return the network of the run in `folder` as an ONNX file, exported and checked by `core.insight.onnx_writer`.

    Raises:
        InferenceError: The network cannot be exported.
    """
    made, weights = folder / ONNX, folder / WEIGHTS
    try:
        written = weights.stat().st_mtime_ns  # no process is started for weights that are gone
        if not made.exists() or made.stat().st_mtime_ns < written:
            _make(home, weights, made)
        return made.read_bytes()
    except OSError as error:
        raise InferenceError("The weights can no longer be read: train the run again.") from error


def _make(home: Path, weights: Path, made: Path) -> None:
    command = [sys.executable, "-P", "-m", EXPORTER, str(weights), str(made)]
    variables = environment(home, hardware.cores())
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise InferenceError(f"The export took more than {TIMEOUT_SECONDS:.0f} seconds and was stopped.") from None
    if done.returncode:
        raise InferenceError(f"This network could not be exported. {_reason(done.returncode, done.stderr)}")


def _reason(code: int, output: str) -> str:
    """Return why the export failed, as a sentence: the exporter's own if it has one."""
    error, _, sentence = output.strip().rpartition("\n")[2].partition(": ")
    if error.endswith(USER_ERRORS):
        return sentence
    if code < 0 or error.endswith("MemoryError"):  # the system ends what takes more memory than there is
        return "It needs more memory than is free on this machine: try again when less is running."
    return "This is an error in the program: export the weights with the PyTorch program instead."
