"""The plain baselines that benchmarks compare with, written fresh from their published settings."""

import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class MnistExample(nn.Module):
    """The network of PyTorch's MNIST example: conv 32, conv 64, pool, dropout, dense 128."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.dense1, self.dense2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.conv1(x))
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.dense1(torch.flatten(self.dropout1(x), 1)))
        return functional.log_softmax(self.dense2(self.dropout2(x)), dim=1)


def mnist_example_epoch(folder: Path) -> float:
    """Seconds of one epoch of PyTorch's MNIST example (Adadelta lr 1.0, batch 64, DataLoader) on the CPU: P_M."""
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    loader = DataLoader(datasets.MNIST(str(folder), train=True, transform=transform), batch_size=64, shuffle=True)
    torch.manual_seed(1)
    network = MnistExample()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    network.train()
    began = time.perf_counter()
    for images, labels in loader:
        optimizer.zero_grad()
        functional.nll_loss(network(images), labels).backward()
        optimizer.step()
    return time.perf_counter() - began
