"""Trains the network of examples/cells.ts in PyTorch, from the weights and batches that index.ts wrote, and writes the logits of the tiles."""

import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../test/fixtures/pytorch"))
from cells import CellNetwork  # noqa: E402

folder = sys.argv[1]
torch.set_num_threads(1)
with open(os.path.join(folder, "task.json")) as file:
    task = json.load(file)


def read(name, shape):
    return torch.from_numpy(np.fromfile(os.path.join(folder, f"{name}.bin"), dtype="<f4").reshape(shape))


model = CellNetwork(task["channels"])
model.load_state_dict({name: read(f"weights-{i}", shape) for i, (name, shape) in enumerate(task["weights"])})
steps, shape = task["steps"], [task["steps"], task["count"], 1, task["side"], task["side"]]
inputs, targets = read("inputs", shape), read("targets", shape)
optimizer = torch.optim.Adam(model.parameters(), lr=task["lr"])
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
start = time.time()
for x, y in zip(inputs, targets):
    optimizer.zero_grad()
    loss = F.binary_cross_entropy_with_logits(model(x), y)
    loss.backward()
    optimizer.step()
    schedule.step()
seconds = time.time() - start
model.eval()
with torch.no_grad():
    for i, tiles in enumerate(task["tiles"]):
        logits = torch.cat([model(x) for x in read(f"tiles-{i}", tiles).split(8)])
        logits.numpy().astype("<f4").tofile(os.path.join(folder, f"logits-{i}.bin"))
print(json.dumps({"seconds": seconds}))
