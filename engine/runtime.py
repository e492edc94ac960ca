"""Run model files: quiet ONNX Runtime sessions, and checks of a file that nobody vouches for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import BadInput
from engine.graph import INPUTS, OUTPUT

if TYPE_CHECKING:
    import onnxruntime


def usable_threads() -> int:
    """Processor cores this process may use, at most 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(8, cores or 1))


def open_session(model: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A quiet CPU session of a model file; raises BadInput when the runtime refuses the file."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    # Spinning threads steal the time of whatever else runs, other models measured included.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises its own kinds, all meaning "cannot be run"
        raise BadInput(f"{model} cannot be run ({first_line(error)}); export it again.") from error


def run_session(session: Any, feeds: dict[str, np.ndarray], folder: Path) -> np.ndarray:
    """One batch through the model; ids outside its tables are refused in words."""
    try:
        return np.asarray(session.run([OUTPUT], feeds)[0])
    except Exception as error:  # as above
        raise BadInput(
            f"The model in {folder} could not read its own tokenizer's pieces "
            f"({first_line(error)}); export the run again."
        ) from error


def check_model_file(model: Path) -> None:
    """Refuse a model file that reads other files, loops, or has unexpected inputs or outputs."""
    import onnx

    try:
        loaded = onnx.load(str(model), load_external_data=False)
    except Exception as error:  # protobuf raises several kinds
        raise BadInput(f"{model} is damaged ({first_line(error)}); export it again.") from error
    graph = loaded.graph
    if graph.sparse_initializer or loaded.functions:
        raise BadInput(f"{model} holds parts that Thimble never writes; choose another package.")
    tensors = list(graph.initializer)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g") or attribute.graphs:
                raise BadInput(
                    f'{model} holds the operator "{node.op_type[:40]}" with a graph of its own, '
                    "which Thimble's models never do; choose another package."
                )
            tensors += [attribute.t, *attribute.tensors]
    if any(one.data_location == onnx.TensorProto.EXTERNAL for one in tensors):
        raise BadInput(f"{model} keeps weights in other files; only single-file models are opened.")
    inputs = {value.name for value in graph.input} - {value.name for value in graph.initializer}
    if inputs != set(INPUTS) or [value.name for value in graph.output] != [OUTPUT]:
        raise BadInput(
            f"{model} does not take {', '.join(INPUTS)} and give {OUTPUT}; choose another package."
        )


def first_line(error: Exception) -> str:
    """What an error says, short enough for a sentence."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
