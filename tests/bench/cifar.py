"""Time to accuracy of the CIFAR-10 presets, against one epoch of PyTorch's own CIFAR-10 tutorial (P_C).

    python tests/bench/cifar.py [--seeds 5] [--data ../shared/data] [--presets cifar-70 ...] [--peers 2]

Every preset is trained with the command line, a process a run, over several seeds, and tested on the whole test set;
P_C is timed in the same run, before and after. Prints a line a run as it ends, then the table for docs/performance.md.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from peers import cifar_tutorial_epoch
from trained import ROOT, trained

import core.data

PRESETS = {"cifar-70": (0.70, 1 / 9), "cifar-80": (0.80, 0.6), "cifar-90": (0.90, 3.5), "cifar-exercise": (None, None)}


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS))
    parser.add_argument("--peers", type=int, default=2, help="how often P_C is timed: before, after")
    parser.add_argument("--threads", type=int, help="of PyTorch; as many as there are idle cores unless given")
    parser.add_argument("--part", type=float, default=1.0, help="of P_C's epoch that is timed")
    arguments = parser.parse_args()
    os.environ["CNNLAB_DATA"] = str(arguments.data.resolve())
    dataset = core.data.load("cifar10")
    if dataset.info.standin:
        raise SystemExit(f"{arguments.data} has no CIFAR-10: nothing is measured on a stand-in.")

    def peer() -> float:
        seconds = cifar_tutorial_epoch(dataset.train_images, dataset.train_labels, arguments.part)
        print(f"P_C: {seconds:.1f} s", flush=True)
        return seconds

    peers = [peer()] if arguments.peers else []
    results = {}
    for name in arguments.presets:
        runs = []
        for seed in range(arguments.seeds):
            run = trained(name, arguments.data, [f"seed={seed}"], arguments.threads)
            runs.append(run)
            print(f"{name} seed {seed}: {run['test_accuracy']:.2%} in {run['train_seconds']:.1f} s", flush=True)
        results[name] = runs
    peers += [peer() for _ in range(arguments.peers - 1)]
    p_c = statistics.mean(peers) if peers else float("nan")
    print(f"\nP_C, one epoch of PyTorch's CIFAR-10 tutorial: {', '.join(f'{seconds:.1f} s' for seconds in peers)}\n")
    print("| preset | promise | seeds | test accuracy, mean (worst to best) | train s (range) | / P_C | at most |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, runs in results.items():
        promise, most = PRESETS.get(name, (None, None))
        accuracy, seconds = [run["test_accuracy"] for run in runs], [run["train_seconds"] for run in runs]
        print(
            f"| {name} | {'' if promise is None else f'{promise:.0%}'} | {len(runs)} "
            f"| {statistics.mean(accuracy):.2%} ({min(accuracy):.2%} to {max(accuracy):.2%}) "
            f"| {statistics.mean(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) "
            f"| {statistics.mean(seconds) / p_c:.2f} | {'' if most is None else f'{most:.2f}'} |"
        )


if __name__ == "__main__":
    main()
