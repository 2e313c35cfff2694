"""Reads and writes safetensors files with numpy, after the published format alone, to hold the library's own against.

python3 interchange.py read FILE          prints names, dtypes, shapes, bytes (hex) and metadata as JSON, in the header's order
python3 interchange.py write FILE SEED    writes tensors of all dtypes, drawn from the seed, and prints the same of them

The format: 8 bytes, the header's length as a little-endian unsigned integer; the header, a JSON object from name to dtype, shape and
data_offsets, with texts under __metadata__, spaces at its end allowed; the data, without holes.
"""

import json
import struct
import sys

import numpy as np

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "U64": "<u8", "I32": "<i4", "U32": "<u4",
    "I16": "<i2", "U16": "<u2", "I8": "<i1", "U8": "<u1", "BOOL": "?",
}


def read(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    assert 8 + length <= len(data)
    header = json.loads(data[8:8 + length].decode("utf-8"))
    body = data[8 + length:]
    metadata = header.pop("__metadata__", {})
    tensors = {}
    covered = 0
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = np.dtype(DTYPES[entry["dtype"]])
        assert (8 + length + begin) % dtype.itemsize == 0, "not aligned"
        tensors[name] = (entry["dtype"], np.frombuffer(body[begin:end], dtype).reshape(entry["shape"]))
        covered += end - begin
    assert covered == len(body)
    return tensors, metadata


def write(path, tensors, metadata, order):
    header = {"__metadata__": metadata}
    body = b""
    for name in order:
        dtype, x = tensors[name]
        raw = x.tobytes()
        header[name] = {"dtype": dtype, "shape": list(x.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, ensure_ascii=False).encode("utf-8")
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + body)


def values(dtype, x):
    """As the library is to read them: exactly, as float64 or whole numbers."""
    if dtype == "BF16":
        x = (x.astype("<u4") << 16).view("<f4")
    return [repr(float(v)) if x.dtype.kind == "f" else int(v) for v in x.reshape(-1)]


def describe(tensors, metadata):
    rows = [[name, dtype, list(x.shape), values(dtype, x)] for name, (dtype, x) in tensors.items()]
    print(json.dumps({"tensors": rows, "metadata": metadata}))


def drawn(seed):
    rng = np.random.default_rng(seed)
    shapes = [(), (0,), (3,), (2, 3), (2, 0, 3), (1, 2, 1, 2)]
    tensors = {}
    for dtype, kind in DTYPES.items():
        for shape in shapes:
            size = int(np.prod(shape))
            if dtype == "BOOL":
                x = rng.integers(0, 2, size).astype("?")
            elif dtype[0] in "FB":
                x = np.frombuffer(rng.bytes(size * np.dtype(kind).itemsize), kind)  # any bits: NaN, infinities, subnormal numbers
            else:
                info = np.iinfo(kind)
                x = rng.integers(max(info.min, -(2**31)), min(info.max, 2**31 - 1), size, endpoint=True).astype(kind)
            tensors[f"{dtype} 层 {list(shape)}"] = (dtype, x.reshape(shape))
    order = list(tensors)
    rng.shuffle(order)  # the data in another order than the header's, and not aligned
    return tensors, {"seed": str(seed), "名": "é\n\"\\"}, order


if __name__ == "__main__":
    command, path, *rest = sys.argv[1:]
    if command == "read":
        describe(*read(path))
    else:
        tensors, metadata, order = drawn(int(rest[0]))
        write(path, tensors, metadata, order)
        describe({name: tensors[name] for name in order}, metadata)
