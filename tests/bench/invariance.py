"""How long the invariance laboratory's questions take: `python tests/bench/invariance.py --data DIR`.

The full map of accuracy against shift (17 x 17 shifts, 1,000 digits, the four networks of the page), 50 digits at a
time as the page asks; then one slider's question, which moves every network's bars. In this process, without the page.
Elapsed seconds grow with what else the machine does, so the processor's own are printed beside them.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the answering process has it
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch

from core.insight import invariance
from core.insight.loaded_network import load
from core.insight.pretrained import network
from core.insight.transforms import AffineTransform

NETWORKS = ("mnist-mlp", "mnist-cnn", "mnist-cnn-moved", "mnist-cnn-blur")
DIGITS, PART, LIMIT_SECONDS = 1000, 50, 20
ROUNDS, LIMIT_MILLISECONDS = 21, 200


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder CNNLAB_DATA names; the embedded digits unless given")
    arguments = parser.parse_args()
    if arguments.data:
        os.environ["CNNLAB_DATA"] = str(arguments.data)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    pictures, labels = invariance.some_pictures(DIGITS, 0)
    loaded = {name: load(network(name).file) for name in NETWORKS}
    for one in loaded.values():
        invariance.shift_map(one, pictures[:PART])  # the first call sets up what all others use
    print(f"load average {os.getloadavg()[0]:.1f}, {torch.get_num_threads()} threads, {len(labels)} digits")
    print(f"{'network':>18}{'elapsed s':>11}{'processor s':>13}{'slowest part s':>16}")
    whole, worked = 0.0, 0.0
    for name, one in loaded.items():
        began, busy, slowest = time.perf_counter(), time.process_time(), 0.0
        for part in pictures.split(PART):
            first = time.perf_counter()
            invariance.shift_map(one, part)
            slowest = max(slowest, time.perf_counter() - first)
        elapsed, processor = time.perf_counter() - began, time.process_time() - busy
        whole, worked = whole + elapsed, worked + processor
        print(f"{name:>18}{elapsed:>11.2f}{processor:>13.2f}{slowest:>16.2f}")
    print(f"{'all four':>18}{whole:>11.2f}{worked:>13.2f}   (at most {LIMIT_SECONDS} s elapsed)")
    moves = [AffineTransform(dx=3), *(AffineTransform(rotate=angle) for angle in range(-180, 181, 15))]
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for one in loaded.values():
            invariance.probabilities(one, pictures[0], moves)
        spent.append((time.perf_counter() - began) * 1e3)
    print(
        f"one slider's question, {len(moves)} moves, four networks: median {statistics.median(spent):.0f} ms, "
        f"slowest {max(spent):.0f} ms (at most {LIMIT_MILLISECONDS} ms with the page around it)"
    )


if __name__ == "__main__":
    main()
