"""Naming conventions of frameworks whose tags the rules for plain words would misinterpret.

A convention is recognised by marker tags, of which several must be present, and then maps tags exactly. Only
tags that the rules for plain words get wrong are listed, not `val/loss` and `train_acc`. Each entry is based on the
source or documentation of its framework.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..run import Meaning
from .conventions_reinforcement import REINFORCEMENT, REINFORCEMENT_FRAMEWORKS
from .patterns import Convention, aside, is_met, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable

_GAN = "adversarial log: losses need not decrease"
_GAN_LOSS = Meaning("loss", "train", reason=_GAN)
_DETECTION = Meaning("score", "validation", direction="higher", reason="detection: measured on the validation set")
_SEGMENTATION = Meaning(
    "score", "validation", direction="higher", reason="segmentation: measured on the validation set"
)
_KERAS_AGAIN = "Keras: epoch_* logged again by iteration"
_STEP_SECONDS = Meaning("step-time", "train", reason="logged together with the time waiting for data: seconds per step")
_HF_MEAN = "Hugging Face: mean over the whole run, one point"
_REAL = aside("discriminator-real", "output of the discriminator on real samples")
_FAKE = aside("discriminator-fake", "output of the discriminator on generated samples")


def conventions_of(tags: Iterable[str]) -> tuple[Convention, ...]:
    """The conventions that a run's tags follow."""
    return _conventions_of(frozenset(tags))


@lru_cache(maxsize=64)  # the runs of a sweep have the same tags
def _conventions_of(tags: frozenset[str]) -> tuple[Convention, ...]:
    forms = {form for tag in tags for form in spellings(tag)}
    text = "\n".join(forms)
    return tuple(c for c in CONVENTIONS if sum(is_met(marker, forms, text) for marker in c.markers) >= c.needed)


CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "Keras TensorBoard callback",
        ("evaluation_*_vs_iterations",),
        1,
        (("evaluation_*_vs_iterations", aside("statistic", _KERAS_AGAIN)),),
    ),
    Convention(
        "Hugging Face Trainer",
        ("train/train_loss", "train/train_runtime", "train/total_flos", "train_loss", "train_runtime", "total_flos"),
        2,
        (
            ("train/train_loss", aside("statistic", _HF_MEAN)),
            ("train_loss", aside("statistic", _HF_MEAN)),
            ("*total_flos", aside("counter", "Hugging Face: bookkeeping")),
            ("train/global_step", aside("counter", "Hugging Face: bookkeeping")),
        ),
    ),
    Convention(
        "Megatron-LM",
        ("* vs samples|lm loss|*/lm loss",),
        1,
        (
            ("* vs samples", aside("statistic", "Megatron: the same tag logged again by samples")),
            ("*lm loss value", Meaning("loss", "validation", direction="lower", reason="Megatron: the loss of an evaluation")),
        ),
    ),
    Convention(
        "llm.c",
        ("trl", "tel"),
        2,
        (("norm", aside("gradient-norm", "llm.c: gradient norm")),),
    ),
    *REINFORCEMENT_FRAMEWORKS,
    Convention(
        "StyleGAN",
        ("* loss g *", "* loss d *", "* loss scores real *", "* loss scores fake *"),
        2,
        (
            ("* loss scores real *", _REAL),
            ("* loss scores fake *", _FAKE),
            ("* loss signs real *", _REAL),
            ("* loss signs fake *", _FAKE),
            ("* loss scale *", None),
            ("*loss*", _GAN_LOSS),
        ),
    ),
    Convention(
        "adversarial training",
        (
            "* g loss *|* loss g *|* gen loss *|* loss gen *|* generator loss *|* loss generator *|* err g *|* loss encoder *",
            "* d loss *|* err d *|* discrim loss *|* loss discrim *|* loss d *|* dis loss *|* disc loss *|* loss disc *|* discriminator loss *|* loss discriminator *",
        ),
        2,
        (("* d x *", _REAL), ("* d g z *", _FAKE), ("* real score *", _REAL), ("* fake score *", _FAKE), ("* loss scale *", None), ("*loss*", _GAN_LOSS), ("* err *", _GAN_LOSS)),
    ),
    Convention("scripts that train a language model", ("norm", "loss|*/loss", "*tok*s*", "lr|*/lr"), 4, (
        ("norm", aside("gradient-norm", "logged with the learning rate and tokens per second: the norm of the gradient")),
    )),
    Convention("translation of images by two generators", ("* d a *", "* d b *", "* g a *", "* g b *"), 3, (
        ("* d a *", _GAN_LOSS), ("* d b *", _GAN_LOSS), ("* g a *", _GAN_LOSS), ("* g b *", _GAN_LOSS),
        ("* cycle *", _GAN_LOSS), ("* idt *", _GAN_LOSS),
    )),
    Convention("depth from one image", ("a1|*/a1|*_a1", "a2|*/a2|*_a2", "a3|*/a3|*_a3", "* absrel *|*abs_rel*", "*silog*"), 2, tuple(
        (form, Meaning("score", direction="higher", reason="share of pixels within a factor of the true depth"))
        for name in ("a1", "a2", "a3") for form in (name, f"*/{name}", f"*_{name}")
    )),
    Convention("precision and recall by letter", ("p|*/p|*_p|* p", "r|*/r|*_r|* r", "f|*/f|*_f|* f|f1|*/f1|*_f1|* f1"), 3, tuple(
        (form, Meaning("score", direction="higher", reason="precision, recall and F1, logged together"))
        for letter in ("p", "r", "f") for form in (letter, f"*/{letter}", f"*_{letter}", f"* {letter}")
    )),
    Convention("quality of generated images", ("* fid *|* fid mean *", "is|*/is|*_is|*/is_mean|is_mean"), 2, tuple(
        (form, Meaning("score", direction="higher", reason="inception score, logged with the distance of Frechet"))
        for form in ("is", "*/is", "*_is", "is_mean", "*/is_mean")
    )),
    Convention("vector quantisation", ("* commit* loss *|* commitment *|* vq loss *|* codebook *|* embedding loss *",), 1, (
        ("* perplexity *", aside("statistic", "logged with the loss of a quantiser: how many of its codes are used")),
    )),
    *REINFORCEMENT,
    Convention(
        "detection",
        (
            "* box loss *", "* loss bbox *", "* loss box reg *", "*metrics/map*", "*metrics/precision*", "bbox/ap*",
            "*bbox_map*", "* obj loss *", "* loss rpn *",
        ),
        2,
        (
            ("metrics/precision*", _DETECTION),
            ("metrics/recall*", _DETECTION),
            ("metrics/map*", _DETECTION),
            ("bbox/ap*", _DETECTION),
            ("segm/ap*", _DETECTION),
            ("keypoints/ap*", _DETECTION),
            ("*bbox_map*", _DETECTION),
            ("*segm_map*", _DETECTION),
        ),
    ),
    Convention("PaddleDetection", ("*bbox-map", "*mask-map"), 1, (("*bbox-map", _DETECTION), ("*mask-map", _DETECTION))),
    Convention("detectron2", ("bbox/ap*", "segm/ap*"), 1, (("bbox/ap*", _DETECTION), ("segm/ap*", _DETECTION))),
    Convention(
        "PaddlePaddle",
        ("batch_cost|*/batch_cost", "reader_cost|*/reader_cost|data_cost|*/data_cost"),
        2,
        (
            ("*batch_cost", _STEP_SECONDS),
            ("*reader_cost", aside("data-time", "PaddlePaddle: seconds until the reader returned a batch")),
            ("*data_cost", aside("data-time", "PaddlePaddle: seconds until the reader returned a batch")),
        ),
    ),
    Convention(
        "MMSegmentation",
        ("miou|*/miou", "macc|*/macc", "aacc|*/aacc"),
        2,
        tuple((pattern, _SEGMENTATION) for name in ("miou", "macc", "aacc") for pattern in (name, f"*/{name}")),
    ),
    Convention(
        "Composer",
        ("loss/train/total", "metrics/train/*|metrics/eval/*", "time/token|time/sample|time/batch", "l2_norm/grad/global", "throughput/batches_per_sec"),
        2,
        (("time/*", aside("counter", "Composer: progress of the run")),),
    ),
    Convention(
        "JoeyNMT",
        ("batch loss", "* tokens per sec *"),
        2,
        (("batch loss", Meaning("loss", "train", direction="lower", reason="JoeyNMT: training loss of a batch")),),
    ),
    Convention(
        "spaCy",
        ("losses/*", "scores/*", "score"),
        3,
        (
            ("losses/*", Meaning("loss", "train", reason="spaCy: a sum since the previous evaluation; the first interval is shorter")),
            ("scores/speed", Meaning("throughput", "validation", direction="higher", reason="spaCy: words per second")),
            ("scores/*", Meaning("score", "validation", direction="higher", reason="spaCy: measured on the development set")),
            ("score", Meaning("score", "validation", direction="higher", reason="spaCy: the weighted mean of the scores")),
        ),
    ),
    Convention(
        "detectron2, MMEngine, YOLOX",
        ("data_time|*/data_time", "time|*/time|iter_time"),
        2,
        (("time", _STEP_SECONDS), ("*/time", _STEP_SECONDS)),
    ),
    Convention(
        "PyTorch examples and scripts based on them",
        ("data", "time"),
        2,
        (("time", _STEP_SECONDS), ("data", aside("data-time", "logged together with the step time"))),
    ),
    Convention(
        "timers under one heading",
        ("* time data *|* timing data *|* timers data *", "* time step *|* timing step *|* timers step *"),
        2,
        (("* time step *", _STEP_SECONDS), ("* timing step *", _STEP_SECONDS), ("* timers step *", _STEP_SECONDS)),
    ),
    Convention(
        "ESPnet",
        ("iter_time|*/iter_time", "forward_time|*/forward_time", "optim_step_time|*/optim_step_time"),
        2,
        (
            ("iter_time", aside("data-time", "ESPnet: time until the iterator returned a batch")),
            ("*/iter_time", aside("data-time", "ESPnet: time until the iterator returned a batch")),
            ("train_time", _STEP_SECONDS),
            ("*/train_time", _STEP_SECONDS),
        ),
    ),
    Convention("PySlowFast", ("dt_data", "dt"), 2, (("dt", _STEP_SECONDS),)),
    Convention(
        "Weights & Biases, system metrics",
        ("*gpu.*.gpu",),
        1,
        (
            ("*gpu.*.gpu", aside("utilization", "Weights & Biases: device utilization")),
            ("*gpu.*.memory", aside("statistic", "Weights & Biases: share of time with memory access")),
        ),
    ),
    Convention(
        "single mentions",
        ("hp_metric", "hparam/*", "trl", "tel", "gnorm", "ev_tdlam_before", "*rewards/chosen"),
        1,
        (
            ("hparam/*", aside("statistic", "PyTorch add_hparams: a final value logged with the hyperparameters")),
            ("hp_metric", aside("statistic", "Lightning: placeholder of the hyperparameter tab")),
            ("trl", Meaning("loss", "train", direction="lower", reason="llm.c: training loss")),
            ("tel", Meaning("loss", "validation", direction="lower", reason="llm.c: validation loss")),
            ("*rewards/chosen", aside("statistic", "preference optimisation: only the margin is expected to grow")),
            ("*rewards/rejected", aside("statistic", "preference optimisation: only the margin is expected to grow")),
            ("ev_tdlam_before", Meaning("explained-variance", direction="higher", reason="Baselines: explained variance of the returns")),
            ("gnorm", Meaning("gradient-norm", reason="fairseq: gradient norm")),
        ),
    ),
)  # fmt: skip
