"""Query trained networks through one process of its own: torch stays out of the web process."""

import base64
import contextlib
import copy
import io
import queue
import re
import threading
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core import app_paths
from core.data import DataError, info
from core.insight.pretrained import FOLDER, PAIRS, PRETRAINED
from core.insight.pretrained import network as pretrained
from core.layers.limits import size_of
from core.layers.setting_checks import LayerError
from core.runs import hardware, own_network_files
from core.runs.child_process import Child, Message, environment
from core.runs.query_turns import NoTurn, Turns
from core.runs.run_files import CHECKPOINT, WEIGHTS, rows_of
from core.runs.run_rows import folder
from core.training.experiment import Experiment
from core.training.experiment_checks import within_limits

SERVER = "core.runs.inference_server"
MAX_IMAGES = 10_000  # in one question
PART_WORK = 100_000_000_000  # multiply-adds of one part of a question: a second or two on two cores
START_SECONDS = 120.0  # for the process to import torch, on a slow and busy disk
GRACE_SECONDS = 10.0  # for a question to stop
WAIT_SECONDS = 120.0  # for one's turn
TIMED_OUT = "This took too long and was stopped, since others are waiting: use fewer pictures, or a smaller network."


class InferenceError(RuntimeError):
    """Raised for a query without an answer; the message is a sentence for the person who made it."""


class InferenceClient:
    """Queries the trained networks of one home, and those of the app. Any number of threads may use it.

    Queries are answered one by one, in turns between people. Each has a time limit, after which it is stopped while the
    process lives on. What takes longer than a second is split into parts, which others' queries go between.
    """

    def __init__(self, home: Path | None = None, *, limit: float = 30.0) -> None:
        """Start nothing yet.

        Args:
            home: The app's folder; None for the default.
            limit: Seconds for one answer, not counting its turn and the start of the process.
        """
        self._home = (home or app_paths.home()).absolute()
        self._server = _Server(self._home, limit)
        self._person = self._address = ""

    def for_owner(self, person: str, address: str = "") -> "InferenceClient":
        """Return a client for one person, who takes turns with the others and alone reads the networks they brought."""
        theirs = copy.copy(self)
        theirs._person, theirs._address = person, address
        return theirs

    def warm_up(self) -> None:
        """Start the process without waiting for it, so that the first answer comes at once."""
        with contextlib.suppress(InferenceError):  # the query itself reports it
            self._server.start()

    @property
    def is_ready(self) -> bool:
        """Return whether the process has started, so that an answer takes no longer than computing it."""
        return self._server.is_ready

    def probabilities(self, network: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return a network's class probabilities for pictures.

        The pictures are normalized, and their pixels shuffled, as they were in training. A run that is not finished
        answers with its last checkpoint.

        Args:
            network: A run's id, or the name of a pretrained network.
            images: uint8 (N, H, W) or (N, C, H, W), at most MAX_IMAGES.

        Returns:
            float32 (N, classes).

        Raises:
            InferenceError: There is no such network, or the pictures do not fit it.
        """
        if images.dtype != np.uint8 or images.ndim not in (3, 4) or not 0 < len(images) <= MAX_IMAGES:
            raise InferenceError(f"Send 1 to {MAX_IMAGES:,} pictures at once, as whole numbers from 0 to 255.")
        file = self.file(network)
        rows = rows_of(Path(file))
        part = max(1, PART_WORK // max(1, size_of(rows).work)) if rows else MAX_IMAGES
        answers = [
            decode_array(self.query("probabilities", network=file, images=encode_array(images[first : first + part])))
            for first in range(0, len(images), part)
        ]
        return cast("NDArray[np.float32]", np.concatenate(answers))

    def images_per_second(self, experiment: Experiment, seconds: float = 0.3, device: str = "auto") -> float:
        """Measure how fast this machine trains an experiment now.

        Args:
            experiment: What would be trained.
            seconds: How long to measure.
            device: Where it would be trained.

        Returns:
            Training images per second.

        Raises:
            InferenceError: It cannot be trained here, or the network is too large to be tried at once.
        """
        try:
            within_limits(experiment, info(experiment.data))
        except (DataError, LayerError) as error:
            raise InferenceError(str(error)) from error
        values = {"experiment": experiment.to_json(), "seconds": seconds, "device": device}
        return float(self.query("images_per_second", **values))

    def file(self, network: str) -> str:
        """Return the path of the weights of a run or of a pretrained network, as queries name it.

        Raises:
            InferenceError: There is no such network.
        """
        if network in PRETRAINED:
            return str(pretrained(network).file)
        if network == PAIRS:
            return str(FOLDER / f"{PAIRS}.safetensors")
        if (own := own_network_files.file_of(self._home, self._person, network)) is not None:
            if own.exists():
                return str(own)
            raise InferenceError("Your network is no longer kept on this machine: upload it again.")
        if not re.fullmatch("[0-9a-f]{16}", network):  # a part of a path from here on
            raise InferenceError(f"There is no run {network!r:.40}.")
        kept = folder(self._home, network)
        for name in (WEIGHTS, CHECKPOINT):
            if (kept / name).exists():
                return str(kept / name)
        raise InferenceError("This run has no trained network yet: it has one after its first epoch.")

    def adopt(self, content: bytes, about: str, dataset: str) -> dict[str, Any]:
        """Take in a person's own network, so that all queries answer for it.

        Args:
            content: Its weights, a safetensors file.
            about: Its settings (JSON) or its PyTorch program; empty if the file says it.
            dataset: The identity of the data it is shown with.

        Returns:
            "name", as `file` takes it; "experiment", JSON; "notes", sentences on what was assumed.

        Raises:
            InferenceError: It cannot be used.
        """
        if not 0 < len(content) <= own_network_files.MAX_BYTES:
            raise InferenceError(f"A file of weights has 1 byte to {own_network_files.MAX_BYTES // 2**20} MB.")
        name = own_network_files.name_of(self._person, content, about, dataset)
        try:
            upload = own_network_files.put_down(self._home, self._person, name, content)
        except OSError as error:
            raise InferenceError(f"The file could not be kept on this machine ({error.strerror}).") from error
        try:
            target = str(own_network_files.file_of(self._home, self._person, name))
            found = self.query("adopt", source=str(upload), about=about, dataset=dataset, target=target)
        finally:
            upload.unlink(missing_ok=True)
        return {"name": name, **found}

    def query(self, question: str, **values: Any) -> Any:
        """Return the answer to a query.

        Args:
            question: A name of `core.runs.inference_server.QUERIES`.
            values: Its arguments as plain JSON; arrays through `encode_array`.

        Returns:
            Plain JSON.

        Raises:
            InferenceError: There is no answer, or none within the time limit.
        """
        answer = self._server.answer(self._person, self._address, {"question": question, **values})
        if "error" in answer:
            raise InferenceError(answer["error"])
        return answer["answer"]

    def stop(self) -> None:
        """End the process; the next query starts another one."""
        self._server.stop()


class _Server:
    """The server process, and whose turn it is to query it."""

    def __init__(self, home: Path, limit: float) -> None:
        self._home, self.limit = home, limit
        self.child: Child | None = None
        self._ready = False
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._turns = Turns()
        self._starting = threading.Lock()

    def start(self) -> Child:
        """Return the process, a new one if there is none."""
        with self._starting:
            if self.child is None or self.child.exit_code is not None:
                answers: queue.SimpleQueue[Message] = queue.SimpleQueue()  # a late answer of an old one is lost with it
                log = self._home / "logs" / "inference.log"
                variables = environment(self._home, hardware.cores())
                try:
                    self.child = Child(SERVER, [], variables, log, lambda _, message: answers.put(message))
                except OSError as error:  # no memory, no file left to open
                    raise InferenceError(f"The inference process cannot start ({error}).") from error
                self._answers, self._ready = answers, False
            return self.child

    @property
    def is_ready(self) -> bool:
        """Return whether the process runs and has answered."""
        return self._ready and self.child is not None and self.child.exit_code is None

    def answer(self, person: str, address: str, message: Message) -> Message:
        """Return the answer to a message, at the turn of `person`.

        Raises:
            InferenceError: There is no answer, or the turn did not come.
        """
        try:
            with self._turns.turn(person, WAIT_SECONDS, address):
                answer = self._asked(message)
                if answer.get("gone"):  # once more: it may have been killed while idle
                    answer = self._asked(message)
        except NoTurn as error:
            raise InferenceError(str(error)) from error
        if answer.get("gone"):
            raise InferenceError("The inference process ended during this computation: see inference.log.")
        return answer

    def stop(self) -> None:
        """End the process, even in the middle of a query."""
        with self._starting:
            if self.child is not None:
                self.child.close()
            self.child = None

    def _asked(self, message: Message) -> Message:
        child = self.start()
        try:
            if not self._ready and not (first := self._answers.get(timeout=START_SECONDS)).get("gone"):
                self._ready = bool(first["ready"])
            if not self._ready:
                return self._ended(child)
            child.tell(message)
            return self._in_time(child)
        except OSError:
            return self._ended(child)
        except queue.Empty:
            child.kill()
            self._ended(child)
            raise InferenceError(TIMED_OUT) from None

    def _in_time(self, child: Child) -> Message:
        """Return the answer, or the error with which a query at its time limit ends."""
        try:
            answer = self._answers.get(timeout=self.limit)
        except queue.Empty:
            child.tell({"stop": True})
            answer = self._answers.get(timeout=GRACE_SECONDS)
        return self._ended(child) if answer.get("gone") else answer

    def _ended(self, child: Child) -> Message:
        """Note that the process has ended, so that the next query starts another one."""
        child.close()
        with self._starting:
            if self.child is child:
                self.child = None
        return {"gone": True}


def encode_array(array: NDArray[Any]) -> str:
    """Return an array as text: a .npy file in base 64."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return base64.b64encode(file.getvalue()).decode()


def decode_array(text: str) -> NDArray[Any]:
    """Return the array that `encode_array` was given."""
    array: NDArray[Any] = np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
    return array
