"""Names under which frameworks keep the hyperparameters that several rules ask for, lower case, the likeliest first."""

from __future__ import annotations

CLASS_KEYS = ("num_classes", "n_classes", "nb_classes", "num_labels", "n_labels", "classes", "vocab_size", "n_vocab")
CLIP_KEYS = ("max_grad_norm", "gradient_clip_val", "grad_clip", "clip_grad", "clip_grad_norm", "clip_norm", "clipnorm",
             "global_clipnorm", "gradient_clipping", "grad_norm_clip")  # fmt: skip
STEP_KEYS = ("max_steps", "total_steps", "num_train_steps", "num_training_steps", "train_steps", "max_iters", "max_iter",
             "num_steps", "num_iterations", "total_timesteps")  # fmt: skip
