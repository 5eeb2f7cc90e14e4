"""What a run's program holds: its training's own mean and deviation, and as many views as the page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.insight.pretrained import NetworkError, network, normalization
from core.runs.run import Run
from core.ui.run_panels import export
from tests.made_runs import made_run

CIFAR = network("cifar-cnn")
SHAPE = (3, 32, 32)


def finished(test_time: str = "mirror+shift", data: str = "cifar10", **summary: float) -> Run:
    experiment = replace(CIFAR.experiment, test_time=test_time, data=data)
    return made_run(experiment, summary=dict(summary))


def test_the_program_prepares_pictures_as_the_run_was_trained() -> None:
    """Not as today's statistics would have it: the weights belong to the figures beside them."""
    mean, std = normalization(CIFAR.file)
    assert (mean, std) == (CIFAR.mean, CIFAR.std)
    assert not np.allclose(mean, (0.4914, 0.48216, 0.44653), atol=1e-5)  # it is of the first 10,000 pictures
    code = export.program(CIFAR.experiment, SHAPE, "w.safetensors", mean, std)
    assert f"mean = torch.tensor([{', '.join(f'{value:.6g}' for value in CIFAR.mean)}])" in code
    assert "def answer" not in code


def test_weights_without_their_mean_are_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"no")
    for path in (tmp_path / "weights.safetensors", tmp_path / "none"):
        with pytest.raises(NetworkError, match="missing or broken"):
            normalization(path)


@pytest.mark.parametrize(("test_time", "views"), [("mirror", "two"), ("mirror+shift", "six")])
def test_both_figures_stand_beside_the_buttons_and_in_the_program(test_time: str, views: str) -> None:
    run = finished(test_time, test_accuracy=0.7072, test_one_view_accuracy=0.6874)
    said = export.views_sentence(run).replace("\u00a0", " ").replace("\u202f", " ")
    assert f"mean over {views} views" in said
    assert "70.72 %" in said
    assert "68.74 %" in said
    code = export.program(run.experiment, SHAPE, "w", (0.5,) * 3, (0.2,) * 3, export.accuracies(run))
    assert "70.72%" in code
    assert "68.74%" in code


def test_a_run_of_before_has_the_views_without_the_figure() -> None:
    run = finished(test_accuracy=0.7072)
    assert export.views_sentence(run).endswith("six views of a picture.")
    assert "def predict(pictures):" in export.program(run.experiment, SHAPE, "w", (0.5,) * 3, (0.2,) * 3)


def test_figures_of_generated_pictures_say_so() -> None:
    run = finished(data="cifar10-standin", test_accuracy=0.9, test_one_view_accuracy=0.8)
    assert export.views_sentence(run).endswith("Generated pictures, not CIFAR-10: these figures say nothing about it.")


def test_one_view_needs_no_words() -> None:
    assert export.views_sentence(finished("none", test_accuracy=0.7, test_one_view_accuracy=0.7)) == ""
