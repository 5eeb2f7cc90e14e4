"""Time to accuracy of the CIFAR-10 presets, against one epoch of PyTorch's own CIFAR-10 tutorial (P_C).

    python tests/bench/cifar.py [--seeds 5] [--data ../shared/data] [--presets cifar-70 ...] [--set precision=float32]

Every preset is trained by one warm worker, over several seeds, and tested on the whole test set; P_C is timed in the
same run, before and after. Whole seconds are those of preparing, training, every evaluation and writing checkpoints.
Prints a line a run as it ends, then the table for docs/performance.md.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from peers import cifar_tutorial_epoch
from table import HEAD, row
from trained import ROOT, WarmWorker

import core.data

# promised accuracy; whole seconds / P_C at most, where the processor has bf16 and where it has not
PRESETS = {"cifar-70": (0.70, 1 / 12, 1 / 8), "cifar-80": (0.80, 0.4, 0.6), "cifar-90": (0.90, 3.0, 5.0)}


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS))
    parser.add_argument("--peers", type=int, default=2, help="how often P_C is timed: before, after")
    parser.add_argument("--threads", type=int, help="of PyTorch; as many as there are idle cores unless given")
    parser.add_argument("--set", dest="settings", action="append", default=[], help="key=value for every run")
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
    with WarmWorker(arguments.data) as worker:
        for name in arguments.presets:
            runs = []
            for seed in range(arguments.seeds):
                run = worker.train(name, [f"seed={seed}", *arguments.settings], arguments.threads)
                runs.append(run)
                print(f"{name} seed {seed}: {run['test_accuracy']:.2%} in {run['whole_seconds']:.1f} s", flush=True)
            results[name] = runs
    peers += [peer() for _ in range(arguments.peers - 1)]
    p_c = statistics.mean(peers) if peers else float("nan")
    print(f"\nP_C, one epoch of PyTorch's CIFAR-10 tutorial: {', '.join(f'{seconds:.1f} s' for seconds in peers)}\n")
    print(HEAD.format(ratio="whole / P_C"))
    for name, runs in results.items():
        promise, bf16, float32 = PRESETS.get(name, (None, None, None))
        most = bf16 if runs[0]["precision"] == "bf16" else float32
        ratio = statistics.mean(run["whole_seconds"] for run in runs) / p_c
        print(row(name, promise, runs, f"{ratio:.3f}", "" if most is None else f"at most {most:.3f}"))


if __name__ == "__main__":
    main()
