# SPDX-License-Identifier: Apache-2.0
"""The peer of our encoder: the same weights in ONNX Runtime, one thread, float32.

usage: minilm_onnx.py MODEL.safetensors SAMPLES.jsonl        (with build/bench/venv)

Each sample has `text`, `token_ids` and the reference `vector`; the first is run alone, all together
are the batch, run in pieces of 32 by length as sentence-transformers does. Word pieces are given, so cutting text into them costs the peer nothing. The graph is the
usual export: fused layer norm and GELU, softmax over masked scores. Before anything is measured
the vectors are compared with the references.
"""

import json
import struct
import sys
import time

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HIDDEN, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
ROUNDS_ONE, ROUNDS_BATCH, PIECE = 200, 5, 32


def read_weights(path: str) -> dict:
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        begin = file.tell()
        weights = {}
        for name, entry in header.items():
            if name == "__metadata__" or entry["dtype"] != "F32":
                continue
            file.seek(begin + entry["data_offsets"][0])
            data = file.read(entry["data_offsets"][1] - entry["data_offsets"][0])
            weights[name.removeprefix("bert.")] = numpy.frombuffer(data, numpy.float32).reshape(
                entry["shape"])
    return weights


class Graph:
    def __init__(self, weights: dict):
        self.weights, self.nodes, self.constants, self.count = weights, [], [], 0

    def constant(self, array) -> str:
        self.count += 1
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(array),
                                                      f"c{self.count}"))
        return f"c{self.count}"

    def node(self, kind: str, *inputs: str, **attributes) -> str:
        self.count += 1
        self.nodes.append(helper.make_node(kind, inputs, [f"n{self.count}"], **attributes))
        return f"n{self.count}"

    def linear(self, x: str, name: str) -> str:
        product = self.node("MatMul", x, self.constant(self.weights[f"{name}.weight"].T))
        return self.node("Add", product, self.constant(self.weights[f"{name}.bias"]))

    def norm(self, x: str, name: str) -> str:
        return self.node("LayerNormalization", x, self.constant(self.weights[f"{name}.weight"]),
                         self.constant(self.weights[f"{name}.bias"]), axis=-1, epsilon=EPSILON)

    def heads(self, x: str, order: list) -> str:
        shape = self.constant(numpy.array([0, 0, HEADS, HIDDEN // HEADS], numpy.int64))
        return self.node("Transpose", self.node("Reshape", x, shape), perm=order)

    def layer(self, x: str, mask: str, name: str) -> str:
        query = self.heads(self.linear(x, f"{name}.attention.self.query"), [0, 2, 1, 3])
        key = self.heads(self.linear(x, f"{name}.attention.self.key"), [0, 2, 3, 1])
        value = self.heads(self.linear(x, f"{name}.attention.self.value"), [0, 2, 1, 3])
        scale = self.constant(numpy.float32((HIDDEN / HEADS) ** -0.5))
        scores = self.node("Add", self.node("Mul", self.node("MatMul", query, key), scale), mask)
        mixed = self.node("MatMul", self.node("Softmax", scores, axis=-1), value)
        flat = self.node("Reshape", self.node("Transpose", mixed, perm=[0, 2, 1, 3]),
                         self.constant(numpy.array([0, 0, HIDDEN], numpy.int64)))
        x = self.norm(self.node("Add", self.linear(flat, f"{name}.attention.output.dense"), x),
                      f"{name}.attention.output.LayerNorm")
        inner = self.node("Gelu", self.linear(x, f"{name}.intermediate.dense"))
        return self.norm(self.node("Add", self.linear(inner, f"{name}.output.dense"), x),
                         f"{name}.output.LayerNorm")

    def whole(self) -> onnx.ModelProto:
        table = self.constant(self.weights["embeddings.word_embeddings.weight"])
        x = self.node("Gather", table, "ids")
        kinds = self.weights["embeddings.token_type_embeddings.weight"][0]
        places = self.constant(self.weights["embeddings.position_embeddings.weight"] + kinds)
        x = self.node("Add", x, self.node("Gather", places, "positions"))
        x = self.norm(x, "embeddings.LayerNorm")
        for number in range(LAYERS):
            x = self.layer(x, "mask", f"encoder.layer.{number}")
        graph = helper.make_graph(
            self.nodes + [helper.make_node("Identity", [x], ["tokens"])], "minilm",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["b", "t"]),
             helper.make_tensor_value_info("positions", TensorProto.INT64, ["t"]),
             helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["b", 1, 1, "t"])],
            [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["b", "t", HIDDEN])],
            self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


class Encoder:
    def __init__(self, path: str):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = Graph(read_weights(path)).whole()
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def encode(self, batch: list) -> numpy.ndarray:
        longest = max(map(len, batch))
        ids = numpy.zeros((len(batch), longest), numpy.int64)
        present = numpy.zeros((len(batch), longest), numpy.float32)
        for row, tokens in enumerate(batch):
            ids[row, :len(tokens)] = tokens
            present[row, :len(tokens)] = 1
        [tokens] = self.session.run(None, {
            "ids": ids, "positions": numpy.arange(longest),
            "mask": ((1 - present) * -1e9)[:, None, None, :].astype(numpy.float32)})
        sums = (tokens * present[:, :, None]).sum(1) / present.sum(1, keepdims=True)
        return sums / numpy.linalg.norm(sums, axis=1, keepdims=True)


def check(encoder: Encoder, samples: list) -> None:
    for sample in samples:
        [vector] = encoder.encode([sample["token_ids"]])
        reference = numpy.array(sample["vector"])
        cosine = float(vector @ reference / numpy.linalg.norm(reference))
        if cosine < 0.9999:
            raise SystemExit(f"the peer is wrong about `{sample['text']}`: {cosine}")


def say(name: str, unit: str, values: list) -> None:
    values.sort()
    for share, word in ((0.5, "median"), (0.95, "p95")):
        value = values[min(int(share * len(values)), len(values) - 1)]
        print(json.dumps({"name": f"{name}, {word}", "unit": unit, "value": value,
                          "samples": len(values)}))


def main() -> None:
    with open(sys.argv[2], encoding="utf-8") as file:
        samples = [json.loads(line) for line in file]
    encoder = Encoder(sys.argv[1])
    check(encoder, samples)
    took = []
    for _ in range(ROUNDS_ONE):
        began = time.perf_counter()
        encoder.encode([samples[0]["token_ids"]])
        took.append((time.perf_counter() - began) * 1e3)
    say("one text", "ms", took)
    batch = sorted((sample["token_ids"] for sample in samples), key=len, reverse=True)
    rates = []
    for _ in range(ROUNDS_BATCH):
        began = time.perf_counter()
        for at in range(0, len(batch), PIECE):
            encoder.encode(batch[at:at + PIECE])
        rates.append(len(batch) / (time.perf_counter() - began))
    say("batch", "texts/s", rates)


if __name__ == "__main__":
    main()
