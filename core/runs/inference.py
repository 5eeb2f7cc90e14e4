"""Questions to trained networks, answered by one warm process of its own: torch stays out of the web process."""

import base64
import io
import queue
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import places
from core.insight.networks import SHIPPED
from core.insight.networks import network as shipped
from core.runs import machine
from core.runs.files import CHECKPOINT, WEIGHTS
from core.runs.processes import Child, Message, environment
from core.runs.store import folder
from core.training.experiment import Experiment

SERVER = "core.runs.answers"
MAX_IMAGES = 10_000  # in one question


class InferenceError(RuntimeError):
    """A question that has no answer; the message is a sentence for the person who asked."""


class Inference:
    """Asks the trained networks of one home, and those of the app. Any number of threads may use it."""

    def __init__(self, home: Path | None = None, *, patience: float = 60.0) -> None:
        """Starts nothing yet. `patience`: seconds for an answer, the start of the process included."""
        self._home = (home or places.home()).absolute()
        self._patience = patience
        self._child: Child | None = None
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start the process without waiting for it, so that the first answer comes at once."""
        with self._lock:
            self._start()

    def probabilities(self, network: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What a network makes of pictures: uint8 (N, H, W) or (N, C, H, W) -> (N, classes), rows sum to 1.

        `network` is a run, or one of those that come with the app. The pictures are normalized, and their pixels
        shuffled, as they were in training. A run that is not finished answers as of its last checkpoint. Raises
        InferenceError when it has none, or when the pictures do not fit.
        """
        if images.dtype != np.uint8 or images.ndim not in (3, 4) or not 0 < len(images) <= MAX_IMAGES:
            raise InferenceError(f"Ask about 1 to {MAX_IMAGES:,} pictures at once, in whole numbers from 0 to 255.")
        return decoded(self.ask("probabilities", network=self.file(network), images=encoded(images)))

    def images_per_second(self, experiment: Experiment, seconds: float = 0.3, device: str = "auto") -> float:
        """How fast this machine trains `experiment` just now, measured for so many seconds. Raises InferenceError."""
        values = {"experiment": experiment.to_json(), "seconds": seconds, "device": device}
        return float(self.ask("images_per_second", **values))

    def file(self, network: str) -> str:
        """The file of weights of a run's id or of a name of SHIPPED, as questions name it. Raises InferenceError."""
        if network in SHIPPED:
            return str(shipped(network).file)
        if not re.fullmatch("[0-9a-f]{16}", network):  # a part of a path from here on
            raise InferenceError(f"There is no run {network!r:.40}.")
        kept = folder(self._home, network)
        for name in (WEIGHTS, CHECKPOINT):
            if (kept / name).exists():
                return str(kept / name)
        raise InferenceError("This run has no trained network yet: it has one after its first epoch.")

    def ask(self, question: str, **values: Any) -> Any:
        """The answer to a question of core.runs.answers.QUESTIONS; `values` and answer are plain JSON.

        Arrays travel `encoded`. Raises InferenceError with a sentence, and where there is no answer in time. Questions
        are answered one by one: what takes longer than a second is asked in parts, which others' questions go between.
        """
        message = {"question": question, **values}
        with self._lock:
            answer = self._answer(message)
            if answer.get("gone"):  # once more: it may have been killed while idle
                answer = self._answer(message)
            if answer.get("gone"):
                raise InferenceError("The process that asks the networks ended at this question: see inference.log.")
        if "error" in answer:
            raise InferenceError(answer["error"])
        return answer["answer"]

    def stop(self) -> None:
        """End the process; the next question starts another one."""
        with self._lock:
            if self._child is not None:
                self._child.close()
            self._child = None

    def _answer(self, message: Message) -> Message:
        child = self._start()
        try:
            child.tell(message)
            answer = self._answers.get(timeout=self._patience)
        except OSError:
            answer = {"gone": True}
        except queue.Empty:
            child.kill()
            self._child = None
            raise InferenceError(f"There was no answer within {self._patience:.0f} seconds. Try again.") from None
        if answer.get("gone"):
            child.close()
            self._child = None
        return answer

    def _start(self) -> Child:
        if self._child is None or self._child.exit_code is not None:
            answers: queue.SimpleQueue[Message] = queue.SimpleQueue()  # a late answer of an old process is lost with it
            log = self._home / "logs" / "inference.log"
            variables = environment(self._home, machine.cores())
            self._child = Child(SERVER, [], variables, log, lambda _, message: answers.put(message))
            self._answers = answers
        return self._child


def encoded(array: NDArray[Any]) -> str:
    """An array as text: a .npy file in base 64."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return base64.b64encode(file.getvalue()).decode()


def decoded(text: str) -> NDArray[Any]:
    """The array that `encoded` was given."""
    array: NDArray[Any] = np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
    return array
