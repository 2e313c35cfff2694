# The workloads of workloads.ts in PyTorch, on one thread; prints medians in microseconds as JSON.
import json
import statistics
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(0)


def training_step(model, loss, x):
    optimizer = torch.optim.Adam(model.parameters())

    def run():
        optimizer.zero_grad()
        loss(model(x)).backward()
        optimizer.step()

    return run


def tiny_mlp():
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    target = torch.randn(32, 1)
    return training_step(model, lambda p: F.mse_loss(p, target), torch.randn(32, 2))


def digits_mlp():
    nn = torch.nn
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    target = torch.randint(0, 10, (64,))
    return training_step(model, lambda p: F.cross_entropy(p, target), torch.randn(64, 784))


def deep_mlp():
    nn = torch.nn
    model = nn.Sequential(nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10))
    target = torch.randint(0, 10, (256,))
    return training_step(model, lambda p: F.cross_entropy(p, target), torch.randn(256, 1024))


def chain():
    factor, term = torch.tensor(1.0001), torch.tensor(0.0001)

    def run():
        x = torch.tensor(0.5, requires_grad=True)
        y = x
        for _ in range(150):
            y = y * factor + term
        y.backward()

    return run


def square(n):
    a, b = torch.full((n, n), 0.5), torch.full((n, n), 0.25)
    return lambda: a @ b


million = torch.full((1_000_000,), 0.5)
workloads = {
    "A: 2-16-16-1 tanh, batch 32, mse, Adam: a step": tiny_mlp(),
    "B: 784-128-10 relu, batch 64, cross-entropy, Adam: a step": digits_mlp(),
    "C: 1024-1024-1024-10 relu, batch 256, cross-entropy, Adam: a step": deep_mlp(),
    "chain of 300 scalar ops, forward and backward": chain(),
    "matmul 32": square(32),
    "matmul 256": square(256),
    "matmul 1024": square(1024),
    "exp of 1,000,000": lambda: torch.exp(million),
    "tanh of 1,000,000": lambda: torch.tanh(million),
    "add of 1,000,000": lambda: million + million,
}


def median(run):
    for _ in range(20):
        run()
    times = []
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


print(json.dumps({"version": torch.__version__, "medians": {name: median(run) for name, run in workloads.items()}}))
