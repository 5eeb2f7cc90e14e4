"""What each switch of the CIFAR-10 recipe gives: the preset with one thing changed at a time.

    python tests/bench/cifar_ablation.py [--seeds 3] [--write] [--preset cifar-70] [--data ../shared/data]
                                         [--only whitening ...] [--threads 1]

Scores are on the 5,000 training pictures that are held out for choosing, so that nothing is chosen on the test set.
The preset itself is trained before and after every change, with the same seed: a change's time is a multiple of these
two neighbors' whole seconds, so that a machine that is slower for a while slows both. Prints a line a run as it ends,
then a table for docs/performance.md. With --write the results replace core/training/ablation_results.json, which the
page quotes.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from trained import ROOT, WarmWorker

from core.layers import cifar_networks, network_json
from core.training.ablation_results import BASELINE, FILE, Measured, compared, to_neighbors
from core.training.presets import PRESETS

HELD_OUT = 5_000

FLIP = '{"step": "HorizontalFlip", "alternating": false, "p": 0.5}'
CROP = '{"step": "PaddedCrop", "mode": "reflect", "padding": 2}'
NARROW, WIDE = (
    json.dumps([network_json.to_json(layer) for layer in cifar_networks.speed_network((32, 4, 2), widths, (1, 1, 1))])
    for widths in ((24, 48, 48), (48, 96, 96))
)
# By what is changed: a title, and the settings that change it.
SWITCHES: dict[str, tuple[str, list[str]]] = {
    BASELINE: ("the preset", []),
    "whitening": ("no whitening: the first layer is learned", ["whitening=false"]),
    "dirac": ("no Dirac initialization", ["dirac=false"]),
    "smoothing": ("no label smoothing", ["label_smoothing=0"]),
    "momentum": ("batch norm's momentum 0.1", ["norm_momentum=0.1"]),
    "scale": ("batch norm's scales kept at 1", ["norm_scale=false"]),
    "head": ("logits scaled down, as in the speed records", ["head_scale=0.015625", "head_rate=0.1"]),
    "nesterov": ("Nesterov's SGD for Muon", ["optimizer=nesterov", "learning_rate=0.05", "momentum=0.9"]),
    "adamw": ("AdamW for Muon", ["optimizer=adamw", "learning_rate=0.01", "momentum=0.9"]),
    "augmentation": ("pictures shifted, and flipped every other epoch", ["augmentation=records"]),
    "random-flip": ("pictures shifted, and flipped at random", [f"augmentation=[{CROP},{FLIP}]"]),
    "ema": ("EMA of the weights", ["averaging=ema", "averaging_decay=0.98"]),
    "lookahead": ("Lookahead", ["averaging=lookahead", "averaging_decay=0.95"]),
    "views": ("no test-time augmentation: predictions from the picture alone", ["test_time=none"]),
    "shifted": ("test-time augmentation with shifted views too", ["test_time=mirror+shift"]),
    "small-first": ("24 × 24 pictures for the first 40 % of the steps", ["small_first=0.4"]),
    "half-batch": ("half the batch", ["batch_size=50"]),
    "twice-batch": ("twice the batch", ["batch_size=200"]),
    "narrow": ("three quarters of the width", [f"layers={NARROW}"]),
    "wide": ("one and a half times the width", [f"layers={WIDE}"]),
    "float32": ("float32 for bf16", ["precision=float32"]),
}


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="cifar-70")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="*", default=list(SWITCHES))
    parser.add_argument("--threads", type=int, help="of PyTorch; as many as there are idle cores unless given")
    parser.add_argument("--write", action="store_true", help=f"replace {FILE.name}, which the page quotes")
    arguments = parser.parse_args()
    changes = [name for name in dict.fromkeys(arguments.only) if name != BASELINE]
    scores: dict[str, list[float]] = {}  # one a seed
    seconds: dict[str, list[float]] = {}  # of training, one a run
    whole: dict[str, list[float]] = {}
    ratios: dict[str, list[float]] = {}
    with WarmWorker(arguments.data) as worker:
        for seed in range(arguments.seeds):
            ran: list[tuple[str, float]] = []
            for name in interleaved(changes):
                settings = [f"held_out={HELD_OUT}", *SWITCHES[name][1], f"seed={seed}"]
                run = worker.train(arguments.preset, settings, arguments.threads)
                if len(scores.setdefault(name, [])) == seed:  # a seed gives the preset one score, however often it runs
                    scores[name].append(100 * run["held_out_accuracy"])
                ran.append((name, run["whole_seconds"]))
                seconds.setdefault(name, []).append(run["train_seconds"])
                whole.setdefault(name, []).append(run["whole_seconds"])
                print(f"{name}, seed {seed}: {scores[name][-1]:.2f} % in {ran[-1][1]:.1f} s", flush=True)
            for name, found in to_neighbors(ran).items():
                ratios.setdefault(name, []).extend(found)
    ratios.setdefault(BASELINE, [1.0])  # alone it has no neighbors
    rows, luck = compared(
        {name: title for name, (title, _) in SWITCHES.items()},
        scores,
        *({name: statistics.median(found) for name, found in each.items()} for each in (seconds, whole, ratios)),
    )
    told = Measured(
        preset=arguments.preset,
        held_out=HELD_OUT,
        seeds=arguments.seeds,
        threads=arguments.threads,
        machine=f"{_processor()}, {os.cpu_count()} cores, load {os.getloadavg()[2]:.0f}",
        torch=version("torch").partition("+")[0],
        date=datetime.date.today().isoformat(),
        luck=luck,
        rows=rows,
        key=PRESETS[arguments.preset].experiment.key,
    )
    if arguments.write:
        FILE.write_text(told.to_json())
    print(f"\n{told.machine}, torch {told.torch}, {told.date}, seeds: {told.seeds}; luck: {told.luck} points\n")
    print(f"| {told.preset} with one change | held-out accuracy, % | difference, points | whole seconds |")
    print("| --- | --- | --- | --- |")
    for row in rows:
        found = scores[row.name]
        spread = f" ({min(found):.1f} to {max(found):.1f})" if len(found) > 1 else ""
        error = "" if row.error is None else f" ± {row.error:.1f}"
        difference = "" if row.name == BASELINE else f"{row.difference:+.1f}{error}"
        print(
            f"| {row.title} | {row.accuracy:.1f}{spread} | {difference} "
            f"| {row.ratio:.2f} x ({min(ratios[row.name]):.2f} to {max(ratios[row.name]):.2f}) |"
        )


def interleaved(changes: Sequence[str]) -> list[str]:
    """Return what is trained, in this order, for one seed: the preset first, last and between any two changes."""
    return [BASELINE, *(name for change in changes for name in (change, BASELINE))]


def _processor() -> str:
    """The CPU's name as Linux tells it, else as Python does."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
