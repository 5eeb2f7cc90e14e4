"""What each switch of the CIFAR-10 recipe gives: the preset with one thing changed at a time.

    python tests/bench/cifar_switches.py [--preset cifar-70] [--seeds 3] [--data ../shared/data] [--only whitening ...]

Scores are on the 5,000 training pictures that are held out for choosing, so that nothing is chosen on the test set.
Prints a line a run as it ends, then a table for docs/performance.md, which the page quotes.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from trained import ROOT, trained

from core.layers import cifar, specs

FLIP = '{"step": "HorizontalFlip", "alternating": false, "p": 0.5}'
CROP = '{"step": "PaddedCrop", "mode": "reflect", "padding": 2}'
NARROW, WIDE = (
    json.dumps([specs.to_json(layer) for layer in cifar.speed_network((32, 4, 2), widths, (1, 1, 1))])
    for widths in ((24, 48, 48), (48, 96, 96))
)
# By what is changed: a title, and the settings that change it.
SWITCHES: dict[str, tuple[str, list[str]]] = {
    "none": ("the preset", []),
    "whitening": ("no whitening: the first layer is learned", ["whitening=false"]),
    "dirac": ("no Dirac start", ["dirac=false"]),
    "smoothing": ("no label smoothing", ["label_smoothing=0"]),
    "momentum": ("batch norm's momentum 0.1", ["norm_momentum=0.1"]),
    "scale": ("batch norm's scales learned", ["norm_scale=true"]),
    "head": ("the last layer's answers not scaled", ["head_scale=1", "head_rate=1"]),
    "nesterov": (
        "Nesterov's SGD for Muon",
        ["optimizer=nesterov", "learning_rate=0.05", "momentum=0.9", "head_scale=1"],
    ),
    "adamw": ("AdamW for Muon", ["optimizer=adamw", "learning_rate=0.01", "momentum=0.9", "head_scale=1"]),
    "random-flip": ("flips by chance, not alternating", [f"augmentation=[{CROP},{FLIP}]"]),
    "no-augmentation": ("no augmentation", ["augmentation=none"]),
    "ema": ("EMA of the weights", ["averaging=ema", "averaging_decay=0.98"]),
    "lookahead": ("Lookahead", ["averaging=lookahead", "averaging_decay=0.95"]),
    "views": ("answers for the picture alone, not for its mirror image too", ["test_time=none"]),
    "mirror+shift": ("answers averaged over shifted views as well", ["test_time=mirror+shift"]),
    "small-first": ("24 x 24 pictures for the first 40 % of the steps", ["small_first=0.4"]),
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
    arguments = parser.parse_args()
    rows = []
    for name in arguments.only:
        title, settings = SWITCHES[name]
        runs = [
            trained(arguments.preset, arguments.data, ["held_out=5000", f"seed={seed}", *settings], arguments.threads)
            for seed in range(arguments.seeds)
        ]
        accuracy = [100 * run["held_out_accuracy"] for run in runs]
        rows.append((title, accuracy, statistics.mean(run["train_seconds"] for run in runs)))
        print(f"{name}: {accuracy} in {rows[-1][2]:.1f} s", flush=True)
    base, seconds = statistics.mean(rows[0][1]), rows[0][2]
    print(f"\n| {arguments.preset} with one change | held-out accuracy, % | difference, points | time |")
    print("| --- | --- | --- | --- |")
    for title, accuracy, took in rows:
        mean, spread = statistics.mean(accuracy), f" ({min(accuracy):.1f} to {max(accuracy):.1f})"
        difference = "" if title == rows[0][0] else f"{mean - base:+.1f}"
        print(f"| {title} | {mean:.1f}{spread if len(accuracy) > 1 else ''} | {difference} | {took / seconds:.2f} x |")


if __name__ == "__main__":
    main()
