# PyTorch, on one thread: takes the same orders as run/main.ts, a line of JSON each way. With a spec as argument, it times the way from the
# import to the first result instead.
import json
import sys
import time

begun = time.perf_counter()

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
MASK = 0xFFFFFFFF


def bits(seed, count):
    """The same as in run/data.ts; products wrap in 64 bits, which leaves the lower 32 right."""
    h = (torch.arange(count, dtype=torch.int64) + ((seed * 0x9E3779B1) & MASK)) & MASK
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


def numbers(seed, count, bound):
    return (((bits(seed, count).double() + 0.5) / 2**31 - 1) * bound).float()


def some(values):
    flat = values.flatten()
    return [flat[i * (flat.numel() - 1) // 4].item() for i in range(5)]


def network(sizes, activation):
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layer = torch.nn.Linear(inputs, outputs)
        with torch.no_grad():
            layer.weight.copy_(numbers(10 + 2 * i, outputs * inputs, (3 / inputs) ** 0.5).reshape(outputs, inputs))
            layer.bias.copy_(numbers(11 + 2 * i, outputs, 0.1))
        layers += [layer] if i == 0 else [activation(), layer]
    return torch.nn.Sequential(*layers)


def training_step(spec):
    sizes, batch = spec["sizes"], spec["batch"]
    model = network(sizes, torch.nn.Tanh if spec["activation"] == "tanh" else torch.nn.ReLU)
    optimizer = torch.optim.Adam(model.parameters())
    x = numbers(1, batch * sizes[0], 1).reshape(batch, sizes[0])
    if spec["loss"] == "mse":
        loss, target = F.mse_loss, numbers(2, batch * sizes[-1], 1).reshape(batch, sizes[-1])
    else:
        loss, target = F.cross_entropy, bits(3, batch) % sizes[-1]

    def run():
        optimizer.zero_grad(set_to_none=True)
        value = loss(model(x), target)
        value.backward()
        optimizer.step()
        return value.item()

    return run, lambda steps: [run() for _ in range(steps)]


def whole_training(spec):
    """A training from start to end: batches are indexed, which is faster than a DataLoader, and the loss of each step is read."""
    sizes, batch = spec["sizes"], spec["batch"]

    def job(x, y, epochs, valid_x, valid_y, shuffle):
        model = network(sizes, torch.nn.ReLU)
        optimizer = torch.optim.Adam(model.parameters())
        losses, valid = [], []
        for _ in range(epochs):
            model.train()
            order = torch.randperm(len(x)) if shuffle else torch.arange(len(x))
            for chosen in order.split(batch):
                optimizer.zero_grad(set_to_none=True)
                value = F.cross_entropy(model(x[chosen]), y[chosen])
                value.backward()
                optimizer.step()
                losses.append(value.item())
            model.eval()
            total = 0.0
            with torch.no_grad():
                for part_x, part_y in zip(valid_x.split(batch), valid_y.split(batch)):
                    total += F.cross_entropy(model(part_x), part_y).item() * len(part_x)
            valid.append(total / len(valid_x))
        return losses + valid

    def drawn(n):
        return torch.rand(n, sizes[0]), torch.randint(0, sizes[-1], (n,))

    training, held = drawn(spec["samples"]), drawn(spec["validation"])

    def check(steps):
        count = batch * steps
        x = numbers(1, count * sizes[0], 1).reshape(count, sizes[0])
        y = bits(3, count) % sizes[-1]
        return job(x, y, 1, x, y, False)

    return lambda: job(*training, spec["epochs"], *held, True), check


def normed(inputs, outputs, kernel, stride):
    convolution = torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return [convolution, torch.nn.BatchNorm2d(outputs)]


class Block(torch.nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.inner = torch.nn.Sequential(*normed(inputs, outputs, 3, stride), torch.nn.ReLU(), *normed(outputs, outputs, 3, 1))
        same = inputs == outputs and stride == 1
        self.projection = torch.nn.Identity() if same else torch.nn.Sequential(*normed(inputs, outputs, 1, stride))

    def forward(self, x):
        return torch.relu(self.inner(x) + self.projection(x))


def cell_network():
    """The network of examples/cells.ts."""
    import os

    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../test/fixtures/pytorch"))
    from cells import CellNetwork

    return CellNetwork([8, 16, 32, 32])


def network_step(name):
    """The networks of run/oursNetworks.ts, from the same weights."""
    x_shape, y_shape = {
        "resnet": ((64, 1, 28, 28), (64,)),
        "cells": ((4, 1, 128, 128), (4, 1, 128, 128)),
        "encoder": ((16, 64, 128), (16, 64, 128)),
        "lstm": ((32, 32, 64), (32, 32, 128)),
    }[name]
    x = numbers(1, torch.Size(x_shape).numel(), 1).reshape(x_shape)
    if name == "resnet":
        model = torch.nn.Sequential(
            *normed(1, 16, 3, 1), torch.nn.ReLU(), Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2),
            torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(64, 10),
        )
        forward, loss, y = model, F.cross_entropy, bits(3, 64) % 10
    elif name == "cells":
        model = cell_network()
        forward, loss, y = model, F.binary_cross_entropy_with_logits, (bits(3, x.numel()) % 2).float().reshape(y_shape)
    else:
        if name == "encoder":
            model = torch.nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True)
            forward = model
        else:
            model = torch.nn.LSTM(64, 128, batch_first=True)
            forward = lambda x: model(x)[0]
        loss, y = F.mse_loss, numbers(2, torch.Size(y_shape).numel(), 1).reshape(y_shape)
    with torch.no_grad():
        for i, p in enumerate(model.parameters()):
            if not (p.dim() == 1 and (p == 1).all()):
                bound = 0.1 if p.dim() == 1 else (3 * p.shape[0] / p.numel()) ** 0.5
                p.copy_(numbers(10 + i, p.numel(), bound).reshape(p.shape))
    optimizer = torch.optim.Adam(model.parameters())

    def run():
        optimizer.zero_grad(set_to_none=True)
        value = loss(forward(x), y)
        value.backward()
        optimizer.step()
        return value.item()

    return run, lambda steps: [run() for _ in range(steps)]


def convolution(spec):
    batch, channels, out, size, kernel, stride, groups, product = (
        spec[name] for name in ("batch", "channels", "out", "size", "kernel", "stride", "groups", "product")
    )
    places, padding = -(-size // stride), kernel // 2
    shapes = (batch, channels, size, size), (out, channels // groups, kernel, kernel), (batch, out, places, places)
    x, w, g = (numbers(seed + 1, torch.Size(shape).numel(), 1).reshape(shape) for seed, shape in enumerate(shapes))
    if product == "forward":
        run = lambda: F.conv2d(x, w, None, stride, padding, 1, groups)
    else:
        wanted = [product == "input", product == "weight", False]
        adjoint = torch.ops.aten.convolution_backward
        run = lambda: adjoint(
            g, x, w, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], groups, wanted
        )[wanted.index(True)]
    return run, lambda _: some(run())


def pooling(spec):
    batch, channels, size, kernel, stride = (spec[name] for name in ("batch", "channels", "size", "kernel", "stride"))
    places, padding = -(-size // stride), kernel // 2 if kernel > stride else 0
    x, g = (
        numbers(seed, batch * channels * n * n, 1).reshape(batch, channels, n, n) for seed, n in ((1, size), (3, places))
    )
    pool = F.max_pool2d if spec["of"] == "max" else F.avg_pool2d
    if not spec["isBackward"]:
        run = lambda: pool(x, kernel, stride, padding)
    elif spec["of"] == "mean":
        adjoint = torch.ops.aten.avg_pool2d_backward
        run = lambda: adjoint(g, x, [kernel] * 2, [stride] * 2, [padding] * 2, False, True, None)
    else:
        # The places of the largest elements are looked for, too, as in a pass that does not have them.
        adjoint = torch.ops.aten.max_pool2d_with_indices_backward

        def run():
            _, indices = F.max_pool2d(x, kernel, stride, padding, return_indices=True)
            return adjoint(g, x, [kernel] * 2, [stride] * 2, [padding] * 2, [1, 1], False, indices)

    return run, lambda _: some(run())


def chain(length):
    factor, term = torch.tensor(1.0001), torch.tensor(0.0001)
    x = torch.tensor(0.5, requires_grad=True)

    def run():
        x.grad = None
        y = x
        for _ in range(length):
            y = y * factor + term
        y.backward()
        return [y.item(), x.grad.item()]

    return run, lambda _: run()


def task(spec):
    kind = spec["kind"]
    if kind == "step":
        return training_step(spec)
    if kind == "training":
        return whole_training(spec)
    if kind == "network":
        return network_step(spec["name"])
    if kind == "conv":
        return convolution(spec)
    if kind == "pool":
        return pooling(spec)
    if kind == "chain":
        return chain(spec["length"])
    n = spec["n"]
    if kind == "matmul":
        a, b = (numbers(seed, n * n, 1).reshape(n, n) for seed in (1, 2))
        run = lambda: a @ b
    else:
        x = numbers(1, n, 4)
        y = torch.empty(n)
        run = {
            "exp": lambda: torch.exp(x, out=y),
            "tanh": lambda: torch.tanh(x, out=y),
            "add": lambda: torch.add(x, x, out=y),
        }[spec["op"]]
    return run, lambda _: some(run())


def sample(run, warmup, ms):
    """The mean time of a run in microseconds."""
    if warmup > 0:
        end = time.perf_counter() + warmup / 1000
        run()
        while time.perf_counter() < end:
            run()
    total, runs = 0.0, 0
    while runs == 0 or total < ms / 1000:
        start = time.perf_counter()
        run()
        total += time.perf_counter() - start
        runs += 1
    return {"us": total / runs * 1e6, "runs": runs}


def algebra():
    """Which library computes products of matrices, if the system can tell: they differ by a factor of ten."""
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps}
    except OSError:
        return ""
    import os

    files = {os.path.realpath(path) for path in paths if any(s in path.lower() for s in ("blas", "mkl_rt", "blis"))}
    if any("openblas" in file for file in files):
        return "OpenBLAS"
    if any("blas/libblas" in file for file in files):
        return "reference BLAS"
    return ""


def serve(order, state):
    if order["do"] == "prepare":
        state["run"], check = task(order["spec"])
        return {"check": check(order["steps"])}
    if order["do"] == "sample":
        return sample(state["run"], order["warmup"], order["ms"])
    state.clear()
    return {}


if len(sys.argv) > 1:
    task(json.loads(sys.argv[1]))[0]()
    print(json.dumps({"ms": (time.perf_counter() - begun) * 1000}), flush=True)
    sys.exit()

products = algebra()
hello = {"version": torch.__version__, "runtime": ", ".join(filter(None, ["Python " + sys.version.split()[0], products]))}
if products == "reference BLAS":
    hello["remark"] = "its products run on the reference BLAS, which is many times slower than others: install OpenBLAS"
print(json.dumps(hello), flush=True)
state = {}
for line in sys.stdin:
    try:
        answer = serve(json.loads(line), state)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
    print(json.dumps(answer), flush=True)
