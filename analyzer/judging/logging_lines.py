"""How to log the quantities that rules need: the line of code for each common framework.

PyTorch lines write with torch.utils.tensorboard's `SummaryWriter` as `writer`; Keras lines with `tf.summary` belong
into a custom training step; Hugging Face lines with `self.log` into a subclass of `Trainer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...parsers.run import Role, Split
    from ...rules.base import Fact

FRAMEWORKS = ("PyTorch", "Lightning", "Keras", "Hugging Face")


def _everywhere(tag: str, torch: str, keras: str, comment: str = "") -> tuple[str, ...]:
    """One scalar in all frameworks; `torch` and `keras` are expressions for its value."""
    return (
        f'writer.add_scalar("{tag}", {torch}, step){comment}',
        f'self.log("{tag}", {torch}){comment}',
        f'tf.summary.scalar("{tag}", {keras}, step=step){comment}',
        f'self.log({{"{tag}": float({torch})}}){comment}',
    )


def _each_parameter(role: str, torch: str, keras: str, comment: str = "") -> tuple[str, ...]:
    """One scalar per weight; `torch` uses `n, p` from named_parameters, `keras` a variable `v`."""
    return (
        f'for n, p in model.named_parameters(): writer.add_scalar(f"{role}/{{n}}", {torch}, step){comment}',
        f'self.log_dict({{f"{role}/{{n}}": {torch} for n, p in self.named_parameters()}}){comment}',
        f'for v, g in zip(model.trainable_variables, gradients): tf.summary.scalar(f"{role}/{{v.path}}", {keras}, step=step){comment}',
        f'self.log({{f"{role}/{{n}}": float({torch}) for n, p in model.named_parameters()}}){comment}',
    )


LINES: dict[tuple[Role, Split | None], tuple[str, ...]] = {
    ("loss", "train"): (
        'writer.add_scalar("train/loss", loss.item(), step)',
        'self.log("train/loss", loss)  # in training_step',
        'model.fit(..., callbacks=[keras.callbacks.CSVLogger("log.csv")])',
        "TrainingArguments(..., logging_steps=10)",
    ),
    ("loss", "validation"): (
        'writer.add_scalar("val/loss", validation_loss, step)',
        'self.log("val/loss", loss)  # in validation_step',
        "model.fit(..., validation_data=(x_val, y_val))",
        'TrainingArguments(..., eval_strategy="steps", eval_steps=500)',
    ),
    ("perplexity", None): _everywhere("perplexity", "loss.exp()", "tf.exp(loss)"),
    ("score", "train"): (
        'writer.add_scalar("train/accuracy", accuracy, step)',
        'self.log("train/accuracy", accuracy)  # in training_step',
        'model.compile(..., metrics=["accuracy"])',
        'self.log({"train/accuracy": float(accuracy)})  # in compute_loss',
    ),
    ("score", "validation"): (
        'writer.add_scalar("val/accuracy", accuracy, step)',
        'self.log("val/accuracy", accuracy)  # in validation_step',
        'model.compile(..., metrics=["accuracy"])  # and validation_data in fit',
        "Trainer(..., compute_metrics=compute_metrics)",
    ),
    ("learning-rate", None): (
        'writer.add_scalar("lr", optimizer.param_groups[0]["lr"], step)',
        "Trainer(callbacks=[LearningRateMonitor()])",
        'tf.summary.scalar("learning_rate", model.optimizer.learning_rate, step=step)',
        "TrainingArguments(..., logging_steps=10)  # logs learning_rate",
    ),
    ("gradient-norm", None): (
        'writer.add_scalar("grad_norm", torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm), step)',
        'self.log("grad_norm", grad_norm(self, norm_type=2)["grad_2.0_norm_total"])  # in on_before_optimizer_step',
        'tf.summary.scalar("grad_norm", tf.linalg.global_norm(gradients), step=step)',
        "TrainingArguments(..., logging_steps=10)  # logs grad_norm",
    ),
    ("weight-norm", None): _each_parameter("weight_norm", "p.norm()", "tf.norm(v)"),
    ("update-ratio", None): _each_parameter(
        "update_ratio", "(p - before[n]).norm() / before[n].norm()", "tf.norm(v - before[v.path]) / tf.norm(v)",
        "  # before: copies from ahead of the optimizer's step",
    ),
    ("zero-fraction", None): _everywhere(
        "zero_fraction/relu1", "(activation == 0).float().mean()", "tf.math.zero_fraction(activation)"
    ),
    ("saturation", None): _everywhere(
        "saturation/tanh1", "(activation.abs() > 0.97).float().mean()",
        "tf.reduce_mean(tf.cast(tf.abs(activation) > 0.97, tf.float32))",
    ),
    ("activation", None): _everywhere("activation_std/layer1", "activation.std()", "tf.math.reduce_std(activation)"),
    ("loss-scale", None): (
        'writer.add_scalar("loss_scale", scaler.get_scale(), step)',
        'self.log("loss_scale", self.trainer.precision_plugin.scaler.get_scale())  # with precision="16-mixed"',
        'tf.summary.scalar("loss_scale", optimizer.dynamic_scale, step=step)  # of a LossScaleOptimizer',
        'self.log({"loss_scale": self.accelerator.scaler.get_scale()})  # with fp16=True',
    ),
    ("memory", None): _everywhere(
        "memory/gpu_mb", "torch.cuda.memory_allocated() / 2**20",
        'tf.config.experimental.get_memory_info("GPU:0")["current"] / 2**20',
    ),
    ("utilization", None): _everywhere(
        "gpu_utilization", "torch.cuda.utilization()", "pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu"
    ),
    ("data-time", None): _everywhere("data_time", "batch_came - step_began", "batch_came - step_began"),
    ("step-time", None): _everywhere("step_time", "step_ended - step_began", "step_ended - step_began"),
    ("statistic", None): _everywhere(
        "rewards/chosen", "chosen_rewards.mean()", "tf.reduce_mean(chosen_rewards)"
    ),
    ("reward", None): (
        'writer.add_scalar("rollout/ep_rew_mean", episode_reward, step)',
        'self.log("rollout/ep_rew_mean", episode_reward)',
        'tf.summary.scalar("rollout/ep_rew_mean", episode_reward, step=step)',
        "GRPOTrainer(...)  # logs reward",
    ),
}  # fmt: skip
# For rules that compare layers, which the norm of all gradients does not help.
LINES_OF_LAYERS: dict[Role, tuple[str, ...]] = {
    "gradient-norm": _each_parameter("grad_norm", "p.grad.norm()", "tf.norm(g)", "  # before the optimizer's step"),
}
_PLAN = (
    'json.dump({"max_steps": max_steps}, open("logs/config.json", "w"))',
    "self.save_hyperparameters()  # with max_steps or max_epochs among them",
    'json.dump({"epochs": epochs}, open("logs/config.json", "w"))',
    "TrainingArguments(...)  # trainer_state.json has max_steps",
)
LINES_OF_FACTS: dict[Fact, tuple[tuple[str, str], ...]] = {
    "planned number of steps or epochs": tuple(zip(FRAMEWORKS, _PLAN, strict=True)),
    "output of the process": (("Any framework", "python train.py 2>&1 | tee logs/train.log"),),
}


def lines_for(role: Role, split: Split | None, *, is_layered: bool = False) -> tuple[tuple[str, str], ...]:
    """(framework, line) of each framework.

    A role without specific lines is logged under its name, which `parsers/meaning/roles.py` recognises.
    """
    layered = LINES_OF_LAYERS.get(role) if is_layered else None
    name = role.replace("-", "_")
    lines = (
        layered
        or LINES.get((role, split))
        or LINES.get((role, None))
        or LINES.get((role, "train"))
        or _everywhere(name, name, name)
    )
    return tuple(zip(FRAMEWORKS, lines, strict=True))
