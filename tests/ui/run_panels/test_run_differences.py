"""Labels by what differs, the line after a change, and the sentence at the end: with the right numbers."""

from dataclasses import replace

from core.layers.builders import cnn, mlp
from core.runs.run import Run
from core.training.augmentation.pipeline import random_affine
from core.training.experiment import Experiment
from core.ui.run_panels.run_differences import changed, distinguish, outcome
from tests.made_runs import made_run

CNN = Experiment(layers=cnn(2, 16, 3), data="mnist", train_images=20_000, epochs=3, learning_rate=0.003)
MLP = replace(CNN, layers=mlp((128, 128)))


def run(experiment: Experiment, accuracy: float | None) -> Run:
    return made_run(experiment, summary={} if accuracy is None else {"test_accuracy": accuracy})


def test_runs_of_one_kind_are_told_apart_by_what_differs() -> None:
    few, seeded = replace(CNN, train_images=500), replace(CNN, train_images=500, seed=3)
    assert distinguish([CNN, MLP], ["CNN", "MLP"]) == ["CNN", "MLP"]
    assert distinguish([CNN, few, MLP], ["CNN", "CNN", "MLP"]) == ["CNN, 20,000 digits", "CNN, 500 digits", "MLP"]
    assert distinguish([few, seeded], ["CNN", "CNN"]) == ["CNN, seed 0", "CNN, seed 3"]
    pictures = [replace(few, data="cifar10"), replace(CNN, data="cifar10")]
    assert distinguish(pictures, ["Small", "Small"]) == ["Small, 500 pictures", "Small, 20,000 pictures"]


def test_a_label_has_two_parts_at_most_the_network_first() -> None:
    other = replace(CNN, layers=cnn(2, 32, 3), epochs=5, learning_rate=0.01, augmentation=random_affine(shift=2))
    label = distinguish([CNN, other], ["CNN", "CNN"])[1]
    assert label.startswith("CNN, conv 32 of 3 × 3")
    assert "5 epochs" in label
    assert "rate" not in label


def test_each_change_is_named_once() -> None:
    few = [(before, replace(before, train_images=500)) for before in (MLP, CNN)]
    assert changed(few) == "training images 20,000 → 500"
    assert changed([(MLP, MLP)]) == ""
    wider = (MLP, replace(MLP, layers=mlp((256, 256))))
    assert changed([wider]) == "MLP dense 128 → dense 256"
    assert changed([(CNN, replace(CNN, layers=cnn(2, 32, 3)))]) == "CNN conv 16 of 3 × 3 → conv 32 of 3 × 3"
    assert changed([(CNN, replace(CNN, layers=cnn(3, 16, 3)))]).startswith("CNN 6 layers → conv 64")
    assert changed([(CNN, replace(CNN, shuffle_pixels=True))]) == "pixels in order → shuffled"


def test_the_outcome_is_computed_and_grouped_by_the_change() -> None:
    few = [replace(experiment, train_images=500) for experiment in (CNN, MLP)]
    pairs = [("CNN", run(CNN, 0.983), run(few[0], 0.951)), ("MLP", run(MLP, 0.962), run(few[1], 0.871))]
    assert outcome(pairs) == "500 digits instead of 20,000: CNN −3.20 points, MLP −9.10 points."
    wider = replace(MLP, layers=mlp((256, 256)))
    mixed = [pairs[0], ("MLP", run(MLP, 0.962), run(wider, 0.965))]
    assert outcome(mixed) == (
        "500 digits instead of 20,000: CNN −3.20 points. Dense 256 instead of dense 128: MLP +0.30 points."
    )
    assert outcome([("CNN", run(CNN, 0.983), run(few[0], None))]) == ""
    assert outcome([]) == ""
