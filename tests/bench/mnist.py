"""How long the MNIST presets take, from the click to the answer, against one epoch of PyTorch's MNIST example (P_M).

    python tests/bench/mnist.py [--seeds 5] [--data ../shared/data] [--set precision=float32]

Every preset is trained by one warm worker, over several seeds; P_M is timed in the same run, before and after. Whole
seconds are those of preparing, training, every evaluation and writing checkpoints. Then each preset once more with a
busy process on the machine. Prints tables for docs/performance.md.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from peers import mnist_example_epoch
from table import HEAD, row
from trained import ROOT, WarmWorker

# promised accuracy; P_M / whole seconds at least, where the processor has bf16 and where it has not
PRESETS = {
    "mnist-mlp": (0.985, 16, 14),
    "mnist-cnn": (0.990, 16, 14),
    "mnist-cnn-995": (0.995, 3.5, 2.5),
    "capsule-small": (0.990, 2, 4 / 3),
}


def with_a_busy_neighbor(worker: WarmWorker, preset: str, settings: list[str]) -> float:
    """Return the whole seconds of one run while another process keeps a core busy."""
    neighbor = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        return float(worker.train(preset, settings)["whole_seconds"])
    finally:
        neighbor.kill()
        neighbor.wait()


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS))
    parser.add_argument("--set", dest="settings", action="append", default=[], help="key=value for every run")
    parser.add_argument("--busy", type=int, default=3, help="runs of each preset beside a busy process")
    arguments = parser.parse_args()

    peers = [mnist_example_epoch(arguments.data)]
    with WarmWorker(arguments.data) as worker:
        results = {
            name: [worker.train(name, [f"seed={s}", *arguments.settings]) for s in range(arguments.seeds)]
            for name in arguments.presets
        }
        peers.append(mnist_example_epoch(arguments.data))
        print(f"P_M, one epoch of PyTorch's MNIST example: {peers[0]:.1f} s before, {peers[1]:.1f} s after\n")
        print(HEAD.format(ratio="P_M / whole"))
        for name, runs in results.items():
            promise, bf16, float32 = PRESETS[name]
            bound = bf16 if runs[0]["precision"] == "bf16" else float32
            ratio = statistics.mean(peers) / statistics.mean(run["whole_seconds"] for run in runs)
            print(row(name, promise, runs, f"{ratio:.1f}", f"at least {bound:.3g}"))
        if not arguments.busy:
            return
        print("\n| preset | alone, whole s | one busy neighbor, whole s | times slower (at most 2.5) |")
        print("| --- | --- | --- | --- |")
        for name, runs in results.items():
            alone = statistics.median(run["whole_seconds"] for run in runs)
            many = [with_a_busy_neighbor(worker, name, arguments.settings) for _ in range(arguments.busy)]
            print(f"| {name} | {alone:.2f} | {statistics.median(many):.2f} | {statistics.median(many) / alone:.2f} |")


if __name__ == "__main__":
    main()
