"""The custom operators of TensorFlow Lite Micro's audio front end. Only `tflm` has them."""

import numpy as np
from ai_edge_litert.schema_py_generated import TensorType

from ..case import ORDER, Case

SPECTRUM_TYPES = {"int16": TensorType.INT16, "int32": TensorType.INT32, "float32": TensorType.FLOAT32}
# Filter weights are fixed-point numbers with 12 fractional bits.
WEIGHT_ONE = 1 << 12


def window():
    for name, size, shift in (("shift_12", 48, 12), ("shift_0_saturating", 7, 0), ("shift_14_odd", 31, 14)):
        case = Case("SignalWindow", "int16", name)
        limits = dict(low=-3, high=300) if shift == 0 else dict(low=0, high=4096)
        weights = case.graph.constant(case.values("int16", (size,), **limits))
        samples = case.input("int16", (1, size))
        case.graph.custom_op(
            "SignalWindow", [samples, weights], [case.graph.output("int16", (1, size))], dict(shift=shift)
        )
        yield case


def fft_auto_scale():
    for name, limit in (("loud", 32767), ("quiet", 90), ("least", 1), ("silent", 0), ("half", 16384)):
        case = Case("SignalFftAutoScale", "int16", name)
        samples = case.input("int16", (40,), low=-limit, high=limit)
        outputs = [case.graph.output("int16", (40,)), case.graph.output("int32", ())]
        case.graph.custom_op("SignalFftAutoScale", [samples], outputs, {})
        yield case


def rfft():
    for name, size, length in (
        ("full", 64, 64),
        ("zero_padded", 30, 64),
        ("length_128", 128, 128),
        ("length_512", 480, 512),
    ):
        for dtype, code in SPECTRUM_TYPES.items():
            if length == 512 and dtype != "int16":
                continue
            case = Case("SignalRfft", dtype, name, float_tolerance=ORDER)
            limits = dict(low=-(2**27), high=2**27) if dtype == "int32" else {}
            samples = case.input(dtype, (size,), **limits)
            output = case.graph.output(dtype, (length + 2,))
            case.graph.custom_op("SignalRfft", [samples], [output], dict(T=code, fft_length=length))
            yield case


def energy():
    """Only the bins of the band are written, so the rest is cut off as int32, which STRIDED_SLICE takes."""
    for name, bins, start, end in (("all", 33, 0, 33), ("band", 33, 3, 21), ("one_bin", 5, 2, 3)):
        case = Case("SignalEnergy", "int16", name)
        graph = case.graph
        spectrum = case.input("int16", (2 * bins,))
        energies, cast = graph.tensor("uint32", (bins,)), graph.tensor("int32", (bins,))
        graph.custom_op("SignalEnergy", [spectrum], [energies], dict(start_index=start, end_index=end))
        graph.op(
            "CAST", [energies], [cast], "CastOptions",
            inDataType=TensorType.UINT32, outDataType=TensorType.INT32,
        )  # fmt: skip
        bounds = [graph.constant(np.int32([value])) for value in (start, end, 1)]
        output = graph.output("int32", (end - start,))
        graph.op("STRIDED_SLICE", [cast, *bounds], [output], "StridedSliceOptions")
        yield case


def filter_bank():
    for name, widths in (
        ("rising_widths", [3, 4, 4, 5, 7, 8]),
        ("one_channel", [4, 3]),
        ("with_empty_band", [2, 0, 3, 5]),
    ):
        channels = len(widths) - 1
        bins = sum(widths) + 4
        case = Case("SignalFilterBank", "uint32", name)
        graph = case.graph
        weights = case.values("int16", (sum(widths),), low=0, high=WEIGHT_ONE)
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int16)
        inputs = [
            case.input("uint32", (bins,)),
            graph.constant(weights),
            graph.constant(np.int16(WEIGHT_ONE - weights)),
            graph.constant(np.int16(starts + 2)),
            graph.constant(starts),
            graph.constant(np.int16(widths)),
        ]
        graph.custom_op("SignalFilterBank", inputs, [graph.output("uint64", (channels,))], dict(num_channels=channels))
        yield case


def square_root():
    for name, bits in (("small", 16), ("usual", 40), ("largest", 63)):
        case = Case("SignalFilterBankSquareRoot", "uint64", name)
        values = case.input("uint64", (24,), low=0, high=2**bits - 1)
        shifts = case.input("int32", (), data=np.int32([0, 5]))
        case.graph.custom_op("SignalFilterBankSquareRoot", [values, shifts], [case.graph.output("uint32", (24,))], {})
        yield case


def spectral_subtraction():
    usual = dict(
        num_channels=16, smoothing=409, one_minus_smoothing=15975, alternate_smoothing=983,
        alternate_one_minus_smoothing=15401, smoothing_bits=10, min_signal_remaining=819, clamping=False,
        spectral_subtraction_bits=14,
    )  # fmt: skip
    for name, differs, limit in (
        ("usual", {}, 60_000),
        ("clamping", dict(clamping=True), 60_000),
        ("one_smoothing", dict(alternate_smoothing=409, alternate_one_minus_smoothing=15975), 3_000),
        ("nothing_remains", dict(min_signal_remaining=0), 60_000),
    ):
        case = Case("SignalFilterBankSpectralSubtraction", "uint32", name, stateful=True, runs=8)
        values = case.input("uint32", (16,), low=0, high=limit)
        outputs = [case.graph.output("uint32", (16,)), case.graph.output("uint32", (16,))]
        case.graph.custom_op("SignalFilterBankSpectralSubtraction", [values], outputs, usual | differs)
        yield case


def gain_table(strength=0.95, offset=80.0, gain_bits=21, input_bits=7):
    """Parabolas through three points of the gain in each octave: 2 + 31 * 4 - 1 numbers."""

    def gain(x):
        return min(int(2.0**gain_bits * (x / 2.0**input_bits + offset) ** -strength + 0.5), 0x7FFF)

    table = np.zeros(125, np.int16)
    table[0], table[1] = gain(0), gain(1)
    for octave in range(2, 33):
        x0 = 1 << (octave - 1)
        y0, y1, y2 = gain(x0), gain(x0 + (x0 >> 1)), gain(2 * x0 - (1 if octave == 32 else 0))
        slope = 4 * (y1 - y0) - (y2 - y0)
        table[4 * octave - 6 : 4 * octave - 3] = y0, slope, y2 - y0 - slope
    return table


def pcan():
    for name, signal, noise, shift in (
        ("usual", 60_000, 40_000, 6),
        ("loud", 2**31, 2**20, 6),
        ("little_noise", 5_000, 2, 6),
        ("shift_0", 3_000, 900, 0),
    ):
        case = Case("SignalPCAN", "uint32", name)
        inputs = [
            case.input("uint32", (40,), low=0, high=signal),
            case.input("uint32", (40,), low=0, high=noise),
            case.graph.constant(gain_table()),
        ]
        case.graph.custom_op("SignalPCAN", inputs, [case.graph.output("uint32", (40,))], dict(snr_shift=shift))
        yield case


def log():
    for name, limit, correction, scale in (
        ("usual", 60_000, 3, 64),
        ("whole_range", 2**32 - 1, 3, 64),
        ("small", 12, 3, 64),
        ("scale_1600", 9_000, 0, 1600),
    ):
        case = Case("SignalFilterBankLog", "uint32", name)
        values = case.input("uint32", (40,), low=0, high=limit)
        options = dict(input_correction_bits=correction, output_scale=scale)
        case.graph.custom_op("SignalFilterBankLog", [values], [case.graph.output("int16", (40,))], options)
        yield case


def cases():
    for part in (
        window,
        fft_auto_scale,
        rfft,
        energy,
        filter_bank,
        square_root,
        spectral_subtraction,
        pcan,
        log,
    ):
        yield from part()
