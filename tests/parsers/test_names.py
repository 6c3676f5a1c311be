"""Meaning of tags: the conventions of the frameworks, and the traps in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.analyzer.selection import parse_metrics
from trainlint.parsers.conventions import CONVENTIONS
from trainlint.parsers.names import meaning_of, resolve, split_of_word
from trainlint.parsers.run import Curve, Meaning
from trainlint.parsers.words import words_of


def curve(tag, values=(0.5, 0.4), split="none", statistic=""):
    meaning = Meaning(split=split, reason="folder") if split != "none" else None
    return Curve.build(tag, range(len(values)), values, statistic=statistic, meaning=meaning)


def understood(text):
    """Meanings of the tags in a table of `tag -> role split direction layer`; `-` is none or unknown."""
    rows = [line.split("->") for line in text.strip().splitlines()]
    tags = [tag.strip() for tag, _ in rows]
    found = {c.tag: c.meaning for c in resolve([curve(tag) for tag in tags])}
    wanted, got = {}, {}
    for tag, (_, meaning) in zip(tags, rows, strict=True):
        role, split, direction, layer = (*meaning.split(), "-", "-", "-")[:4]
        none = {"-": None}
        wanted[tag] = (
            none.get(role, role) or "unknown", none.get(split, split) or "none",
            none.get(direction, direction) or "unknown", none.get(layer, layer) or "",
        )  # fmt: skip
        m = found[tag]
        got[tag] = (m.role, m.split, m.direction, m.layer)
    return wanted, got


FRAMEWORKS = {
    "Hugging Face Trainer, TensorBoard": """
        train/loss -> loss train lower
        train/grad_norm -> gradient-norm train
        train/learning_rate -> learning-rate train
        train/epoch -> counter train
        train/global_step -> counter
        train/train_loss -> statistic
        train/train_runtime -> counter train
        train/total_flos -> counter
        eval/loss -> loss validation lower
        eval/accuracy -> score validation higher
        eval/runtime -> counter validation
        eval/samples_per_second -> throughput validation higher
        eval/steps_per_second -> throughput validation higher
        test/loss -> loss test lower
    """,
    "Hugging Face Trainer, trainer_state.json": """
        loss -> loss train lower
        grad_norm -> gradient-norm
        learning_rate -> learning-rate
        mean_token_accuracy -> score train higher
        num_tokens -> counter
        eval_loss -> loss validation lower
        eval_mnli_loss -> loss validation lower
        eval_f1 -> score validation higher
        train_runtime -> counter train
        train_loss -> statistic
    """,
    "Keras, TensorBoard callback": """
        epoch_loss -> loss train lower
        epoch_accuracy -> score train higher
        epoch_learning_rate -> learning-rate
        batch_steps_per_second -> throughput - higher
        evaluation_loss_vs_iterations -> statistic
        evaluation_accuracy_vs_iterations -> statistic
    """,
    "Keras, CSVLogger": """
        loss -> loss train lower
        accuracy -> score train higher
        auc -> score train higher
        learning_rate -> learning-rate
        val_loss -> loss validation lower
        val_accuracy -> score validation higher
        val_auc -> score validation higher
    """,
    "Lightning": """
        train_loss_step -> loss train lower
        train_loss_epoch -> loss train lower
        val_loss -> loss validation lower
        val_acc -> score validation higher
        test_loss -> loss test lower
        lr-AdamW -> learning-rate
        lr-SGD/pg1 -> learning-rate
        lr-SGD-momentum -> setting
        epoch -> counter
        hp_metric -> statistic
        grad_2.0_norm_total -> gradient-norm
        grad_2.0_norm/encoder.0.weight -> gradient-norm - - encoder.0.weight
    """,
    "Stable-Baselines3": """
        rollout/ep_rew_mean -> reward - higher
        rollout/ep_len_mean -> statistic
        rollout/success_rate -> score - higher
        train/entropy_loss -> negative-entropy
        train/approx_kl -> approx-kl
        train/clip_fraction -> clip-fraction
        train/clip_range -> setting train
        train/explained_variance -> explained-variance - higher
        ExplainedVariance -> explained-variance - higher
        train/loss -> loss train
        train/value_loss -> loss train
        train/policy_gradient_loss -> loss train
        train/actor_loss -> loss train
        train/critic_loss -> loss train
        train/ent_coef -> setting train
        train/std -> policy-std
        train/ent_coef_loss -> loss train
        train/learning_rate -> learning-rate train
        train/n_updates -> counter train
        time/fps -> throughput - higher
        time/total_timesteps -> counter
        eval/mean_reward -> reward validation higher
    """,
    "CleanRL": """
        charts/episodic_return -> reward - higher
        charts/SPS -> throughput - higher
        charts/learning_rate -> learning-rate
        losses/value_loss -> loss train
        losses/policy_loss -> loss train
        losses/entropy -> entropy train
        losses/approx_kl -> approx-kl
        losses/old_approx_kl -> kl
        losses/clipfrac -> clip-fraction
        losses/explained_variance -> explained-variance - higher
        losses/td_loss -> loss train
        losses/q_values -> statistic
        losses/qf1_values -> statistic
        losses/qf1_loss -> loss train
        losses/alpha -> setting
    """,
    "Spinning Up": """
        AverageEpRet -> reward - higher
        StdEpRet -> statistic
        EpLen -> statistic
        LossPi -> loss train
        LossV -> loss train
        KL -> approx-kl
        Entropy -> entropy train
        ClipFrac -> clip-fraction
        StopIter -> -
        Time -> counter
    """,
    "RSL-RL": """
        Train/mean_reward -> reward train higher
        Train/mean_reward/time -> statistic
        Train/mean_episode_length -> - train
        Loss/value_function -> loss train
        Loss/surrogate -> loss train
        Loss/entropy -> entropy train
        Loss/learning_rate -> learning-rate
        Policy/mean_std -> policy-std
        Policy/mean_noise_std -> policy-std
        Perf/total_fps -> throughput - higher
    """,
    "verl": """
        actor/ppo_kl -> approx-kl
        actor/pg_clipfrac -> clip-fraction
        actor/pg_clipfrac_lower -> statistic
        critic/vf_clipfrac -> statistic
        actor/pg_loss -> loss train
        actor/entropy -> entropy train
        actor/grad_norm -> gradient-norm - - actor
        actor/lr -> learning-rate
        actor/kl_loss -> loss train
        critic/vf_loss -> loss train
        critic/vf_explained_var -> explained-variance - higher
        critic/score/mean -> -
        critic/rewards/mean -> reward - higher
        response_length/clip_ratio -> truncated-fraction
        response_length/mean -> completion-length
        prompt_length/mean -> -
        timing_s/step -> step-time - lower
        perf/throughput -> throughput - higher
    """,
    "TRL, PPO after rewriting": """
        train/objective/kl -> kl train
        train/objective/entropy -> entropy train
        train/objective/rlhf_reward -> reward train higher
        train/policy/approxkl_avg -> approx-kl
        train/policy/clipfrac_avg -> clip-fraction
        train/loss/policy_avg -> loss train
        train/loss/value_avg -> loss train
        train/val/ratio -> policy-ratio
        train/val/ratio_var -> statistic
        train/val/clipfrac_avg -> statistic
        train/val/num_eos_tokens -> statistic
        train/lr -> learning-rate train
        eval/loss -> loss validation
    """,
    "TRL, GRPO": """
        loss -> loss train
        reward -> reward - higher
        reward_std -> statistic
        frac_reward_zero_std -> uniform-reward-fraction
        kl -> kl train
        entropy -> entropy train
        completions/mean_length -> completion-length
        completions/clipped_ratio -> truncated-fraction
        clip_ratio/region_mean -> clip-fraction
        clip_ratio/low_mean -> -
        learning_rate -> learning-rate
    """,
    "TRL, DPO": """
        train/loss -> loss train lower
        eval/loss -> loss validation lower
        train/rewards/chosen -> statistic
        train/rewards/rejected -> statistic
        train/rewards/margins -> reward-margin train higher
        eval/rewards/margins -> reward-margin validation higher
        train/rewards/accuracies -> score train higher
        eval/rewards/accuracies -> score validation higher
        train/logps/chosen -> - train
    """,
    "torchtitan": """
        loss_metrics/global_avg_loss -> loss train lower
        throughput(tps) -> throughput - higher
        mfu(%) -> utilization
        time_metrics/end_to_end(s) -> step-time - lower
        time_metrics/data_loading(s) -> data-time - lower
        time_metrics/data_loading(%) -> data-time - lower
        memory/max_active(GiB) -> memory
        validation_metrics/loss -> loss validation lower
        grad_norm -> gradient-norm
        lr -> learning-rate
    """,
    "nanoGPT": """
        iter -> counter
        train/loss -> loss train lower
        val/loss -> loss validation lower
        lr -> learning-rate
        mfu -> utilization
    """,
    "llm.c": """
        trl -> loss train lower
        tel -> loss validation lower
        lr -> learning-rate
    """,
    "Megatron-LM": """
        lm loss -> loss train lower
        lm loss vs samples -> statistic
        lm loss validation -> loss validation lower
        lm loss validation vs samples -> statistic
        lm loss validation ppl -> perplexity validation lower
        learning-rate -> learning-rate
        learning-rate vs samples -> statistic
        loss-scale -> loss-scale
        grad-norm -> gradient-norm
        grad-norm vs samples -> statistic
        num-zeros -> -
        params-norm -> weight-norm
        iteration-time -> step-time - lower
        throughput -> throughput - higher
        batch-size -> setting
        skipped-train-samples -> - train
    """,
    "OLMo": """
        train/CrossEntropyLoss -> loss train lower
        train/Perplexity -> perplexity train lower
        train/ZLoss -> - train
        optim/total_grad_norm -> gradient-norm
        optim/learning_rate_group0 -> learning-rate
        eval/c4/CrossEntropyLoss -> loss validation lower
    """,
    "OLMo-core": """
        train/CE loss -> loss train lower
        train/PPL -> perplexity train lower
        train/Z loss -> loss train
        optim/total grad norm -> gradient-norm
        optim/LR (group 0) -> learning-rate
        throughput/device/TPS -> throughput - higher
        throughput/device/data loading (s) -> data-time - lower
        throughput/device/data loading (%) -> data-time - lower
    """,
    "Composer": """
        loss/train/total -> loss train lower
        metrics/train/MulticlassAccuracy -> score train higher
        metrics/eval/LanguageCrossEntropy -> loss validation lower
        metrics/eval/LanguagePerplexity -> perplexity validation lower
        l2_norm/grad/global -> gradient-norm
        l2_norm/param/blocks.0.weight -> weight-norm - - blocks.0.weight
        l2_norm/moment/blocks.0.weight -> -
        l2_norm/update/blocks.0.weight -> -
        throughput/samples_per_sec -> throughput - higher
    """,
    "fairseq": """
        loss -> loss train lower
        nll_loss -> loss train lower
        ppl -> perplexity train lower
        gnorm -> gradient-norm
        lr -> learning-rate
        loss_scale -> loss-scale
        valid_loss -> loss validation lower
        valid_nll_loss -> loss validation lower
        train_wall -> counter train
    """,
    "MMEngine": """
        lr -> learning-rate
        loss -> loss train lower
        loss_cls -> loss train lower
        loss_bbox -> loss train lower
        grad_norm -> gradient-norm
        data_time -> data-time - lower
        time -> step-time train
        memory -> memory
        coco/bbox_mAP -> score validation higher
        coco/bbox_mAP_50 -> score validation higher
    """,
    "detectron2": """
        total_loss -> loss train lower
        loss_cls -> loss train lower
        loss_box_reg -> loss train lower
        loss_rpn_cls -> loss train lower
        bbox/AP -> score validation higher
        bbox/AP50 -> score validation higher
        segm/AP -> score validation higher
        eta_seconds -> counter
        data_time -> data-time - lower
        rank_data_time -> data-time - lower
        time -> step-time train
        lr -> learning-rate
    """,
    "DETR": """
        train_loss -> loss train lower
        train_loss_giou -> loss train lower
        train_loss_dn -> loss train lower
        test_loss -> loss test lower
        test_loss_giou -> loss test lower
    """,
    "Ultralytics": """
        train/box_loss -> loss train lower
        train/cls_loss -> loss train lower
        train/dfl_loss -> loss train lower
        val/box_loss -> loss validation lower
        metrics/precision(B) -> score validation higher
        metrics/recall(B) -> score validation higher
        metrics/mAP50(B) -> score validation higher
        metrics/mAP50-95(B) -> score validation higher
        lr/pg0 -> learning-rate
    """,
    "StyleGAN3": """
        Loss/G/loss -> loss train
        Loss/D/loss -> loss train
        Loss/scores/real -> discriminator-real
        Loss/scores/fake -> discriminator-fake
        Loss/signs/real -> discriminator-real
        Loss/r1_penalty -> loss train
        Metrics/fid50k_full -> score - lower
    """,
    "a GAN by hand": """
        g_loss -> loss train
        D_loss -> loss train
        fid -> score - lower
    """,
    "RLlib": """
        episode_reward_mean -> reward - higher
        info/learner/default_policy/kl -> approx-kl
        info/learner/default_policy/cur_kl_coeff -> setting
        info/learner/default_policy/entropy_coeff -> setting
        info/learner/default_policy/entropy -> entropy train
        info/learner/default_policy/vf_explained_var -> explained-variance - higher
        info/learner/default_policy/vf_loss -> loss train
    """,
    "PyTorch's DCGAN example": """
        Loss_D -> loss train
        Loss_G -> loss train
        D(x) -> discriminator-real
        D(G(z)) -> discriminator-fake
    """,
    "another GAN by hand": """
        LossG -> loss train
        train/generator_loss -> loss train
        train/discriminator_loss -> loss train
        val/generator_loss -> loss validation
    """,
    "rates and times of many scripts": """
        images/sec -> throughput - higher
        tok/s -> throughput - higher
        examples_per_sec -> throughput - higher
        wps -> throughput - higher
        throughput/total_tokens -> -
        throughput/device/mfu -> utilization
        s/it -> step-time - lower
        sec_per_batch -> step-time - lower
        elapsed time per iteration (ms) -> step-time - lower
        info/grad_time_ms -> -
        memory/num_ooms -> -
        iterations_since_restore -> counter
        time_this_iter_s -> counter
        info/learner/grad_gnorm -> gradient-norm
    """,
    "scores of many scripts": """
        val/mIoU -> score validation higher
        val/IoU -> score validation higher
        val/prec@1 -> score validation higher
        val/hits@10 -> score validation higher
        val/bits_per_byte -> score validation lower
        val/cer_ctc -> score validation lower
        val/g0_loss -> loss validation lower
        best_val_loss -> statistic validation
        best_acc -> statistic
        target_entropy -> setting
        codebook_perplexity -> statistic
    """,
    "DCGAN": """
        errG -> loss train
        errD -> loss train
    """,
    "ADDA": """
        loss/encoder -> loss train
        loss/discrim -> loss train
    """,
    "guided-diffusion": """
        loss -> loss train lower
        loss_q0 -> loss train
        grad_norm -> gradient-norm
        param_norm -> weight-norm
        lg_loss_scale -> loss-scale
        step -> counter
        samples -> counter
    """,
    "LlamaFactory": """
        current_steps -> counter
        total_steps -> counter
        loss -> loss train lower
        lr -> learning-rate
        throughput -> throughput - higher
    """,
    "AlgoPerf": """
        train/loss -> loss train lower
        train/accuracy -> score train higher
        validation/loss -> loss validation lower
        validation/wer -> score validation lower
        test/ssim -> score test higher
        grad_norm -> gradient-norm
        total_duration -> counter
    """,
    "timm": """
        epoch -> counter
        train_loss -> loss train lower
        eval_loss -> loss validation lower
        eval_top1 -> score validation higher
        lr -> learning-rate
    """,
    "AllenNLP": """
        training_loss -> loss train lower
        validation_loss -> loss validation lower
        gradient_norm/encoder.weight -> gradient-norm - - encoder.weight
    """,
    "Ignite": """
        training/batchloss -> loss train lower
        lr/group_0 -> learning-rate
        grads_norm/fc1/weight -> gradient-norm - - fc1/weight
    """,
    "YOLOX": """
        iter_time -> step-time - lower
        data_time -> data-time - lower
        total_loss -> loss train lower
        mem -> memory
    """,
    "PySlowFast": """
        dt -> step-time train
        dt_data -> data-time - lower
        gpu_mem -> memory
        loss -> loss train lower
    """,
    "ImageNet example of PyTorch": """
        Time -> step-time train
        Data -> data-time
        Loss -> loss train lower
        Acc@1 -> score train higher
    """,
    "timers by hand": """
        time/step -> step-time train
        time/data -> data-time - lower
        time/forward -> -
    """,
    "torchtune": """
        loss -> loss train lower
        peak_memory_active -> memory
        peak_memory_alloc -> memory
        tokens_per_second_per_gpu -> throughput - higher
    """,
    "Weights & Biases, system metrics": """
        system.gpu.0.gpu -> utilization
        system.gpu.0.memory -> statistic
        system.gpu.0.memoryAllocated -> memory
        system.gpu.0.memoryAllocatedBytes -> memory
        system.proc.memory.rssMB -> memory
        system.proc.memory.availableMB -> statistic
        system.cpu -> -
    """,
    "Lightning, statistics of the device": """
        gpu_id: 0/utilization.gpu (%) -> utilization
        gpu_id: 0/memory.used (MB) -> memory
        gpu_id: 0/memory.free (MB) -> statistic
        DeviceStatsMonitor.on_train_batch_end/allocated_bytes.all.current -> memory train
    """,
    "Ray, system metrics": """
        perf/cpu_util_percent -> utilization
        perf/ram_util_percent -> memory
    """,
    "words by hand": """
        Train Loss -> loss train lower
        Val Loss -> loss validation lower
        testLoss -> loss test lower
        testAcc -> score test higher
        Dev BLEU -> score validation higher
        test_error(%) -> score test lower
        loss_weight -> setting
        update_ratio/fc1 -> update-ratio - - fc1
        dead_units/relu_3 -> zero-fraction - - relu_3
        fc1.weight/grad_norm -> gradient-norm - - fc1.weight
        saturation/tanh_2 -> saturation - - tanh_2
        fc1/saturated_fraction -> saturation - - fc1
        tanh_saturation/layers.0 -> saturation - - layers.0
        gpu_usage -> utilization
        act_std/fc1 -> activation - - fc1
        weights -> -
        gpu_utilization -> utilization
        gpu_mem -> memory
    """,
    # "g_loss" and "d_loss" end these, and "dis", "gen" begin them: no GAN for all that
    "words that look like a GAN": """
        training_loss -> loss train lower
        valid_loss -> loss validation lower
        distill_loss -> loss - lower
        generation_loss -> loss - lower
    """,
}  # fmt: skip


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_tags_of_a_framework(framework):
    wanted, got = understood(FRAMEWORKS[framework])
    assert got == wanted


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_order_of_curves_does_not_matter(framework):
    tags = [line.split("->")[0].strip() for line in FRAMEWORKS[framework].strip().splitlines()]

    def meanings(order):
        return {c.tag: c.meaning for c in resolve([curve(tag) for tag in order])}

    assert meanings(tags) == meanings(tags[::-1]) == meanings(sorted(tags))


@pytest.mark.parametrize(
    ("tags", "split"),
    [
        (["loss", "val_loss"], "train"),
        (["loss"], "train"),
        (["loss", "train/loss"], "none"),
        (["loss", "train/acc"], "train"),
    ],
)
def test_an_unprefixed_loss_is_the_training_loss_unless_another_is(tags, split):
    assert resolve([curve(tag) for tag in tags])[0].split == split


def test_an_unprefixed_score_alone_is_of_no_split():
    assert resolve([curve("accuracy")])[0].split == "none"


def test_an_unprefixed_score_is_of_training_where_the_loss_is():
    found = resolve([curve("accuracy"), curve("loss")])
    assert [c.split for c in found] == ["train", "train"]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_split_of_a_folder_stands(split):
    (found,) = resolve([curve("epoch_loss", split=split)])
    assert (found.role, found.split, found.direction) == ("loss", split, "lower")
    assert "folder" in found.meaning.reason


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("lr", [-0.1, 0.1]),
        ("learning_rate", [5e4, 1.0]),
        ("grad_norm", [1.0, -1.0]),
        ("param_norm", [-1.0, 1.0]),
        ("dead_units/fc1", [0.0, 101.0]),
        ("ppl", [-1.0, 5.0]),
        ("throughput", [-1.0, 5.0]),
    ],
)
def test_values_take_a_role_back(tag, values):
    (found,) = resolve([curve(tag, values)])
    assert found.role == "unknown"
    assert "named like" in found.meaning.reason


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [np.inf, -np.inf]])
def test_no_finite_value_is_no_contradiction(values):
    assert resolve([curve("lr", values)])[0].role == "learning-rate"


@pytest.mark.parametrize(
    ("tag", "statistic", "role", "layer"),
    [
        ("weights/0.weight", "norm", "weight-norm", "0.weight"),
        ("weights/0.weight", "p50", "statistic", "0.weight"),
        ("grads/0.weight", "norm", "gradient-norm", "0.weight"),
        ("sequential/h1/kernel/histogram", "norm", "weight-norm", "sequential/h1/kernel"),
        ("activations/tanh1", "std", "activation", "tanh1"),
        ("activations/relu_1", "zero_fraction", "zero-fraction", "relu_1"),
        ("whatever", "norm", "statistic", "whatever"),
        ("loss", "mean", "statistic", "loss"),
    ],
)
def test_statistics_of_histograms(tag, statistic, role, layer):
    (found,) = resolve([curve(tag, statistic=statistic)])
    assert (found.role, found.layer) == (role, layer)


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("objective=loss:validation", "objective", ("loss", "validation", "lower")),
        ("objective=score:higher", "objective", ("score", "none", "higher")),
        ("val_loss=unknown", "val_loss", ("unknown", "none", "unknown")),
    ],
)
def test_what_the_user_says_stands(text, tag, expected):
    ((_, meaning),) = parse_metrics([text])
    (found,) = resolve([curve(tag).with_meaning(meaning)])
    assert (found.role, found.split, found.direction) == expected


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("Train", "train"),
        ("VALID", "validation"),
        ("dev", "validation"),
        ("holdout", "test"),
        ("device", None),
        ("", None),
    ],
)
def test_words_that_name_a_split(word, split):
    assert split_of_word(word) == split


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("val/meanAveragePrecision", ["val", "mean", "average", "precision"]),
        ("mAP50(B)", ["map50", "b"]),
        ("training/batchloss", ["training", "batch", "loss"]),
        ("", []),
        ("///", []),
    ],
)
def test_words(tag, words):
    assert words_of(tag) == words


@given(st.lists(st.text(max_size=30), max_size=6), st.booleans())
def test_any_tag_has_a_meaning(tags, is_histogram):
    found = resolve([curve(tag, statistic="norm" if is_histogram else "") for tag in tags])
    assert [c.tag for c in found] == tags
    assert all(c.meaning.reason for c in found)


@given(st.text(alphabet="abdegilnorstv_/. ", max_size=40))
def test_tags_near_real_ones_have_a_meaning(tag):
    assert meaning_of(tag).reason


def test_long_hostile_tags_cost_little():
    resolve([curve(("a/" * 50_000) + "weight"), curve("grad" * 50_000), curve("_" * 100_000)])


def test_every_convention_is_reachable():
    for convention in CONVENTIONS:
        assert 1 <= convention.needed <= len(convention.markers), convention.name
        assert all(pattern == pattern.lower() for marker in convention.markers for pattern in marker.split("|"))
        assert all(pattern == pattern.lower() for pattern, _ in convention.meanings)
