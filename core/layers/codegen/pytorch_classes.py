"""The classes that a PyTorch program defines, for layers that PyTorch has none for.

They compute what those of `core.nets` compute.
"""

RESIDUAL_CLASS = '''

class Residual(nn.Module):
    """Add the outputs of `body` and `shortcut` for the same input."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)

'''

BLUR_POOL_CLASS = '''

class BlurPool(nn.Module):
    """Blur each plane with a binomial kernel, keep every S-th value (Zhang 2019); as antialiased_cnns.BlurPool."""

    def __init__(self, channels, filt_size=4, stride=2):
        super().__init__()
        row = torch.tensor([math.comb(filt_size - 1, place) / 2 ** (filt_size - 1) for place in range(filt_size)])
        weights = torch.outer(row, row).expand(channels, 1, -1, -1)
        self.register_buffer("kernel", weights, persistent=False)  # fixed: neither trained nor loaded
        before, after = (filt_size - 1) // 2, filt_size // 2
        self.edges, self.stride = (before, after, before, after), stride

    def forward(self, planes):
        padded = nn.functional.pad(planes, self.edges, mode="reflect")
        return nn.functional.conv2d(padded, self.kernel, stride=self.stride, groups=len(self.kernel))

'''

SQUASH = '''

def squash(vectors):
    """Shorten vectors to a length below 1: |s|^2 / (1 + |s|^2) * s / |s| (Sabour, Frosst and Hinton 2017)."""
    square = vectors.square().sum(dim=-1, keepdim=True)
    return vectors * (square / (1 + square) * torch.rsqrt(square + 1e-12))

'''

PRIMARY_CAPSULES = '''

class PrimaryCapsules(nn.Conv2d):
    """A convolution whose planes are read as vectors: (N, C, H, W) -> (N, types * H' * W', dimensions)."""

    def __init__(self, channels, types, dimensions, kernel, stride, padding=0):
        super().__init__(channels, types * dimensions, kernel, stride, padding)
        self.dimensions = dimensions

    def forward(self, planes):
        vectors = super().forward(planes).unflatten(1, (-1, self.dimensions))
        return squash(vectors.movedim(2, -1).flatten(1, 3))

'''

ROUTED_CAPSULES = '''

class RoutedCapsules(nn.Module):
    """Routing by agreement: (N, I, D) -> (N, J, E). Predictions are never stored, only their sums and agreements."""

    def __init__(self, inputs, size, capsules, dimensions, iterations=3, through=False, shared=False):
        super().__init__()
        self.iterations, self.through = iterations, through
        self.weight = nn.Parameter(torch.randn(capsules, 1 if shared else inputs, size, dimensions) * 0.05)

    def sums(self, coefficients, poses):
        weighted = coefficients.unsqueeze(-1) * poses
        if self.weight.shape[1] == 1:
            return weighted.sum(dim=2) @ self.weight.squeeze(1)
        return weighted.flatten(2) @ self.weight.flatten(1, 2)

    def agreements(self, vectors, poses):
        back = vectors @ self.weight.flatten(1, 2).transpose(1, 2)
        return (back.unflatten(2, (-1, self.weight.shape[2])) * poses).sum(dim=-1)

    def forward(self, poses):
        logits = poses.new_zeros(len(self.weight), *poses.shape[:2])  # (J, N, I)
        with torch.set_grad_enabled(self.through and torch.is_grad_enabled()):
            for _ in range(self.iterations - 1):
                vectors = squash(self.sums(logits.softmax(dim=0), poses))
                logits = logits + self.agreements(vectors, poses)
            coefficients = logits.softmax(dim=0)
        return squash(self.sums(coefficients, poses)).transpose(0, 1)

'''

CAPSULE_DECODER = '''

class CapsuleDecoder(nn.Module):
    """A decoder for training: it redraws the picture from one capsule. The network passes through it unchanged."""

    def __init__(self, values, first, second, pixels):
        super().__init__()
        hidden = nn.Linear(values, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU()
        self.layers = nn.Sequential(*hidden, nn.Linear(second, pixels))

    def forward(self, vectors):
        return vectors

    def pictures(self, vectors, classes):
        mask = nn.functional.one_hot(classes, vectors.shape[1]).to(vectors.dtype)
        return torch.sigmoid(self.layers((vectors * mask.unsqueeze(-1)).flatten(1)))

'''

CAPSULE_LENGTHS = '''

class CapsuleLengths(nn.Module):
    """The length of each capsule, the estimate that its class is there: (N, J, E) -> (N, J)."""

    def forward(self, vectors):
        return vectors.square().sum(dim=-1).add(1e-12).sqrt()

'''

# What a program's layers call, and what it defines for it, in the order of definition.
CLASSES = (
    (" Residual(", RESIDUAL_CLASS),
    (" BlurPool(", BLUR_POOL_CLASS),
    ("Capsules(", SQUASH),
    (" PrimaryCapsules(", PRIMARY_CAPSULES),
    (" RoutedCapsules(", ROUTED_CAPSULES),
    (" CapsuleDecoder(", CAPSULE_DECODER),
    (" CapsuleLengths(", CAPSULE_LENGTHS),
)


def classes_for(calls: str) -> list[str]:
    """Return the source of the classes that a program's layers call.

    Args:
        calls: Source code of the layers.

    Returns:
        Definitions, in the order in which they are written.
    """
    return [source for call, source in CLASSES if call in calls]
