# ruff: noqa: E501  (texts stand as people write them)
"""Texts as people paste them, by family: what is read has torch's shapes and number of parameters."""

from typing import Any

import pytest
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.layers.builders import capsule_network
from core.layers.calculator import analyze, totals
from core.layers.codegen.keras import keras_program
from core.layers.codegen.pytorch import Trained, pytorch_program
from core.layers.parse import ParseError, read
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.setting_checks import LayerError
from core.layers.specs import Activation, BatchNorm, Conv, Dropout, Flatten, GlobalPool, Linear, Network, Pool, Residual
from tests.examples import examples

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nfrom collections import OrderedDict\n"
Size = tuple[int, int, int]
GRAY, COLOR, LARGE = (1, 28, 28), (3, 32, 32), (3, 64, 64)

# Each defines `net`.
SEQUENTIALS: dict[str, tuple[str, Size]] = {
    "plain": ("net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))", GRAY),
    "nested": ("net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), nn.Sequential(nn.Flatten()))", COLOR),
    "ordered": (
        "net = nn.Sequential(OrderedDict([('a', nn.Conv2d(3, 5, 3)), ('b', nn.Tanh()), ('c', nn.MaxPool2d(3, 2))]))",
        COLOR,
    ),
    "ordered dict": ("net = nn.Sequential(OrderedDict({'a': nn.Conv2d(3, 5, 3), 'b': nn.ReLU6()}))", COLOR),
    "starred list": ("layers = [nn.Conv2d(3, 6, 3), nn.GELU()]\nnet = nn.Sequential(*layers)", COLOR),
    "starred in between": (
        "tail = (nn.Flatten(), nn.Linear(48, 2))\nnet = nn.Sequential(nn.AvgPool2d(8), *tail)",
        COLOR,
    ),
    "appended to a list": (
        "parts = []\nparts.append(nn.Conv2d(3, 6, 3))\nparts.extend([nn.ReLU(), nn.Dropout(0.1)])\n"
        "net = nn.Sequential(*parts)",
        COLOR,
    ),
    "list plus list": ("net = nn.Sequential(*([nn.Conv2d(3, 6, 3)] + [nn.ELU(), nn.SiLU()]))", COLOR),
    "list times number": ("net = nn.Sequential(*[nn.ReLU()] * 3)", COLOR),
    "comprehension": ("net = nn.Sequential(*[nn.Conv2d(3, 3, 3, padding=1) for _ in range(4)])", COLOR),
    "widths": (
        "widths = [3, 8, 16, 32]\n"
        "net = nn.Sequential(*[nn.Conv2d(a, b, 3, stride=2) for a, b in zip(widths[:-1], widths[1:])])",
        COLOR,
    ),
    "add_module": (
        "net = nn.Sequential()\nnet.add_module('conv', nn.Conv2d(3, 7, 5))\nnet.add_module('act', nn.Sigmoid())",
        COLOR,
    ),
    "append": ("net = nn.Sequential()\nnet.append(nn.Conv2d(3, 7, 5))\nnet.append(nn.LeakyReLU())", COLOR),
    "loop with names": (
        "net = nn.Sequential()\nfor i in range(3):\n    net.add_module(f'conv{i}', nn.Conv2d(3 if i == 0 else 4, 4, 3))",
        COLOR,
    ),
    "insert": ("net = nn.Sequential(nn.ReLU())\nnet.insert(0, nn.Conv2d(3, 2, 1))", COLOR),
    "slice": ("whole = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Flatten())\nnet = whole[:2]", COLOR),
    "keywords": (
        "net = nn.Sequential(nn.Conv2d(in_channels=3, out_channels=8, kernel_size=(3, 5), stride=(2, 1), "
        "padding=(1, 2), dilation=1, groups=1, bias=False))",
        COLOR,
    ),
    "kwargs": (
        "same = dict(kernel_size=3, padding=1)\nnet = nn.Sequential(nn.Conv2d(3, 8, **{'kernel_size': 3}))",
        COLOR,
    ),
    "arithmetic": (
        "k = 5\nhidden = 16\nnet = nn.Sequential(nn.Conv2d(3, hidden * 2, k, padding=(k - 1) // 2), nn.Flatten(), "
        "nn.Linear(hidden * 2 * 32 ** 2, hidden))",
        COLOR,
    ),
    "powers": ("net = nn.Sequential(*[nn.Conv2d(3 if i == 0 else 2**(i+2), 2**(i+3), 3) for i in range(3)])", COLOR),
    "mlp with flatten": (
        "net = nn.Sequential(nn.Flatten(), nn.Linear(28*28, 512), nn.ReLU(), nn.Linear(512, 10))",
        GRAY,
    ),
    "depthwise": ("c = 3\nnet = nn.Sequential(nn.Conv2d(c, c, 3, groups=c), nn.Conv2d(c, 9, 1))", COLOR),
    "transposed": ("net = nn.Sequential(nn.ConvTranspose2d(3, 4, 4, 2, 1), nn.ConvTranspose2d(4, 1, 2, 2))", COLOR),
    "dilated": ("net = nn.Sequential(nn.Conv2d(3, 4, 3, dilation=2, padding='same'))", COLOR),
    "ceil": ("net = nn.Sequential(nn.MaxPool2d(3, stride=2, ceil_mode=True), nn.AvgPool2d(2, ceil_mode=True))", LARGE),
    "adaptive": (
        "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d((2, 3)), nn.AdaptiveMaxPool2d(1))",
        COLOR,
    ),
    "adaptive with None": ("net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d((None, 7)))", COLOR),
    "function": (
        "def block(i, o):\n    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())\n"
        "net = nn.Sequential(block(3, 8), nn.MaxPool2d(2), block(8, 16))",
        COLOR,
    ),
    "function of a list": (
        "def block(i, o, n=2):\n    out = []\n    for j in range(n):\n        out += [nn.Conv2d(i if j == 0 else o, o, 3)]\n"
        "    return out\nnet = nn.Sequential(*block(3, 8), *block(8, 4, n=1))",
        COLOR,
    ),
    "lambda": ("conv = lambda i, o: nn.Conv2d(i, o, 3)\nnet = nn.Sequential(conv(3, 8), conv(8, 8))", COLOR),
    "activation by name": ("act = nn.ReLU\nnet = nn.Sequential(nn.Conv2d(3, 8, 3), act(), act(inplace=True))", COLOR),
    "table of activations": (
        "acts = {'relu': nn.ReLU, 'tanh': nn.Tanh}\nnet = nn.Sequential(nn.Conv2d(3, 8, 3), acts['tanh']())",
        COLOR,
    ),
    "to a device": (
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'\nnet = nn.Sequential(nn.Conv2d(3, 8, 3)).to('cpu').eval()",
        COLOR,
    ),
    "condition": (
        "bn = True\nnet = nn.Sequential(nn.Conv2d(3, 8, 3, bias=not bn), nn.BatchNorm2d(8) if bn else nn.Identity())",
        COLOR,
    ),
    "batch norms": (
        "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, eps=1e-3, momentum=0.01), nn.Flatten(), nn.BatchNorm1d(3600))",
        COLOR,
    ),
    "padding mode": ("net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, padding_mode='reflect'))", COLOR),
    "slopes": ("net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(0.2, inplace=True), nn.ELU(alpha=0.5))", COLOR),
    "pad not counted": ("net = nn.Sequential(nn.AvgPool2d(3, 2, 1, count_include_pad=False))", COLOR),
    "device and type": ("net = nn.Sequential(nn.Conv2d(3, 4, 3, device='cpu', dtype=torch.float32))", COLOR),
    "near activations": (
        "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Hardswish(), nn.Mish(), nn.SELU(), nn.Softplus())",
        COLOR,
    ),
    "near dropouts": ("net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout2d(0.2), nn.AlphaDropout(p=0.1))", COLOR),
    "near softmax": (
        "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softmax2d(), nn.Flatten(), nn.LogSoftmax(dim=1))",
        COLOR,
    ),
    "identity": ("net = nn.Sequential(nn.Identity(54, unused=0.1), nn.Conv2d(3, 4, 3), nn.Identity())", COLOR),
    "zero padding": (
        "net = nn.Sequential(nn.ZeroPad2d(2), nn.Conv2d(3, 4, 5), nn.ReflectionPad2d((1, 1, 2, 2)), nn.Conv2d(4, 4, 3))",
        COLOR,
    ),
    "group norm": ("net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(4, 8), nn.InstanceNorm2d(8))", COLOR),
    "imported names": ("from torch.nn import Conv2d, Sequential as S, ReLU\nnet = S(Conv2d(3, 8, 3), ReLU())", COLOR),
    "renamed modules": ("import torch.nn as tnn\nnet = tnn.Sequential(tnn.Conv2d(3, 8, 3), torch.nn.ReLU())", COLOR),
    "alexnet": (
        "net = nn.Sequential(nn.Conv2d(1, 96, 11, stride=4, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2), "
        "nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2), nn.Flatten(), nn.Linear(36864, 10))",
        (1, 224, 224),
    ),
}

# Each is the body of a class with what its forward returns.
CLASSES: dict[str, tuple[str, str, Size]] = {
    "tutorial": (
        "self.conv1 = nn.Conv2d(3, 6, 5)\nself.pool = nn.MaxPool2d(2, 2)\nself.conv2 = nn.Conv2d(6, 16, 5)\n"
        "self.fc1 = nn.Linear(16 * 5 * 5, 120)\nself.fc2 = nn.Linear(120, 10)",
        "x = self.pool(F.relu(self.conv1(x)))\nx = self.pool(F.relu(self.conv2(x)))\nx = torch.flatten(x, 1)\n"
        "x = F.relu(self.fc1(x))\nreturn self.fc2(x)",
        COLOR,
    ),
    "view": (
        "self.conv = nn.Conv2d(3, 16, 5)\nself.fc = nn.Linear(16*14*14, 10)",
        "x = F.max_pool2d(torch.relu(self.conv(x)), 2)\nx = x.view(-1, 16 * 14 * 14)\nreturn F.log_softmax(self.fc(x), dim=1)",
        COLOR,
    ),
    "view of size": (
        "self.conv = nn.Conv2d(1, 4, 3)\nself.fc = nn.Linear(4 * 26 * 26, 10)",
        "y = self.conv(x)\ny = y.view(y.size(0), -1)\nreturn self.fc(y)",
        GRAY,
    ),
    "reshape of shape": (
        "self.conv = nn.Conv2d(1, 4, 3)\nself.fc = nn.Linear(4 * 26 * 26, 10)",
        "y = self.conv(x).relu()\ny = y.reshape(y.shape[0], -1)\nreturn self.fc(y).softmax(dim=1)",
        GRAY,
    ),
    "mnist": (
        "self.conv1 = nn.Conv2d(1, 32, 3, 1)\nself.conv2 = nn.Conv2d(32, 64, 3, 1)\nself.dropout1 = nn.Dropout(0.25)\n"
        "self.fc1 = nn.Linear(9216, 128)\nself.fc2 = nn.Linear(128, 10)",
        "x = self.conv1(x)\nx = F.relu(x)\nx = self.conv2(x)\nx = F.relu(x)\nx = F.max_pool2d(x, 2)\nx = self.dropout1(x)\n"
        "x = torch.flatten(x, 1)\nx = self.fc1(x)\nx = F.relu(x)\nx = self.fc2(x)\noutput = F.log_softmax(x, dim=1)\nreturn output",
        GRAY,
    ),
    "quickstart": (
        "self.flatten = nn.Flatten()\nself.stack = nn.Sequential(nn.Linear(28*28, 64), nn.ReLU(), nn.Linear(64, 10))",
        "x = self.flatten(x)\nlogits = self.stack(x)\nreturn logits",
        GRAY,
    ),
    "two stacks": (
        "self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2))\n"
        "self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(8 * 16 * 16, 10))",
        "x = self.features(x)\nx = x.flatten(1)\nreturn self.classifier(x)",
        COLOR,
    ),
    "global mean": (
        "self.conv = nn.Conv2d(3, 8, 3)\nself.fc = nn.Linear(8, 10)",
        "x = F.relu(self.conv(x))\nx = x.mean(dim=[2, 3])\nreturn self.fc(x)",
        COLOR,
    ),
    "adaptive and squeeze": (
        "self.conv = nn.Conv2d(3, 8, 3)\nself.fc = nn.Linear(8, 10)",
        "x = F.adaptive_avg_pool2d(self.conv(x), (1, 1))\nreturn self.fc(x.squeeze(-1).squeeze(-1))",
        COLOR,
    ),
    "residual": (
        "self.stem = nn.Conv2d(3, 8, 3, padding=1)\n"
        "self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))",
        "x = self.stem(x)\nx = F.relu(x + self.body(x))\nreturn x",
        COLOR,
    ),
    "residual in place": (
        "self.a = nn.Conv2d(3, 3, 3, padding=1)\nself.skip = nn.Conv2d(3, 3, 1)",
        "identity = x\nout = self.a(x)\nif self.skip is not None:\n    identity = self.skip(x)\nout += identity\nreturn out",
        COLOR,
    ),
    "module list": (
        "self.layers = nn.ModuleList([nn.Conv2d(3, 3, 3) for _ in range(3)])",
        "for layer in self.layers:\n    x = F.relu(layer(x))\nreturn x",
        COLOR,
    ),
    "enumerated list": (
        "self.layers = nn.ModuleList()\nfor i in range(2):\n    self.layers.append(nn.Conv2d(3, 3, 3))",
        "for i, layer in enumerate(self.layers):\n    x = layer(x)\n    if i < len(self.layers) - 1:\n        x = torch.tanh(x)\nreturn x",
        COLOR,
    ),
    "dropout of training": (
        "self.fc = nn.Linear(3072, 10)",
        "x = torch.flatten(x, start_dim=1)\nx = F.dropout(x, p=0.3, training=self.training)\nreturn self.fc(x)",
        COLOR,
    ),
    "initialized": (
        "self.conv = nn.Conv2d(3, 4, 3)\nfor m in self.modules():\n    if isinstance(m, nn.Conv2d):\n"
        "        nn.init.kaiming_normal_(m.weight)\nself.out = nn.Linear(self.conv.out_channels, 2)",
        "return self.out(self.conv(x).mean((2, 3)))",
        COLOR,
    ),
    "helper method": (
        "self.conv = nn.Conv2d(3, 4, 3)\nself.fc = nn.Linear(3600, 2)",
        "def head(x):\n    return self.fc(x)\nx = self.conv(x)\nx = x.view(-1, self.flat(x))\nreturn head(x)",
        COLOR,
    ),
    "added by torch": ("self.c = nn.Conv2d(3, 3, 3, padding=1)", "return torch.add(x, self.c(x))", COLOR),
}


def as_class(body: str, forward: str) -> str:
    """A network with these lines."""
    inside = "".join(f"        {line}\n" for line in body.split("\n"))
    way = "".join(f"        {line}\n" for line in forward.split("\n"))
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super(Net, self).__init__()\n"
        f"{inside}\n    def flat(self, x):\n        n = 1\n        for s in x.size()[1:]:\n            n *= s\n"
        f"        return n\n\n    def forward(self, x):\n{way}\nnet = Net()\n"
    )


def compare(text: str, shape: Size, *, less: int = 0) -> None:
    names: dict[str, Any] = {}
    exec(HEAD + text, names)  # the tests' own texts
    net: nn.Module = names["net"].eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        output = net(torch.zeros(2, *shape))
    found = read(HEAD + text, shape)
    rows = analyze(found.layers, found.input_shape)
    assert found.input_shape == shape
    assert rows[-1].output_shape == tuple(output.shape[1:])
    assert totals(rows).parameters + less == sum(values.numel() for values in net.parameters())
    assert 2 * 2 * totals(rows).macs == counter.get_total_flops()  # of two pictures, two operations each


@pytest.mark.parametrize("name", SEQUENTIALS)
def test_a_sequential_is_read_as_torch_builds_it(name: str) -> None:
    compare(*SEQUENTIALS[name])


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_read_as_torch_runs_it(name: str) -> None:
    body, forward, shape = CLASSES[name]
    compare(as_class(body, forward), shape)


VGG = """
cfg = {'A': [8, 'M', 16, 16, 'M'], 'B': [8, 'M']}
def make_layers(cfg, batch_norm=False):
    layers = []
    in_channels = 3
    for v in cfg:
        if v == 'M':
            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
        else:
            conv = nn.Conv2d(in_channels, v, kernel_size=3, padding=1)
            layers += [conv, nn.BatchNorm2d(v), nn.ReLU(inplace=True)] if batch_norm else [conv, nn.ReLU(inplace=True)]
            in_channels = v
    return nn.Sequential(*layers)

class VGG(nn.Module):
    def __init__(self, features, num_classes=10):
        super().__init__()
        self.features = features
        self.classifier = nn.Linear(16 * 8 * 8, num_classes)

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))

net = VGG(make_layers(cfg['A'], batch_norm=True))
"""
RESNET = """
class Block(nn.Module):
    expansion = 2

    def __init__(self, inplanes, planes, stride=1):
        super(Block, self).__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes * self.expansion, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes * self.expansion)
        self.downsample = None
        if stride != 1 or inplanes != planes * Block.expansion:
            self.downsample = nn.Sequential(nn.Conv2d(inplanes, planes * 2, 1, stride), nn.BatchNorm2d(planes * 2))

    def forward(self, x):
        identity = x
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return F.relu(out)

class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=10):
        super().__init__()
        self.inplanes = 8
        self.conv1 = nn.Conv2d(3, 8, 3, 1, 1)
        self.layer1 = self._make_layer(block, 8, layers[0])
        self.layer2 = self._make_layer(block, 16, layers[1], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(16 * block.expansion, num_classes)

    def _make_layer(self, block, planes, blocks, stride=1):
        layers = [block(self.inplanes, planes, stride)]
        self.inplanes = planes * block.expansion
        for _ in range(1, blocks):
            layers.append(block(self.inplanes, planes))
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.layer2(self.layer1(self.conv1(x)))
        x = self.avgpool(x)
        return self.fc(torch.flatten(x, 1))

def small(**kwargs):
    return ResNet(Block, [2, 1], **kwargs)

net = small(num_classes=5)
"""
SUBCLASS = """
class ConvBlock(nn.Sequential):
    def __init__(self, i, o, *, stride=1):
        super().__init__(nn.Conv2d(i, o, 3, stride, 1), nn.BatchNorm2d(o), nn.ReLU())

class Base(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.stem = ConvBlock(3, width, stride=2)

class Net(Base):
    def __init__(self, width=4):
        super().__init__(width)
        self.more = ConvBlock(width, 2 * width)

    def forward(self, x):
        return self.more(self.stem(x))

net = Net()
"""


@pytest.mark.parametrize("text", [VGG, RESNET, SUBCLASS], ids=["vgg", "resnet", "subclass"])
def test_a_program_of_several_parts_is_read_as_torch_runs_it(text: str) -> None:
    compare(text, COLOR)


def test_blocks_are_residual() -> None:
    layers = read(HEAD + RESNET).layers
    blocks = [layer for layer in layers if isinstance(layer, Residual)]
    assert [len(block.body) for block in blocks] == [5, 5, 5]
    assert [len(block.shortcut) for block in blocks] == [2, 0, 2]


SMALL = (Conv(8, 3), Activation("relu"))
CODE = "net = nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.ReLU(),\n)"
WRAPPED = {
    "fences": f"Here it is:\n\n```python\n{CODE}\n```\n\nWhat's wrong with it?",
    "fences without a language": f"```\n{CODE}\n```",
    "prompt": "\n".join(f"{'>>>' if not n else '...'} {line}" for n, line in enumerate(CODE.split("\n"))),
    "prompt with its answer": ">>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())\n>>> net(x).shape\ntorch.Size([1, 8])",
    "curly quotes": "name = “small”\n" + CODE + "\nprint(‘done’)",
    "tabs": CODE.replace("    ", "\t"),
    "indented": "\n".join(f"        {line}" for line in CODE.split("\n")),
    "notebook": "%matplotlib inline\n!pip install torch\n" + CODE,
    "carriage returns": CODE.replace("\n", "\r\n"),
    "attribute": "self." + CODE,
    "annotated": CODE.replace("net =", "net: nn.Module ="),
    "device": CODE + ".to(device)",
    "training": CODE
    + "\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nfor x, y in loader:\n    loss = F.cross_entropy(net(x), y)\n"
    "    loss.backward()\n    opt.step()\nwith torch.no_grad():\n    print(net(x))\n",
    "loss beside it": CODE + "\ncriterion = nn.CrossEntropyLoss()\n",
    "eval": CODE + "\nnet.eval()",
    "main": "def main():\n    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())\n    train(net)\n\nif __name__ == '__main__':\n    main()",
    "returned": "def make():\n    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())",
    "only the layers": "nn.Conv2d(3, 8, 3),\nnn.ReLU(),",
    "one layer a line": "nn.Conv2d(3, 8, 3)\nnn.ReLU()",
    "a list": "layers = [nn.Conv2d(3, 8, 3), nn.ReLU()]",
    "two parts": "features = nn.Sequential(nn.Conv2d(3, 8, 3))\nclassifier = nn.Sequential(nn.ReLU())",
    "two parts used": "b = nn.Sequential(nn.ReLU())\na = nn.Sequential(nn.Conv2d(3, 8, 3))\nout = b(a(torch.randn(1, 3, 32, 32)))",
    "parallel": CODE + "\nnet = nn.DataParallel(net)",
    "lazy": "net = nn.Sequential(nn.LazyConv2d(8, 3), nn.ReLU())",
    "no instance": "class Net(nn.Module):\n  def __init__(self):\n    super().__init__()\n    self.c = nn.Conv2d(3, 8, 3)\n"
    "  def forward(self, x):\n    return F.relu(self.c(x))",
    "methods alone": "def __init__(self):\n    super().__init__()\n    self.c = nn.Conv2d(3, 8, 3)\n"
    "def forward(self, x):\n    return F.relu(self.c(x))",
    "no forward": "class Net(nn.Module):\n  def __init__(self):\n    super().__init__()\n    self.c = nn.Conv2d(3, 8, 3)\n    self.r = nn.ReLU()",
    "d2l": "class Net(d2l.Classifier):\n  def __init__(self, lr=0.1):\n    super().__init__()\n    self.save_hyperparameters()\n"
    "    self.net = nn.Sequential(nn.LazyConv2d(8, 3), nn.ReLU())",
    "printed": "Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (1): ReLU()\n)",
    "printed class": "Net(\n  (body): Sequential(\n    (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n"
    "    (1): ReLU(inplace=True)\n  )\n)",
    "keras": "model = keras.Sequential([layers.Conv2D(8, 3, activation='relu', input_shape=(32, 32, 3))])",
    "keras add": "model = Sequential()\nmodel.add(Conv2D(8, (3, 3), input_shape=(32, 32, 3)))\nmodel.add(Activation('relu'))",
    "keras functional": "inputs = keras.Input((32, 32, 3))\nx = layers.Conv2D(8, 3)(inputs)\nx = layers.ReLU()(x)\n"
    "model = keras.Model(inputs=inputs, outputs=x)",
    "tensorflow": "import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.InputLayer((32, 32, 3)),\n"
    "    tf.keras.layers.Conv2D(8, 3, activation=tf.nn.relu)])",
}


@pytest.mark.parametrize("name", WRAPPED)
def test_what_stands_around_a_network_is_passed_over(name: str) -> None:
    found = read(WRAPPED[name], (3, 32, 32))
    assert (found.layers, found.input_shape) == (SMALL, (3, 32, 32))


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", None, (1, 28, 28)),
        ("nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", (3, 32, 32), (1, 28, 28)),
        ("nn.Sequential(nn.Linear(3072, 10))", (1, 28, 28), (3, 32, 32)),
        ("nn.Sequential(nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(2304, 10))", None, (1, 28, 28)),
        ("nn.Sequential(nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(2304, 10))", (3, 32, 32), (1, 28, 28)),
        ("nn.Sequential(nn.Conv2d(1, 4, 5))", (3, 20, 30), (1, 20, 30)),
        ("net = nn.Sequential(nn.Conv2d(1, 4, 5))\nnet(torch.randn(8, 1, 40, 50))", None, (1, 40, 50)),
        ("nn.Sequential(nn.Linear(10, 2))", None, (10, 1, 1)),
    ],
)
def test_the_pictures_size_comes_from_the_text(text: str, known: Size | None, expected: Size) -> None:
    assert read(text, known).input_shape == expected


def test_the_pictures_size_is_asked_for_where_nothing_says_it() -> None:
    with pytest.raises(ParseError, match="how large"):
        read("nn.Sequential(nn.Conv2d(1, 4, 5))")


def test_what_was_left_out_is_said() -> None:
    found = read("nn.Sequential(nn.Conv2d(3, 4, 3, padding_mode='circular'), nn.RReLU(), nn.Dropout1d())", COLOR)
    assert found.layers == (Conv(4, 3), Activation("leaky_relu"), Dropout(0.5))
    for word in ("padding_mode", "RReLU", "Dropout1d"):
        assert any(word in note for note in found.notes)


def test_all_faults_are_told() -> None:
    text = (
        "nn.Sequential(\n nn.Conv2d(3, 8, 3),\n nn.ReLu(),\n nn.Conv2d(16, 8, 3, striding=2),\n nn.Maxpool2d(2),\n"
        " nn.Dropout('a'),\n nn.LSTM(4, 4),\n nn.Linear(5, -1))"
    )
    with pytest.raises(ParseError) as caught:
        read(text, COLOR)
    faults = caught.value.faults
    assert [fault.partition(":")[0] for fault in faults] == [f"line {line}" for line in (3, 4, 5, 6, 7, 8)]
    assert "ReLU" in faults[0]
    assert "MaxPool2d" in faults[2]


@pytest.mark.parametrize(
    ("forward", "line"),
    [
        ("return torch.cat([x, self.c(x)], 1)", 9),
        ("y = self.c(x)\nreturn x * y", 10),
        ("return F.grid_sample(self.c(x), x)", 9),
        ("y = self.c(x)\nif y.sum() > 0:\n    y = F.relu(y)\nreturn y", 10),
        ("for _ in range(steps):\n    x = self.c(x)\nreturn x", 9),
        ("return self.other(x)", 9),
        ("x = self.c(x)\nreturn x.permute(0, 2, 3, 1)", 10),
    ],
)
def test_a_branch_that_cannot_be_followed_is_named_by_its_line(forward: str, line: int) -> None:
    way = "".join(f"        {part}\n" for part in forward.split("\n"))
    text = (
        "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.c = nn.Conv2d(3, 3, 1)\n"
        f"    def forward(self, x):\n{way}"
    )
    with pytest.raises(ParseError) as caught:
        read(text, COLOR)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "x = 9\nwhile True:\n    x = x * x",
        "for a in range(10**9):\n    pass",
        "x = [0] * 10**9",
        "x = [1]\nfor i in range(100):\n    x = x + x\n",
        "x = 'a' * 10**9",
        "x = 9 ** 9 ** 9 ** 9",
        "def f(n):\n    return f(n)\nf(1)",
        "a = [[[0 for i in range(999)] for j in range(999)] for k in range(999)]",
        "class A(A): pass",
        "class A:\n  def __init__(self): A()\nA()",
        "def f():\n    f()\n    f()\nf()",
        "nn.Sequential(*[nn.ReLU()] * 5000)",
        "Net: 1-1 [1, 10] 5\nLinear: 1-1 [] 10\nConv2d: 1-2 [1, 0, 0, 0] 0",
        "Linear: 1-1 [1, 0] 10\nConv2d: 1-2 [1, 2] 0",
        "nn.Sequential(nn.Linear(10**11, 8))",
        "s = nn.Sequential()\ns.append(s)",
        "import os\nos.system('x')\n__import__('os').abort()\nexec('1/0')\nopen('/etc/passwd')",
        "l = []\nl.append(l)\nnn.Sequential(*l)",
        "f'{9**9**9:>99999999}'",
        "x = 2\n" + "x = x ** 9\n" * 50,
        "import itertools\nx = [0] * 9999\nlist(itertools.chain(*[x] * 9999))",
        "x = [0] * 9999\nsum([x] * 9999, [])",
        "while True:\n    pass",
        "class A:\n    x: int = 1\na = A(A(A(1)))\nnn.Linear(a, 1)",
        "x = torch.zeros(1, 3, 8, 8)\nx.view(-1).numel()",
    ],
)
def test_work_and_size_have_limits(text: str) -> None:
    with pytest.raises(ParseError):
        read(text, COLOR)


def test_the_parts_of_keras_are_read() -> None:
    text = (
        "model = keras.models.Sequential([\n keras.Input(shape=(28, 28, 1)),\n layers.Conv2D(4, 3, padding='same', strides=1),\n"
        " layers.BatchNormalization(),\n layers.MaxPooling2D((2, 2)),\n layers.Conv2D(8, 3, strides=2, padding='same'),\n"
        " layers.GlobalAveragePooling2D(),\n layers.Dropout(0.5),\n layers.Dense(10, activation='softmax'),\n])"
    )
    found = read(text)
    assert found.input_shape == (1, 28, 28)
    assert found.layers == (
        Conv(4, 3, padding=1),
        BatchNorm(),
        Pool("max", 2),
        Conv(8, 3, 2, 1),
        GlobalPool(),
        Flatten(),
        Dropout(0.5),
        Linear(10),
        Activation("softmax"),
    )


@pytest.mark.parametrize(
    "name", ["resnet18", "models.vgg16(pretrained=True)", "torchvision.models.alexnet()", "LeNet-5"]
)
def test_names_of_known_networks_are_read(name: str) -> None:
    assert len(read(name).layers) > 9


TABLES = {
    "torchinfo": """
==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
Net                                      [1, 10]                   --
├─Sequential: 1-1                        [1, 8, 14, 14]            --
│    └─Conv2d: 2-1                       [1, 8, 28, 28]            208
│    └─ReLU: 2-2                         [1, 8, 28, 28]            --
│    └─MaxPool2d: 2-3                    [1, 8, 14, 14]            --
├─Linear: 1-2                            [1, 10]                   15,690
==========================================================================================
Total params: 15,898
""",
    "torchsummary": """
----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1            [-1, 8, 28, 28]             208
              ReLU-2            [-1, 8, 28, 28]               0
         MaxPool2d-3            [-1, 8, 14, 14]               0
           Flatten-4                 [-1, 1568]               0
            Linear-5                   [-1, 10]          15,690
================================================================
""",
    "keras": """
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                 │ (None, 28, 28, 8)      │           208 │
│ re_lu (ReLU)                    │ (None, 28, 28, 8)      │             0 │
│ max_pooling2d (MaxPooling2D)    │ (None, 14, 14, 8)      │             0 │
│ flatten (Flatten)               │ (None, 1568)           │             0 │
│ dense (Dense)                   │ (None, 10)             │        15,690 │
""",
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("known", [None, GRAY])
def test_a_table_of_shapes_is_read_as_a_guess(name: str, known: Size | None) -> None:
    found = read(TABLES[name], known)
    assert found.input_shape == GRAY
    assert found.layers == (Conv(8, 5, padding=2), Activation("relu"), Pool("max", 2), Flatten(), Linear(10))
    assert "guess" in found.notes[0]


def test_a_row_that_no_layer_gives_is_named() -> None:
    with pytest.raises(ParseError, match="line 5"):
        read(TABLES["torchsummary"].replace(" 208", " 209"), GRAY)


@pytest.mark.parametrize(
    ("name", "famous"), [("resnet18", "resnet-18-whole"), ("vgg16", "vgg-16"), ("alexnet", "alexnet")]
)
def test_torchvisions_printed_networks_are_read(name: str, famous: str) -> None:
    with torch.device("meta"):
        net = getattr(torchvision.models, name)()
    known = REFERENCE_NETWORKS[famous]
    rows = analyze(read(repr(net), known.input_shape).layers, known.input_shape)
    assert totals(rows).parameters == sum(values.numel() for values in net.parameters())
    assert totals(rows).macs == totals(analyze(known.layers, known.input_shape)).macs


def test_a_printed_bottleneck_is_a_block() -> None:
    with torch.device("meta"):
        net = torchvision.models.resnet50()
    rows = analyze(read(repr(net), (3, 224, 224)).layers, (3, 224, 224))
    assert totals(rows).parameters == 25_557_032


@pytest.mark.parametrize("name", [name for name in REFERENCE_NETWORKS if name != "capsnet"])
def test_what_the_app_exports_for_keras_is_read_back(name: str) -> None:
    famous = REFERENCE_NETWORKS[name]
    found = read(keras_program(famous.layers, famous.input_shape))
    assert (found.layers, found.input_shape) == (famous.layers, famous.input_shape)


@examples(100)
@given(data=st.data())
def test_any_keras_program_of_the_app_is_read_back(
    stacks: st.SearchStrategy[tuple[Network, tuple[int, int, int]]], data: st.DataObject
) -> None:
    layers, shape = data.draw(stacks)
    try:
        code, rows = keras_program(layers, shape), analyze(layers, shape)
    except LayerError:
        return
    found = read(code)
    assert found.input_shape == shape
    again = analyze(found.layers, shape)
    assert [row.output_shape for row in again] == [row.output_shape for row in rows]
    assert [row.parameters for row in again] == [row.parameters for row in rows]
    assert totals(again).macs == totals(rows).macs


@pytest.mark.parametrize("views", ["none", "mirror", "mirror+shift"])
def test_a_trained_networks_program_is_read_back(views: str) -> None:
    for layers, shape in ((REFERENCE_NETWORKS["lenet-5"].layers, (1, 32, 32)), (capsule_network(), GRAY)):
        found = read(pytorch_program(layers, shape, trained=Trained("w.safetensors", [0.1], [0.3], views=views)))
        assert (found.layers, found.input_shape) == (layers, shape)


def test_a_printed_layer_that_is_used_twice_is_no_guess() -> None:
    text = (
        "Net(\n  (conv1): Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1))\n  (pool): MaxPool2d(kernel_size=2, stride=2)\n"
        "  (conv2): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))\n"
        "  (fc1): Linear(in_features=400, out_features=10, bias=True)\n)"
    )
    with pytest.raises(ParseError, match="line 5"):
        read(text, COLOR)


def test_a_librarys_network_in_a_program_is_named() -> None:
    with pytest.raises(ParseError, match="line 2: resnet18"):
        read("from torchvision import models\nmodel = models.resnet18()\nmodel.fc = nn.Linear(512, 10)", COLOR)
