"""Trains the digits network and writes everything of this folder that is made from data.

    python -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python train.py

Written: digits_float.tflite, digits_int8.tflite, digits_test.npz, labels.txt, digits_golden.npz, accuracy.json
and SHA256SUMS. One thread, fixed seeds and deterministic kernels, so a second run on the same processor and
versions writes the same bytes; another processor may sum in another order and give a slightly different network.
"""

import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_DETERMINISTIC_OPS"] = "1"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import hashlib
import json
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import measure

FOLDER = Path(__file__).resolve().parent
SEED = 20240607
TEST_SAMPLES = 450
CALIBRATION_SAMPLES = 128
GOLDEN_SAMPLES = 32
EPOCHS = 160
BATCH = 64
# The largest pixel of the UCI digits: each counts the inked pixels of a 4x4 block.
PIXEL_MAX = 16.0


def split_digits():
    """Stratified, disjoint train, calibration and test sets: images (n, 8, 8, 1) in 0..1 and labels."""
    digits = load_digits()
    images = (digits.images[..., np.newaxis] / PIXEL_MAX).astype(np.float32)
    labels = digits.target.astype(np.int64)
    distinct = np.unique(images.reshape(len(images), -1), axis=0)
    if len(distinct) != len(images):
        raise SystemExit("repeated images: a random split would leak test images into training")
    rest, test = train_test_split(np.arange(len(labels)), test_size=TEST_SAMPLES, random_state=SEED, stratify=labels)
    train, calibration = train_test_split(rest, test_size=CALIBRATION_SAMPLES, random_state=SEED, stratify=labels[rest])
    return {
        name: (images[rows], labels[rows])
        for name, rows in (("train", train), ("calibration", calibration), ("test", test))
    }


def augment(images, rng):
    """Half of the images as they are, half slightly turned, scaled, sheared and moved, as digits drawn by hand are."""
    centre = np.array([3.5, 3.5])
    augmented = images.copy()
    for index in np.flatnonzero(rng.random(len(images)) < 0.5):
        angle = rng.uniform(-0.2, 0.2)
        scale = rng.uniform(0.9, 1.1, size=2)
        shear = rng.uniform(-0.13, 0.13)
        shift = rng.uniform(-0.7, 0.7, size=2)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = rotation @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag(1.0 / scale)
        offset = centre - matrix @ (centre + shift)
        moved = ndimage.affine_transform(images[index, ..., 0], matrix, offset=offset, order=1)
        augmented[index, ..., 0] = np.clip(moved * rng.uniform(0.9, 1.1), 0.0, 1.0)
    return augmented


def build_network():
    """Convolution, two depthwise separable blocks, both kinds of pooling, two dense layers.

    11,850 weights once normalization is folded.
    """

    def convolution(layer, x):
        return layers.ReLU()(layers.BatchNormalization()(layer(x)))

    image = keras.Input((8, 8, 1), name="image")
    x = convolution(layers.Conv2D(16, 3, padding="same", use_bias=False), image)
    x = convolution(layers.DepthwiseConv2D(3, padding="same", use_bias=False), x)
    x = convolution(layers.Conv2D(32, 1, use_bias=False), x)
    x = layers.MaxPooling2D(2)(x)
    x = convolution(layers.DepthwiseConv2D(3, padding="same", use_bias=False), x)
    x = convolution(layers.Conv2D(64, 1, use_bias=False), x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(32, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="scores")(x))


def train_network(images, labels):
    """Adam on freshly augmented images, the learning rate falling along a cosine. No set but `images` is looked at."""
    network = build_network()
    steps = EPOCHS * (len(images) // BATCH)
    network.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, steps)),
        loss="sparse_categorical_crossentropy",
    )
    rng = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        order = rng.permutation(len(images))
        network.fit(augment(images[order], rng), labels[order], batch_size=BATCH, epochs=1, shuffle=False, verbose=0)
    return network


def convert(network, calibration):
    """The float32 and the full int8 `.tflite` of a network; ranges come from `calibration`."""

    def converter(saved_model):
        return tf.lite.TFLiteConverter.from_saved_model(saved_model)

    with tempfile.TemporaryDirectory() as saved_model:
        # A batch of one fixed here keeps the converter from adding operators that work the batch out at run time.
        signature = [keras.InputSpec(shape=(1, 8, 8, 1), dtype="float32", name="image")]
        network.export(saved_model, verbose=False, input_signature=signature)
        float_model = converter(saved_model).convert()

        quantizing = converter(saved_model)
        quantizing.optimizations = [tf.lite.Optimize.DEFAULT]
        quantizing.representative_dataset = lambda: ([image[np.newaxis]] for image in calibration)
        quantizing.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        quantizing.inference_input_type = tf.int8
        quantizing.inference_output_type = tf.int8
        int8_model = quantizing.convert()
    return float_model, int8_model


def write_checksums():
    """`sha256sum -c SHA256SUMS` then proves the folder."""
    files = sorted(path for path in FOLDER.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (FOLDER / "SHA256SUMS").write_text("".join(lines))


def main():
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    sets = split_digits()
    network = train_network(*sets["train"])
    float_model, int8_model = convert(network, sets["calibration"][0])
    images, labels = sets["test"]

    (FOLDER / "digits_float.tflite").write_bytes(float_model)
    (FOLDER / "digits_int8.tflite").write_bytes(int8_model)
    (FOLDER / "labels.txt").write_text("".join(f"{digit}\n" for digit in range(10)))
    np.savez_compressed(FOLDER / "digits_test.npz", x=images, y=labels)
    golden = measure.golden(float_model, int8_model, images[:GOLDEN_SAMPLES])
    np.savez_compressed(FOLDER / "digits_golden.npz", **golden)
    report = measure.accuracy({"float": float_model, "int8": int8_model}, images, labels)
    (FOLDER / "accuracy.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))
    write_checksums()


if __name__ == "__main__":
    main()
