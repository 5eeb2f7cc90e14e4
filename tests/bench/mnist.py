"""How fast the MNIST presets reach their accuracy, as ratios to one epoch of PyTorch's own MNIST example (P_M).

    python tests/bench/mnist.py [--seeds 5] [--data ../shared/data]

Every preset is trained with the command line, a process a run, over several seeds; P_M is timed in the same run,
before and after. Then each preset once more with a busy process on the machine. Prints tables for docs/performance.md.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from peers import mnist_example_epoch
from trained import ROOT, trained

PRESETS = {"mnist-mlp": (0.985, 16), "mnist-cnn": (0.990, 16), "mnist-cnn-995": (0.995, 3)}  # promise, P_M / at least


def with_a_busy_neighbor(preset: str, data: Path) -> float:
    """Training seconds of one run while another process keeps a core busy."""
    neighbor = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        return float(trained(preset, data)["train_seconds"])
    finally:
        neighbor.kill()
        neighbor.wait()


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS))
    arguments = parser.parse_args()

    peers = [mnist_example_epoch(arguments.data)]
    results = {
        name: [trained(name, arguments.data, [f"seed={s}"]) for s in range(arguments.seeds)]
        for name in arguments.presets
    }
    peers.append(mnist_example_epoch(arguments.data))
    p_m = statistics.mean(peers)
    print(f"P_M, one epoch of PyTorch's MNIST example: {peers[0]:.1f} s before, {peers[1]:.1f} s after\n")
    print("| preset | promise | test accuracy, mean (worst to best) | train s, median (range) | P_M / | must reach |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, runs in results.items():
        promise, ratio = PRESETS[name]
        accuracy = [run["test_accuracy"] for run in runs]
        seconds = [run["train_seconds"] for run in runs]
        print(
            f"| {name} | {promise:.1%} | {statistics.mean(accuracy):.2%} ({min(accuracy):.2%} to {max(accuracy):.2%}) "
            f"| {statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f}) "
            f"| {p_m / statistics.mean(seconds):.1f} | {ratio} |"
        )
    print("\n| preset | alone, s | one busy neighbor, s | times slower (at most 2.5) |")
    print("| --- | --- | --- | --- |")
    for name, runs in results.items():
        alone = statistics.median(run["train_seconds"] for run in runs)
        busy = statistics.median(with_a_busy_neighbor(name, arguments.data) for _ in range(3))
        print(f"| {name} | {alone:.2f} | {busy:.2f} | {busy / alone:.2f} |")


if __name__ == "__main__":
    main()
