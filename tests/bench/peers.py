"""The plain baselines that benchmarks compare with, written fresh from their published settings."""

import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
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


class CifarTutorial(nn.Module):
    """The network of PyTorch's CIFAR-10 tutorial: conv 6, conv 16, dense 120, 84 and 10."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.pool, self.conv2 = nn.Conv2d(3, 6, 5), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(16 * 5 * 5, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(functional.relu(self.conv1(x)))
        x = torch.flatten(self.pool(functional.relu(self.conv2(x))), 1)
        return self.fc3(functional.relu(self.fc2(functional.relu(self.fc1(x)))))


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Pictures in memory that become PIL's, one at a time, as those of torchvision.datasets.CIFAR10 do."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        """images: (N, 3, H, W) uint8."""
        self.images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
        self.labels = labels.astype(int).tolist()
        half = (0.5, 0.5, 0.5)
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(half, half)])

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def cifar_tutorial_epoch(images: np.ndarray, labels: np.ndarray, part: float = 1.0) -> float:
    """Seconds of one epoch of PyTorch's CIFAR-10 tutorial on the CPU: P_C.

    SGD 0.001 with momentum 0.9, batch 4, two loader processes. images: the training set's, (N, 3, 32, 32) uint8. With a
    `part` of the pictures the epoch's seconds are told from those of the part: every step is alike.
    """
    count = round(part * len(labels))
    loader = DataLoader(Pictures(images[:count], labels[:count]), batch_size=4, shuffle=True, num_workers=2)
    torch.manual_seed(1)
    network = CifarTutorial()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    began = time.perf_counter()
    for inputs, truth in loader:
        optimizer.zero_grad()
        criterion(network(inputs), truth).backward()
        optimizer.step()
    return (time.perf_counter() - began) / part


def _squashed(vectors: torch.Tensor) -> torch.Tensor:
    square = vectors.square().sum(dim=-1, keepdim=True)
    return vectors * square / (1 + square) / (square + 1e-9).sqrt()


class PlainCapsNet(nn.Module):
    """The capsule network of Sabour et al. (2017) for 28 x 28 pixels, written as the paper has it.

    All 1,152 x 10 predictions are stored, and gradients flow through all three iterations, as in the authors' code.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.primary = nn.Conv2d(1, 256, 9), nn.Conv2d(256, 256, 9, stride=2)
        self.weight = nn.Parameter(torch.randn(1152, 10, 16, 8) * 0.05)
        self.decoder = nn.Sequential(
            *(nn.Linear(160, 512), nn.ReLU()),
            *(nn.Linear(512, 1024), nn.ReLU()),
            *(nn.Linear(1024, 784), nn.Sigmoid()),
        )

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The loss: margin loss, and 0.0005 times the squared error of the reconstruction."""
        planes = self.primary(functional.relu(self.conv(x)))
        capsules = _squashed(planes.view(len(x), 32, 8, 36).transpose(2, 3).reshape(len(x), 1152, 8))
        predicted = torch.einsum("ijed,nid->nije", self.weight, capsules)
        logits = torch.zeros(len(x), 1152, 10)
        for iteration in range(3):
            digits = _squashed((logits.softmax(dim=2).unsqueeze(-1) * predicted).sum(dim=1))
            if iteration < 2:
                logits = logits + (predicted * digits.unsqueeze(1)).sum(dim=-1)
        shown = functional.one_hot(labels, 10).float()
        lengths = digits.norm(dim=2)
        margin = shown * (0.9 - lengths).relu().square() + 0.5 * (1 - shown) * (lengths - 0.1).relu().square()
        drawn = self.decoder((digits * shown.unsqueeze(-1)).flatten(1))
        loss: torch.Tensor = (margin.sum(dim=1) + 0.0005 * (drawn - x.flatten(1)).square().sum(dim=1)).mean()
        return loss


class CapsNetSteps:
    """Training steps of PlainCapsNet with Adam, in float32."""

    def __init__(self, images: torch.Tensor, labels: torch.Tensor) -> None:
        """images: one batch, (N, 1, 28, 28) from 0 to 1."""
        torch.manual_seed(1)
        self.images, self.labels, self.network = images, labels, PlainCapsNet()
        self.optimizer = torch.optim.Adam(self.network.parameters())

    def step(self) -> None:
        self.optimizer.zero_grad()
        self.network(self.images, self.labels).backward()
        self.optimizer.step()
