# ruff: noqa: E501  (texts stand as people write them)
"""Everyday programs, tables and answers of chat assistants, each with something that programs do about a network."""

import pytest

from core.layers.calculator import analyse, totals
from core.layers.parse import ParseError, read
from core.layers.specs import Conv, Network, Pad, PadKind, Residual
from tests.layers.test_parse_corpus import COLOR, GRAY, HEAD, Size, compare

# Each defines `net`, and is compared with what torch runs.
PROGRAMS: dict[str, tuple[str, Size]] = {
    "timm block": (
        """
class DropPath(nn.Module):
    def __init__(self, drop_prob: float = 0., scale_by_keep: bool = True):
        super(DropPath, self).__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        if self.drop_prob == 0. or not self.training:
            return x
        keep = 1 - self.drop_prob
        mask = x.new_empty((x.shape[0], 1, 1, 1)).bernoulli_(keep)
        return x * mask / keep

class BasicBlock(nn.Module):
    expansion = 1
    def __init__(self, inplanes, planes, stride=1, downsample=None, act_layer=nn.ReLU, norm_layer=nn.BatchNorm2d, attn_layer=None, aa_layer=None, drop_path=0.):
        super().__init__()
        outplanes = planes * self.expansion
        self.conv1 = nn.Conv2d(inplanes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = norm_layer(planes)
        self.drop_block = nn.Identity()
        self.act1 = act_layer(inplace=True)
        self.aa = aa_layer(channels=planes, stride=stride) if aa_layer is not None else nn.Identity()
        self.conv2 = nn.Conv2d(planes, outplanes, kernel_size=3, padding=1, bias=False)
        self.bn2 = norm_layer(outplanes)
        self.se = attn_layer(outplanes) if attn_layer else None
        self.act2 = act_layer(inplace=True)
        self.downsample = downsample
        self.drop_path = DropPath(drop_path) if drop_path > 0. else nn.Identity()

    def zero_init_last(self):
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        shortcut = x
        x = self.conv1(x)
        x = self.bn1(x)
        x = self.drop_block(x)
        x = self.act1(x)
        x = self.aa(x)
        x = self.conv2(x)
        x = self.bn2(x)
        if self.se is not None:
            x = self.se(x)
        x = self.drop_path(x)
        if self.downsample is not None:
            shortcut = self.downsample(shortcut)
        x += shortcut
        x = self.act2(x)
        return x

net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), BasicBlock(8, 8), BasicBlock(8, 16, 2, nn.Sequential(nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False), nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16)), act_layer=nn.SiLU), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
""",
        COLOR,
    ),
    "droppath used": (
        """
class DropPath(nn.Module):
    def __init__(self, drop_prob: float = 0., scale_by_keep: bool = True):
        super(DropPath, self).__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        if self.drop_prob == 0. or not self.training:
            return x
        keep = 1 - self.drop_prob
        mask = x.new_empty((x.shape[0], 1, 1, 1)).bernoulli_(keep)
        return x * mask / keep

class BasicBlock(nn.Module):
    expansion = 1
    def __init__(self, inplanes, planes, stride=1, downsample=None, act_layer=nn.ReLU, norm_layer=nn.BatchNorm2d, attn_layer=None, aa_layer=None, drop_path=0.):
        super().__init__()
        outplanes = planes * self.expansion
        self.conv1 = nn.Conv2d(inplanes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = norm_layer(planes)
        self.drop_block = nn.Identity()
        self.act1 = act_layer(inplace=True)
        self.aa = aa_layer(channels=planes, stride=stride) if aa_layer is not None else nn.Identity()
        self.conv2 = nn.Conv2d(planes, outplanes, kernel_size=3, padding=1, bias=False)
        self.bn2 = norm_layer(outplanes)
        self.se = attn_layer(outplanes) if attn_layer else None
        self.act2 = act_layer(inplace=True)
        self.downsample = downsample
        self.drop_path = DropPath(drop_path) if drop_path > 0. else nn.Identity()

    def zero_init_last(self):
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        shortcut = x
        x = self.conv1(x)
        x = self.bn1(x)
        x = self.drop_block(x)
        x = self.act1(x)
        x = self.aa(x)
        x = self.conv2(x)
        x = self.bn2(x)
        if self.se is not None:
            x = self.se(x)
        x = self.drop_path(x)
        if self.downsample is not None:
            shortcut = self.downsample(shortcut)
        x += shortcut
        x = self.act2(x)
        return x

net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), BasicBlock(8, 8, drop_path=0.1), BasicBlock(8, 16, 2, nn.Sequential(nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False), nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16)), act_layer=nn.SiLU), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
""",
        COLOR,
    ),
    "dataclass": (
        """
from dataclasses import dataclass, field
@dataclass
class Config:
    in_ch: int = 3
    widths: tuple = (8, 16)
    kernel: int = 3
    classes: int = 7
    blocks: list = field(default_factory=lambda: [1, 2])

class Net(nn.Module):
    def __init__(self, cfg: Config):
        super().__init__()
        self.cfg = cfg
        layers = []
        c = cfg.in_ch
        for w, n in zip(cfg.widths, cfg.blocks):
            for _ in range(n):
                layers += [nn.Conv2d(c, w, cfg.kernel, padding=cfg.kernel // 2), nn.BatchNorm2d(w), nn.ReLU()]
                c = w
            layers.append(nn.MaxPool2d(2))
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(c, cfg.classes)
    def forward(self, x):
        return self.head(self.body(x).mean([2, 3]))

cfg = Config(classes=5)
net = Net(cfg)
""",
        COLOR,
    ),
    "walrus fstring": (
        """
class Net(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        self.depth = depth
        c = 3
        for i in range(depth):
            setattr(self, f"conv{i}", nn.Conv2d(c, c := 4 * 2 ** i, 3, padding=1))
            self.add_module(f"bn{i}", nn.BatchNorm2d(c))
        self.out = nn.Linear(c, 10)
    def forward(self, x):
        for i in range(self.depth):
            x = F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
            x = F.max_pool2d(x, 2)
        return self.out(torch.mean(x, dim=(2, 3)))
net = Net()
""",
        COLOR,
    ),
    "module dict": (
        """
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.layers = nn.ModuleDict({
            "conv1": nn.Conv2d(3, 8, 3), "act": nn.ReLU(), "pool": nn.MaxPool2d(2)})
        self.layers["conv2"] = nn.Conv2d(8, 16, 3)
        self.heads = nn.ModuleDict([["fc", nn.Linear(16, 4)]])
    def forward(self, x):
        x = self.layers["pool"](self.layers["act"](self.layers["conv1"](x)))
        x = self.layers["act"](self.layers["conv2"](x))
        x = F.adaptive_avg_pool2d(x, output_size=1)
        return self.heads["fc"](x.reshape(x.size(0), -1))
net = Net()
""",
        COLOR,
    ),
    "module dict loop": (
        """
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.blocks = nn.ModuleDict()
        for i, (a, b) in enumerate([(3, 8), (8, 16)]):
            self.blocks[f"block_{i}"] = nn.Sequential(nn.Conv2d(a, b, 3), nn.ReLU())
    def forward(self, x):
        for name, block in self.blocks.items():
            x = block(x)
            if name.endswith("1"):
                x = F.max_pool2d(x, 2)
        return x
net = Net()
""",
        COLOR,
    ),
    "functional in full": (
        """
class Net(torch.nn.Module):
    def __init__(self):
        torch.nn.Module.__init__(self)
        self.c1 = torch.nn.Conv2d(in_channels=1, out_channels=10, kernel_size=5)
        self.c2 = torch.nn.Conv2d(10, 20, 5)
        self.drop = torch.nn.Dropout2d()
        self.l1 = torch.nn.Linear(320, 50)
        self.l2 = torch.nn.Linear(50, 10)
    def forward(self, input):
        x = torch.nn.functional.relu(torch.nn.functional.max_pool2d(self.c1(input), 2))
        x = nn.functional.relu(nn.functional.max_pool2d(input=self.drop(self.c2(x)), kernel_size=2))
        x = torch.flatten(input=x, start_dim=1)
        x = torch.nn.functional.relu(self.l1(x), inplace=True)
        x = torch.nn.functional.dropout(x, training=self.training)
        return torch.nn.functional.log_softmax(self.l2(x), dim=-1)
net = Net()
""",
        GRAY,
    ),
    "preact": (
        """
class PreActBlock(nn.Module):
    expansion = 1
    def __init__(self, in_planes, planes, stride=1):
        super(PreActBlock, self).__init__()
        self.bn1 = nn.BatchNorm2d(in_planes)
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        if stride != 1 or in_planes != self.expansion*planes:
            self.shortcut = nn.Sequential(nn.Conv2d(in_planes, self.expansion*planes, kernel_size=1, stride=stride, bias=False))
    def forward(self, x):
        out = F.relu(self.bn1(x))
        shortcut = self.shortcut(out) if hasattr(self, 'shortcut') else x
        out = self.conv1(out)
        out = self.conv2(F.relu(self.bn2(out)))
        out += shortcut
        return out
class Net(nn.Module):
    def __init__(self, block, num_blocks, num_classes=10):
        super(Net, self).__init__()
        self.in_planes = 8
        self.conv1 = nn.Conv2d(3, 8, kernel_size=3, stride=1, padding=1, bias=False)
        self.layer1 = self._make_layer(block, 8, num_blocks[0], stride=1)
        self.layer2 = self._make_layer(block, 16, num_blocks[1], stride=2)
        self.linear = nn.Linear(16*block.expansion, num_classes)
    def _make_layer(self, block, planes, num_blocks, stride):
        strides = [stride] + [1]*(num_blocks-1)
        layers = []
        for stride in strides:
            layers.append(block(self.in_planes, planes, stride))
            self.in_planes = planes * block.expansion
        return nn.Sequential(*layers)
    def forward(self, x):
        out = self.conv1(x)
        out = self.layer1(out)
        out = self.layer2(out)
        out = F.avg_pool2d(out, out.size()[2:])
        out = out.view(out.size(0), -1)
        out = self.linear(out)
        return out
net = Net(PreActBlock, [2,2])
""",
        COLOR,
    ),
    "autoencoder view": (
        """
class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc2 = nn.Linear(400, 7*7*8)
        self.up = nn.ConvTranspose2d(8, 1, 4, 4)
    def forward(self, x):
        h = torch.sigmoid(self.fc1(x.view(-1, 784)))
        h = self.fc2(h).view(-1, 8, 7, 7)
        return torch.sigmoid(self.up(h))
net = AE()
""",
        GRAY,
    ),
    "dcgan G": (
        """
nz, ngf, nc = 100, 8, 3
class Generator(nn.Module):
    def __init__(self, ngpu):
        super(Generator, self).__init__()
        self.ngpu = ngpu
        self.main = nn.Sequential(
            nn.ConvTranspose2d( nz, ngf * 8, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d( ngf * 4, nc, 4, 2, 1, bias=False),
            nn.Tanh()
        )
    def forward(self, input):
        return self.main(input)
net = Generator(0).to('cpu')
""",
        (100, 1, 1),
    ),
    "probe size": (
        """
class Net(nn.Module):
    def __init__(self, input_shape=(1, 28, 28)):
        super().__init__()
        self.convs = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU())
        n = self._get_conv_output(input_shape)
        self.fc = nn.Linear(n, 10)
    def _get_conv_output(self, shape):
        with torch.no_grad():
            x = torch.zeros(1, *shape)
            x = self.convs(x)
            return x.view(1, -1).size(1)
    def forward(self, x):
        x = self.convs(x)
        x = x.view(x.size(0), -1)
        return self.fc(x)
net = Net()
""",
        GRAY,
    ),
    "probe numel": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, stride=2)
        self.conv2 = nn.Conv2d(8, 16, 3)
        dummy = torch.randn(1, 3, 32, 32)
        n_flat = self.conv2(self.conv1(dummy)).numel()
        self.fc1 = nn.Linear(n_flat, 64)
        self.fc2 = nn.Linear(64, 10)
    def forward(self, x):
        x = self.conv2(F.relu(self.conv1(x))).relu()
        x = torch.flatten(x, 1)
        return self.fc2(torch.tanh(self.fc1(x)))
net = Net()
""",
        COLOR,
    ),
    "sentdex": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5)
        self.conv2 = nn.Conv2d(32, 64, 5)
        x = torch.randn(50,50).view(-1,1,50,50)
        self._to_linear = None
        self.convs(x)
        self.fc1 = nn.Linear(self._to_linear, 512)
        self.fc2 = nn.Linear(512, 2)
    def convs(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2,2))
        x = F.max_pool2d(F.relu(self.conv2(x)), (2,2))
        if self._to_linear is None:
            self._to_linear = x[0].shape[0]*x[0].shape[1]*x[0].shape[2]
        return x
    def forward(self, x):
        x = self.convs(x)
        x = x.view(-1, self._to_linear)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.softmax(x, dim=1)
net = Net()
""",
        (1, 50, 50),
    ),
    "argparse": (
        """
import argparse
parser = argparse.ArgumentParser(description="MNIST")
parser.add_argument("--hidden", type=int, default=96, metavar="N", help="units")
parser.add_argument("--dropout", type=float, default=0.3)
args = parser.parse_args([])
class MLP(nn.Module):
    def __init__(self, hidden, p):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Dropout(p), nn.Linear(hidden, 10))
    def forward(self, x): return self.net(x)
net = MLP(args.hidden, args.dropout)
""",
        GRAY,
    ),
    "config class": (
        """
from types import SimpleNamespace
class CFG:
    width = 8
    ks = 3
    num_classes = 4
hp = SimpleNamespace(pool=2, drop=0.1)
kw = {"cfg": CFG, "hp": hp}
class Net(nn.Module):
    def __init__(self, cfg, hp):
        super().__init__()
        self.seq = nn.Sequential(nn.Conv2d(3, cfg.width, cfg.ks), nn.ReLU(), nn.MaxPool2d(hp.pool), nn.Dropout(hp.drop))
        self.head = nn.Linear(cfg.width * 15 ** 2, cfg.num_classes)
    def forward(self, x):
        return self.head(self.seq(x).flatten(start_dim=1))
net = Net(**kw)
""",
        COLOR,
    ),
    "match getattr": (
        """
def make_act(name):
    match name:
        case "relu": return nn.ReLU()
        case "gelu": return nn.GELU()
        case _: raise ValueError(name)
def other(name="SiLU"):
    return getattr(nn, name)()
net = nn.Sequential(nn.Conv2d(3, 8, 3), make_act("gelu"), nn.Conv2d(8, 8, 3), other(), nn.Conv2d(8, 4, 1), getattr(nn, "ReLU6")(inplace=True))
""",
        COLOR,
    ),
    "zip lists": (
        """
class Net(nn.Module):
    def __init__(self, chans=(3, 8, 16, 32)):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(chans, chans[1:]))
        self.norms = nn.ModuleList([nn.GroupNorm(4, o) for o in chans[1:]])
        self.fc = nn.Linear(chans[-1], 10)
    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms):
            x = F.max_pool2d(F.silu(norm(conv(x))), 2)
        x = x.amax(dim=(-2, -1))
        return self.fc(x)
net = Net()
""",
        COLOR,
    ),
    "partial": (
        """
from functools import partial
conv = partial(nn.Conv2d, kernel_size=3, padding=1, bias=False)
act = partial(nn.LeakyReLU, 0.1, inplace=True)
class Block(nn.Sequential):
    def __init__(self, i, o, norm=partial(nn.BatchNorm2d, eps=1e-3)):
        super().__init__(conv(i, o), norm(o), act())
net = nn.Sequential(Block(3, 8), nn.MaxPool2d(2), Block(8, 16, norm=partial(nn.GroupNorm, 4)), conv(16, 4, stride=2))
""",
        COLOR,
    ),
    "shape unpack": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2)
        self.fc = nn.Linear(4*15*15, 20)
        self.out = nn.Linear(20, 2)
        self.act = F.relu
    def forward(self, x):
        batch_size = x.size(0)
        x = self.act(self.conv(x))
        N, C, H, W = x.shape
        x = x.reshape(N, C * H * W)
        x = torch.sigmoid(self.fc(x))
        x = x.view(batch_size, -1)
        return self.out(x)
net = Net()
""",
        COLOR,
    ),
    "squeezes": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2)
        self.fc = nn.Linear(4, 20)
        self.fc2 = nn.Linear(20, 3)
    def forward(self, x):
        bs, _, _, _ = x.shape
        x = F.leaky_relu(self.conv(x), 0.1)
        x = F.avg_pool2d(x, kernel_size=x.shape[2:])
        x = x[:, :, 0, 0]
        x = self.fc(x).relu_()
        x = torch.reshape(x, (bs, -1))
        return self.fc2(x)
net = Net()
""",
        COLOR,
    ),
    "mean twice": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2)
        self.fc = nn.Linear(4, 3)
    def forward(self, x):
        return self.fc(self.conv(x).mean(-1).mean(-1))
net = Net()
""",
        COLOR,
    ),
    "children": (
        """
base = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(7200, 10))
net = nn.Sequential(*list(base.children())[:-1], nn.Linear(7200, 3))
""",
        COLOR,
    ),
    "activation dict in class": (
        """
ACT = {"relu": nn.ReLU(), "silu": nn.SiLU()}
class Net(nn.Module):
    activations = nn.ModuleDict([["lrelu", nn.LeakyReLU()], ["selu", nn.SELU()]])
    def __init__(self, n_hidden: list[int] | None = None, act: str = "selu", *, p: float = 0.5):
        super().__init__()
        n_hidden = n_hidden or [64, 32]
        sizes = [784] + n_hidden
        self.hidden = nn.ModuleList([nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)])
        self.act = self.activations[act]
        self.drop = nn.Dropout(p=p)
        self.last = nn.Linear(sizes[-1], 10)
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        for i, layer in enumerate(self.hidden):
            x = layer(x)
            x = self.act(x)
            if i != len(self.hidden) - 1:
                x = self.drop(x)
        return self.last(x)
net = Net(p=0.2)
""",
        GRAY,
    ),
    "mul of airbench": (
        """
class Mul(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale
    def forward(self, x):
        return x * self.scale
class Flatten(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)
class Conv(nn.Conv2d):
    def __init__(self, in_channels, out_channels, kernel_size=3, padding='same', bias=False):
        super().__init__(in_channels, out_channels, kernel_size=kernel_size, padding=padding, bias=bias)
class BatchNorm(nn.BatchNorm2d):
    def __init__(self, num_features, momentum=0.6, eps=1e-12, weight=False, bias=True):
        super().__init__(num_features, eps=eps, momentum=1-momentum)
        self.weight.requires_grad = weight
        self.bias.requires_grad = bias
class ConvGroup(nn.Module):
    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.conv1 = Conv(channels_in, channels_out)
        self.pool = nn.MaxPool2d(2)
        self.norm1 = BatchNorm(channels_out)
        self.conv2 = Conv(channels_out, channels_out)
        self.norm2 = BatchNorm(channels_out)
        self.activ = nn.GELU()
    def forward(self, x):
        x = self.conv1(x)
        x = self.pool(x)
        x = self.norm1(x)
        x = self.activ(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.activ(x)
        return x
def make_net(widths=dict(block1=8, block2=16)):
    whiten_width = 2 * 3 * 2**2
    net = nn.Sequential(
        Conv(3, whiten_width, 2, padding=0, bias=True),
        nn.GELU(),
        ConvGroup(whiten_width, widths['block1']),
        ConvGroup(widths['block1'], widths['block2']),
        nn.MaxPool2d(3),
        Flatten(),
        nn.Linear(64, 10, bias=False),
        Mul(1/9),
    )
    net[0].weight.requires_grad = False
    net = net.to(memory_format=torch.contiguous_format)
    return net
net = make_net()
""",
        COLOR,
    ),
    "branches two convs": (
        """
class TwoWay(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 6, 3, padding=1)
        self.b = nn.Conv2d(3, 6, 5, padding=2)
        self.norm = nn.InstanceNorm2d(6, affine=True)
        self.fc = nn.Linear(6, 10)
    def forward(self, x):
        left, right = F.relu(self.a(x)), self.b(x)
        y = torch.add(left, right)
        y = self.norm(y)
        y = nn.AdaptiveAvgPool2d(1)(y)
        y = nn.Flatten()(y)
        return self.fc(y)
net = TwoWay()
""",
        COLOR,
    ),
    "while loop": (
        """
layers = []
c, s = 3, 32
while s > 4:
    layers += [nn.Conv2d(c, c * 2, 3, 2, 1), nn.ReLU()]
    c *= 2
    s //= 2
net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(c * s * s, 10))
""",
        COLOR,
    ),
    "nested functions": (
        """
def create_model(n_classes=10, *, width=8, depth=2):
    def block(cin, cout, **kw):
        return [nn.Conv2d(cin, cout, 3, padding=1, **kw), nn.BatchNorm2d(cout), nn.ReLU()]
    modules = block(3, width, stride=2)
    for d in range(depth):
        modules += block(width * 2 ** d, width * 2 ** (d + 1))
    modules += [nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(width * 2 ** depth, n_classes)]
    return nn.Sequential(*modules)
net = create_model(n_classes=6)
""",
        COLOR,
    ),
    "flatten comprehension": (
        """
chs = [3, 8, 16]
net = nn.Sequential(
    *[layer for a, b in zip(chs, chs[1:]) for layer in (nn.Conv2d(a, b, 3), nn.ReLU(), nn.MaxPool2d(2))],
    nn.Flatten(),
    nn.Linear(chs[-1] * 6 * 6, 10),
)
""",
        COLOR,
    ),
    "sum of lists": (
        """
chs = [3, 8, 16]
net = nn.Sequential(*sum([[nn.Conv2d(a, b, 3), nn.ReLU()] for a, b in zip(chs, chs[1:])], []), nn.Dropout2d(.1))
""",
        COLOR,
    ),
    "ordered f-string": (
        """
layers = OrderedDict()
c = 3
for i, f in enumerate([4, 8], start=1):
    layers[f"conv{i}"] = nn.Conv2d(c, f, 3)
    layers[f"relu{i}"] = nn.ReLU()
    c = f
layers.update({"flat": nn.Flatten(), "fc": nn.Linear(c * 28 * 28, 10)})
net = nn.Sequential(layers)
""",
        COLOR,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_read_as_torch_runs_it(name: str) -> None:
    compare(*PROGRAMS[name])


# Each with the picture's shape, if it has to be given, and the parameters and the output's shape that it has.
TEXTS: dict[str, tuple[str, Size | None, int, tuple[int, ...]]] = {
    "lightning": (
        """
import lightning as L
class LitCNN(L.LightningModule):
    def __init__(self, num_classes: int = 10, lr: float = 1e-3, width=12):
        super().__init__()
        self.save_hyperparameters()
        self.features = nn.Sequential(
            nn.Conv2d(1, self.hparams.width, 3), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.head = nn.Linear(12 * 13 * 13, num_classes)
        self.loss = nn.CrossEntropyLoss()
        self.acc = torchmetrics.Accuracy(task="multiclass", num_classes=num_classes)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        loss = self.loss(logits, y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)

model = LitCNN()
trainer = L.Trainer(max_epochs=3)
trainer.fit(model, train_loader)
""",
        GRAY,
        20_410,
        (10,),
    ),
    "notebook": (
        """
{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["# My network\\n", "Let's *train*"]},
  {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": ["import torch\\n", "from torch import nn\\n", "%matplotlib inline"]},
  {"cell_type": "code", "execution_count": 2, "metadata": {}, "outputs": [{"name": "stdout", "output_type": "stream", "text": ["hi\\n"]}],
   "source": ["class Net(nn.Module):\\n", "    def __init__(self):\\n", "        super().__init__()\\n", "        self.conv = nn.Conv2d(3, 8, 3)\\n", "        self.fc = nn.Linear(8*30*30, 10)\\n", "    def forward(self, x):\\n", "        return self.fc(torch.relu(self.conv(x)).flatten(1))"]},
  {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": "net = Net()\\nprint(net)"}
 ],
 "metadata": {"kernelspec": {"name": "python3"}},
 "nbformat": 4, "nbformat_minor": 5
}
""",
        COLOR,
        72_234,
        (10,),
    ),
    "keras add functional": (
        """
import tensorflow as tf
from tensorflow.keras import layers, Model, Input
def residual_block(x, filters, stride=1):
    shortcut = x
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride != 1 or shortcut.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(shortcut)
        shortcut = layers.BatchNormalization()(shortcut)
    y = layers.Add()([y, shortcut])
    return layers.Activation("relu")(y)
inputs = Input(shape=(32, 32, 3))
x = layers.Conv2D(16, 3, padding="same")(inputs)
x = residual_block(x, 16)
x = residual_block(x, 32, stride=2)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = Model(inputs, outputs, name="mini_resnet")
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=3)
""",
        None,
        19_978,
        (10,),
    ),
    "keras subclass": (
        """
class MyModel(tf.keras.Model):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = tf.keras.layers.Conv2D(32, 3, activation="relu")
        self.pool = tf.keras.layers.MaxPool2D()
        self.flatten = tf.keras.layers.Flatten()
        self.d1 = tf.keras.layers.Dense(64, activation=tf.nn.relu)
        self.drop = tf.keras.layers.Dropout(.3)
        self.d2 = tf.keras.layers.Dense(num_classes)
    def call(self, x, training=False):
        x = self.conv1(x)
        x = self.pool(x)
        x = self.flatten(x)
        x = self.d1(x)
        if training:
            x = self.drop(x, training=training)
        return self.d2(x)
model = MyModel()
""",
        GRAY,
        347_146,
        (10,),
    ),
    "keras augment": (
        """
from keras import layers
data_augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])
model = keras.Sequential([
  keras.Input((64, 64, 3)),
  data_augmentation,
  layers.Rescaling(1./255),
  layers.Conv2D(16, 3, padding='same', activation='relu'),
  layers.MaxPooling2D(pool_size=3, strides=1, padding="same"),
  layers.AveragePooling2D(3, strides=2, padding="same"),
  layers.SeparableConv2D(32, 3, padding="same"),
  layers.GlobalMaxPooling2D(),
  layers.Dense(1, activation='sigmoid')
])
model.summary()
""",
        None,
        1_169,
        (1,),
    ),
    "keras named": (
        """
model = Sequential(name="cnn")
model.add(Input(shape=(28, 28, 1), name="pictures"))
model.add(Conv2D(filters=8, kernel_size=(3, 3), padding="valid", kernel_initializer="he_normal"))
model.add(BatchNormalization(axis=-1))
model.add(LeakyReLU(alpha=0.1))
model.add(MaxPool2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(units=10))
model.add(Softmax())
""",
        None,
        13_626,
        (10,),
    ),
    "keras 2 summary": (
        """
Model: "sequential_1"
_________________________________________________________________
Layer (type)                 Output Shape              Param #
=================================================================
conv2d_2 (Conv2D)            (None, 26, 26, 32)        320
_________________________________________________________________
max_pooling2d_2 (MaxPooling2 (None, 13, 13, 32)        0
_________________________________________________________________
conv2d_3 (Conv2D)            (None, 11, 11, 64)        18496
_________________________________________________________________
max_pooling2d_3 (MaxPooling2 (None, 5, 5, 64)          0
_________________________________________________________________
flatten_1 (Flatten)          (None, 1600)              0
_________________________________________________________________
dropout_1 (Dropout)          (None, 1600)              0
_________________________________________________________________
dense_1 (Dense)              (None, 10)                16010
=================================================================
Total params: 34,826
Trainable params: 34,826
Non-trainable params: 0
_________________________________________________________________
""",
        None,
        34_826,
        (10,),
    ),
    "keras 2 functional summary": (
        """
Model: "model"
__________________________________________________________________________________________________
 Layer (type)                   Output Shape         Param #     Connected to
==================================================================================================
 input_1 (InputLayer)           [(None, 32, 32, 3)]  0           []

 conv2d (Conv2D)                (None, 32, 32, 16)   448         ['input_1[0][0]']

 batch_normalization (BatchNorm  (None, 32, 32, 16)  64          ['conv2d[0][0]']
 alization)

 activation (Activation)        (None, 32, 32, 16)   0           ['batch_normalization[0][0]']

 conv2d_1 (Conv2D)              (None, 32, 32, 16)   2320        ['activation[0][0]']

 add (Add)                      (None, 32, 32, 16)   0           ['conv2d_1[0][0]',
                                                                  'activation[0][0]']

 global_average_pooling2d (Glob  (None, 16)          0           ['add[0][0]']
 alAveragePooling2D)

 dense (Dense)                  (None, 10)           170         ['global_average_pooling2d[0][0]'
                                                                 ]

==================================================================================================
Total params: 3,002
""",
        None,
        2_970,
        (10,),
    ),
    "keras 3 functional summary": (
        """
Model: "functional_1"
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃ Connected to      ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ input_layer         │ (None, 32, 32, 3) │          0 │ -                 │
│ (InputLayer)        │                   │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ conv2d (Conv2D)     │ (None, 32, 32,    │        448 │ input_layer[0][0] │
│                     │ 16)               │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ batch_normalization │ (None, 32, 32,    │         64 │ conv2d[0][0]      │
│ (BatchNormalizatio… │ 16)               │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ conv2d_1 (Conv2D)   │ (None, 32, 32,    │      2,320 │ batch_normalizat… │
│                     │ 16)               │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ add (Add)           │ (None, 32, 32,    │          0 │ conv2d_1[0][0],   │
│                     │ 16)               │            │ conv2d[0][0]      │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ flatten (Flatten)   │ (None, 16384)     │          0 │ add[0][0]         │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense (Dense)       │ (None, 10)        │    163,850 │ flatten[0][0]     │
└─────────────────────┴───────────────────┴────────────┴───────────────────┘
 Total params: 166,682 (651.10 KB)
""",
        None,
        166_650,
        (10,),
    ),
    "torchinfo columns": (
        """
============================================================================================================================================
Layer (type (var_name))                  Input Shape          Output Shape         Param #              Kernel Shape         Mult-Adds
============================================================================================================================================
Net (Net)                                [2, 3, 32, 32]       [2, 10]              --                   --                   --
├─Sequential (features)                  [2, 3, 32, 32]       [2, 16, 8, 8]        --                   --                   --
│    └─Sequential (0)                    [2, 3, 32, 32]       [2, 8, 16, 16]       --                   --                   --
│    │    └─Conv2d (0)                   [2, 3, 32, 32]       [2, 8, 32, 32]       224                  [3, 3]               458,752
│    │    └─BatchNorm2d (1)              [2, 8, 32, 32]       [2, 8, 32, 32]       16                   --                   32
│    │    └─ReLU (2)                     [2, 8, 32, 32]       [2, 8, 32, 32]       --                   --                   --
│    │    └─MaxPool2d (3)                [2, 8, 32, 32]       [2, 8, 16, 16]       --                   2                    --
│    └─Sequential (1)                    [2, 8, 16, 16]       [2, 16, 8, 8]        --                   --                   --
│    │    └─Conv2d (0)                   [2, 8, 16, 16]       [2, 16, 16, 16]      1,168                [3, 3]               598,016
│    │    └─ReLU (1)                     [2, 16, 16, 16]      [2, 16, 16, 16]      --                   --                   --
│    │    └─MaxPool2d (2)                [2, 16, 16, 16]      [2, 16, 8, 8]        --                   2                    --
├─Linear (head)                          [2, 1024]            [2, 10]              10,250               --                   20,500
============================================================================================================================================
Total params: 11,658
Trainable params: 11,658
""",
        None,
        11_658,
        (10,),
    ),
    "torchsummary bn": (
        """
----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1           [-1, 64, 112, 112]           9,408
       BatchNorm2d-2           [-1, 64, 112, 112]             128
              ReLU-3           [-1, 64, 112, 112]               0
         MaxPool2d-4             [-1, 64, 56, 56]               0
            Conv2d-5             [-1, 64, 56, 56]          36,864
       BatchNorm2d-6             [-1, 64, 56, 56]             128
              ReLU-7             [-1, 64, 56, 56]               0
AdaptiveAvgPool2d-8               [-1, 64, 1, 1]               0
            Linear-9                 [-1, 1000]          65,000
================================================================
Total params: 111,528
Input size (MB): 0.57
""",
        None,
        111_528,
        (1000,),
    ),
    "markdown answer": (
        """
Sure! Here's a small CNN for CIFAR-10 in PyTorch. First install the packages:

```bash
pip install torch torchvision
```

Then define the **model**:

```python
import torch
import torch.nn as nn
import torch.nn.functional as F

class SimpleCNN(nn.Module):
    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(64 * 8 * 8, 128)
        self.fc2 = nn.Linear(128, num_classes)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))  # -> 32 x 16 x 16
        x = self.pool(F.relu(self.conv2(x)))  # -> 64 x 8 x 8
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)
```

### Training

1. Create the model
2. Loop:

```python
model = SimpleCNN().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(10):
    for images, labels in train_loader:
        ...
```

**Expected output:**
```
Epoch 1: loss 1.52
Epoch 2: loss 1.21
```
Let me know if you'd like me to add batch normalization!
""",
        COLOR,
        545_098,
        (10,),
    ),
    "markdown two answers": (
        """
I'd change two things. Before:

```py
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(7200, 10))
```

~~~python
# After
model = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(8 * 16 * 16, 10),
)
~~~
""",
        COLOR,
        20_714,
        (10,),
    ),
    "prose without fences": (
        """
Here is my network, it does not train :(

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 8, 3)
        self.f = nn.Linear(7200, 10)

    def forward(self, x):
        return self.f(torch.relu(self.c(x)).flatten(1))

What am I doing wrong? Thanks!
""",
        COLOR,
        72_234,
        (10,),
    ),
    "ipython session": (
        """
In [1]: from torch import nn

In [2]: net = nn.Sequential(
   ...:     nn.Conv2d(3, 8, 3),
   ...:     nn.ReLU())

In [3]: net
Out[3]:
Sequential(
  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
  (1): ReLU()
)
""",
        COLOR,
        224,
        (8, 30, 30),
    ),
    "numbered lines": (
        """
1  class Net(nn.Module):
2      def __init__(self):
3          super().__init__()
4          self.c = nn.Conv2d(3, 8, 3)
5
6      def forward(self, x):
7          return F.relu(self.c(x))
""",
        COLOR,
        224,
        (8, 30, 30),
    ),
    "diff": (
        """
--- a/net.py
+++ b/net.py
@@ -1,4 +1,5 @@
 net = nn.Sequential(
-    nn.Conv2d(3, 8, 5),
+    nn.Conv2d(3, 8, 3),
+    nn.BatchNorm2d(8),
     nn.ReLU(),
 )
""",
        COLOR,
        240,
        (8, 30, 30),
    ),
    "printed modulelist": (
        """
Net(
  (convs): ModuleList(
    (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (1-2): 2 x Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  )
  (pool): AdaptiveAvgPool2d(output_size=(1, 1))
  (fc): Linear(in_features=8, out_features=10, bias=True)
)
""",
        COLOR,
        1_482,
        (10,),
    ),
    "loss last": (
        """
import torch, torch.nn as nn, torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(3, 8)
    def forward(self, x):
        return self.block(x)
class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.c = nn.Conv2d(i, o, 3)
    def forward(self, x):
        return F.relu(self.c(x))
class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma
    def forward(self, logits, target):
        logp = F.log_softmax(logits, 1)
        return -((1 - logp.exp()) ** self.gamma * logp).mean()
class Data(torch.utils.data.Dataset):
    def __init__(self, root):
        self.root = root
    def __len__(self):
        return 10
""",
        COLOR,
        224,
        (8, 30, 30),
    ),
    "async junk": (
        """
from __future__ import annotations
import os, sys, math, random
import numpy as np
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
SEED = 42
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train_ds = datasets.MNIST("./data", train=True, download=True, transform=transform)
train_dl = DataLoader(train_ds, batch_size=64, shuffle=True)
class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(1), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))
    def forward(self, x):
        return self.net(x)
    @torch.inference_mode()
    def predict(self, x):
        return self(x).argmax(1)
def train(model, dl, opt):
    model.train()
    for x, y in dl:
        opt.zero_grad(); loss = F.cross_entropy(model(x), y); loss.backward(); opt.step()
def main():
    model = LeNet()
    n = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"{n:,} parameters")
    opt = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for epoch in range(5):
        train(model, train_dl, opt)
        torch.save(model.state_dict(), f"ckpt_{epoch}.pt")
if __name__ == "__main__":
    main()
""",
        GRAY,
        61_706,
        (10,),
    ),
    "torchinfo resnet deep": (
        """
==========================================================================================
Layer (type:depth-idx)                   Input Shape               Output Shape              Param #                   Trainable
==========================================================================================
ResNet                                   [1, 3, 32, 32]            [1, 10]                   --                        True
├─Conv2d: 1-1                            [1, 3, 32, 32]            [1, 16, 16, 16]           2,352                     True
├─BatchNorm2d: 1-2                       [1, 16, 16, 16]           [1, 16, 16, 16]           32                        True
├─ReLU: 1-3                              [1, 16, 16, 16]           [1, 16, 16, 16]           --                        --
├─MaxPool2d: 1-4                         [1, 16, 16, 16]           [1, 16, 8, 8]             --                        --
├─Sequential: 1-5                        [1, 16, 8, 8]             [1, 32, 4, 4]             --                        True
│    └─BasicBlock: 2-1                   [1, 16, 8, 8]             [1, 32, 4, 4]             --                        True
│    │    └─Conv2d: 3-1                  [1, 16, 8, 8]             [1, 32, 4, 4]             4,608                     True
│    │    └─BatchNorm2d: 3-2             [1, 32, 4, 4]             [1, 32, 4, 4]             64                        True
│    │    └─ReLU: 3-3                    [1, 32, 4, 4]             [1, 32, 4, 4]             --                        --
│    │    └─Conv2d: 3-4                  [1, 32, 4, 4]             [1, 32, 4, 4]             9,216                     True
│    │    └─BatchNorm2d: 3-5             [1, 32, 4, 4]             [1, 32, 4, 4]             64                        True
│    │    └─Sequential: 3-6              [1, 16, 8, 8]             [1, 32, 4, 4]             --                        True
│    │    │    └─Conv2d: 4-1             [1, 16, 8, 8]             [1, 32, 4, 4]             512                       True
│    │    │    └─BatchNorm2d: 4-2        [1, 32, 4, 4]             [1, 32, 4, 4]             64                        True
│    │    └─ReLU: 3-7                    [1, 32, 4, 4]             [1, 32, 4, 4]             --                        --
├─AdaptiveAvgPool2d: 1-6                 [1, 32, 4, 4]             [1, 32, 1, 1]             --                        --
├─Linear: 1-7                            [1, 32]                   [1, 10]                   330                       True
==========================================================================================
""",
        None,
        17_242,
        (10,),
    ),
    "keras 2 downsample": (
        """
 Layer (type)                   Output Shape         Param #     Connected to
==================================================================================================
 input_1 (InputLayer)           [(None, 32, 32, 3)]  0           []
 conv1_pad (ZeroPadding2D)      (None, 38, 38, 3)    0           ['input_1[0][0]']
 conv2d (Conv2D)                (None, 16, 16, 16)   2368        ['conv1_pad[0][0]']
 conv2d_1 (Conv2D)              (None, 8, 8, 32)     4640        ['conv2d[0][0]']
 conv2d_2 (Conv2D)              (None, 8, 8, 32)     9248        ['conv2d_1[0][0]']
 conv2d_3 (Conv2D)              (None, 8, 8, 32)     544         ['conv2d[0][0]']
 add (Add)                      (None, 8, 8, 32)     0           ['conv2d_2[0][0]',
                                                                  'conv2d_3[0][0]']
 re_lu (ReLU)                   (None, 8, 8, 32)     0           ['add[0][0]']
 conv2d_4 (Conv2DTranspose)     (None, 16, 16, 8)    4104        ['re_lu[0][0]']
==================================================================================================
""",
        None,
        20_904,
        (8, 16, 16),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_these_parameters_and_this_output(name: str) -> None:
    text, shape, parameters, output = TEXTS[name]
    found = read(text, shape)
    rows = analyse(found.layers, found.input_shape)
    assert (totals(rows).parameters, rows[-1].output_shape) == (parameters, output)


REFUSED = {
    "unet": """
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1 = nn.Conv2d(3, 8, 3, padding=1)
        self.d2 = nn.Conv2d(8, 16, 3, padding=1)
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.u1 = nn.Conv2d(16, 8, 3, padding=1)
    def forward(self, x):
        a = F.relu(self.d1(x))
        b = F.relu(self.d2(F.max_pool2d(a, 2)))
        u = self.up(b)
        return self.u1(torch.cat([u, a], dim=1))
net = UNet()
""",
    "se": """
class SE(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, 2, 1), nn.ReLU(), nn.Conv2d(2, c, 1), nn.Sigmoid())
    def forward(self, x):
        return x * self.fc(x)
net = nn.Sequential(nn.Conv2d(3, 8, 3), SE(8))
""",
    "einops": """
from einops.layers.torch import Rearrange
net = nn.Sequential(Rearrange('b c h w -> b (c h w)'), nn.Linear(3072, 10))
""",
    "torchinfo trainable": """
==========================================================================================
Layer (type:depth-idx)                   Input Shape               Output Shape              Param #                   Trainable
==========================================================================================
ResNet                                   [1, 3, 32, 32]            [1, 10]                   --                        True
├─Conv2d: 1-1                            [1, 3, 32, 32]            [1, 16, 16, 16]           2,352                     True
├─BatchNorm2d: 1-2                       [1, 16, 16, 16]           [1, 16, 16, 16]           32                        True
├─ReLU: 1-3                              [1, 16, 16, 16]           [1, 16, 16, 16]           --                        --
├─MaxPool2d: 1-4                         [1, 16, 16, 16]           [1, 16, 8, 8]             --                        --
├─Sequential: 1-5                        [1, 16, 8, 8]             [1, 32, 4, 4]             --                        True
│    └─BasicBlock: 2-1                   [1, 16, 8, 8]             [1, 32, 4, 4]             --                        True
│    │    └─Conv2d: 3-1                  [1, 16, 8, 8]             [1, 32, 4, 4]             4,608                     True
│    │    └─BatchNorm2d: 3-2             [1, 32, 4, 4]             [1, 32, 4, 4]             64                        True
│    │    └─ReLU: 3-3                    [1, 32, 4, 4]             [1, 32, 4, 4]             --                        --
│    │    └─Conv2d: 3-4                  [1, 32, 4, 4]             [1, 32, 4, 4]             9,216                     True
│    │    └─BatchNorm2d: 3-5             [1, 32, 4, 4]             [1, 32, 4, 4]             64                        True
│    │    └─Sequential: 3-6              [1, 16, 8, 8]             [1, 32, 4, 4]             576                       True
│    │    └─ReLU: 3-7                    [1, 32, 4, 4]             [1, 32, 4, 4]             --                        --
├─AdaptiveAvgPool2d: 1-6                 [1, 32, 4, 4]             [1, 32, 1, 1]             --                        --
├─Linear: 1-7                            [1, 32]                   [1, 10]                   330                       True
==========================================================================================
""",
    "names only": """
conv1.weight
conv1.bias
conv2.weight
conv2.bias
fc1.weight
fc1.bias
fc2.weight
fc2.bias
""",
    "names only odict": """
odict_keys(['conv1.weight', 'conv1.bias', 'bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var', 'bn1.num_batches_tracked', 'fc.weight', 'fc.bias'])
""",
    "flax": """
import flax.linen as nn
class CNN(nn.Module):
  @nn.compact
  def __call__(self, x):
    x = nn.Conv(features=32, kernel_size=(3, 3))(x)
    x = nn.relu(x)
    x = nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))
    x = x.reshape((x.shape[0], -1))
    x = nn.Dense(features=10)(x)
    return x
""",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_layers_express_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        read((HEAD if "torch" in REFUSED[name] else "") + REFUSED[name], COLOR)
    assert len(caught.value.reason) > 30


def blocks(layers: Network) -> list[tuple[int, int]]:
    return [(len(layer.body), len(layer.shortcut)) for layer in layers if isinstance(layer, Residual)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("keras 2 functional summary", [(1, 0)]),
        ("keras 3 functional summary", [(2, 0)]),
        ("keras 2 downsample", [(2, 1)]),
        ("torchinfo resnet deep", [(5, 2)]),
    ],
)
def test_a_table_that_says_its_connections_has_blocks(name: str, expected: list[tuple[int, int]]) -> None:
    assert blocks(read(TEXTS[name][0]).layers) == expected


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_padding_that_is_not_zeros_is_a_layer_of_its_own(mode: PadKind) -> None:
    found = read(f"nn.Sequential(nn.Conv2d(3, 4, (3, 5), padding=(1, 2), padding_mode='{mode}'))", COLOR)
    assert found.layers == (Pad(1, 2, mode), Conv(4, (3, 5)))
    assert "padding_mode" in found.notes[0]
    even = read(f"nn.Sequential(nn.Conv2d(3, 4, 4, padding='same', padding_mode='{mode}'))", COLOR)
    assert even.layers == (Pad((1, 2), (1, 2), mode), Conv(4, 4))


def test_names_of_weights_alone_are_refused_with_what_to_paste() -> None:
    names = [f"{layer}.{kind}" for layer in ("conv1", "fc1") for kind in ("weight", "bias")]
    for text in ("\n".join(names), f"odict_keys({names})", ", ".join(names)):
        with pytest.raises(ParseError, match="state_dict"):
            read(text, COLOR)
