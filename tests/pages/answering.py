"""Who answers the pages' questions in the tests: this process, for no page test starts one of its own."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.insight import pretrained
from core.insight.transforms import SHIFTS, sample_indices
from core.runs import invariance_queries
from core.runs.inference_client import InferenceClient, InferenceError, decode_array, encode_array
from core.ui.backend import measurements


class FakeInference:
    """Networks that read a digit within `reach` px of where it was written, and else say 0."""

    is_ready = True

    def __init__(self, folder: Path) -> None:
        self.folder, self.questions = folder, []
        self.refused = ""

    def warm_up(self) -> None:
        """Nothing to start."""

    def file(self, network: str) -> str:
        path = self.folder / network
        if not path.exists():
            path.write_text(network)  # equal weights would be one network
        return str(path)

    def query(self, question: str, **values: Any) -> Any:
        self.questions.append((question, values))
        if self.refused:
            raise InferenceError(self.refused)
        return getattr(self, question)(**values)

    @staticmethod
    def reach(network: str) -> int:
        """How far a network reads, in px: the augmented one the furthest."""
        return {"mnist-mlp": 2, "mnist-cnn": 4, "mnist-cnn-moved": 8, "mnist-cnn-blur": 5}.get(Path(network).name, 3)

    def transformed(self, networks: list[str], picture: str, moves: list[list[float]]) -> dict[str, Any]:
        truth = self.truth(decode_array(picture))
        found = []
        for file in networks:
            probabilities = np.full((len(moves), 10), 0.01, np.float32)
            for row, move in zip(probabilities, moves, strict=True):
                row[truth if abs(move[0]) <= self.reach(file) else (truth + 1) % 10] = 0.91
            found.append(encode_array(probabilities))
        return {"picture": encode_array(decode_array(picture)), "probabilities": found}

    @staticmethod
    def truth(picture: np.ndarray) -> int:
        whole = measurements.test_set("mnist" if len(picture) == 1 else "cifar10")
        places = [at for at, image in enumerate(whole.test_images) if (image == picture).all()]
        return int(whole.test_labels[places[0]]) if places else 0

    def shift_map(self, network: str, dataset: str, count: int, seed: int, part: int, parts: int) -> dict[str, str]:
        labels = self.labels(dataset, count, seed)[part::parts]
        far = [[max(abs(dx), abs(dy)) > self.reach(network) for dx in SHIFTS] for dy in SHIFTS]
        return {"answers": encode_array(((labels + np.array(far)[..., None]) % 10).astype(np.uint8))}

    def moved_answers(
        self, network: str, dataset: str, count: int, seed: int, moves: list[list[float]]
    ) -> dict[str, str]:
        labels = self.labels(dataset, count, seed)
        found = np.stack([labels if abs(move[2]) < 50 else (labels + 1) % 10 for move in moves])
        return {"answers": encode_array(found.astype(np.uint8))}

    @staticmethod
    def labels(dataset: str, count: int, seed: int) -> np.ndarray:
        whole = measurements.test_set(dataset).test_labels
        return whole[sample_indices(len(whole), count, seed)]

    def layers_moved(self, network: str, dataset: str, count: int, seed: int, dx: int) -> dict[str, str]:
        layers = len(pretrained.network(Path(network).stem).experiment.layers)
        return {
            "change": encode_array(np.linspace(0.8, 0.1, layers)),
            "misfit": encode_array(np.linspace(0.0, 0.4, layers)),
        }

    def moved_planes(self, network: str, picture: str, moves: list[list[float]], layers: list[int]) -> list[str]:
        return [
            encode_array(np.random.default_rng(0).random((len(moves), 16, 12, 12)).astype(np.float32)) for _ in layers
        ]

    def affnist_answers(self, network: str, dataset: str, count: int, seed: int) -> dict[str, str]:
        labels = self.labels(dataset, count, seed).astype(np.uint8)
        turned = np.where(np.arange(len(labels)) % 4 == 0, (labels + 1) % 10, labels).astype(np.uint8)
        return {
            "placed": encode_array(labels),
            "affnist": encode_array(turned),
            "pictures": encode_array(np.zeros((8, 40, 40), np.uint8)),
        }


class LocalInference(InferenceClient):
    """The real answers, but for what takes long: measurements of networks that are moved are `FakeInference`'s."""

    is_ready = True

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._moved = FakeInference(home)

    def warm_up(self) -> None:
        """Nothing to start."""

    def query(self, question: str, **values: Any) -> Any:
        if question in invariance_queries.QUERIES:
            return self._moved.query(question, **values)
        from core.runs.inference_server import QUERIES  # with torch, which many pages do without
        from core.runs.query_checks import QueryError

        try:
            return json.loads(json.dumps(QUERIES[question](**values)))
        except QueryError as error:
            raise InferenceError(str(error)) from error
