"""Words of the field and what they say: data alone, `roles` composes them.

Words are lower case, as `words_of` cuts them, without numbers at their end: `top5` is found as `top`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..run import Split

# Words that name a split wherever they stand, also as the name of a folder or file.
FOLDER_SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "holdout"), "test"),
}
# In a tag these do as well; a folder `cv` holds folds, each a run.
SPLITS: dict[str, Split] = {
    **FOLDER_SPLITS,
    **dict.fromkeys(("validate", "validating", "vali", "evl", "vld", "cv", "oof", "crossval"), "validation"),
    **dict.fromkeys(("evaluate", "evaluating", "evaluated", "evals"), "validation"),
    **dict.fromkeys(("heldout", "unseen"), "test"),
}
FOLD_WORDS = frozenset(("cv", "oof"))  # of cross-validation: another split beside them says more
# Too short to name a split alone; where a log has the same quantity under two of them, they do.
SHORT_SPLITS: dict[str, Split] = {
    "tr": "train", "t": "train", "te": "test", "ts": "test", "va": "validation", "vl": "validation", "v": "validation",
}  # fmt: skip
# What is measured, where it is written as one word with the initials of a split: `vacc`, `tloss`.
GLUED_MEASURES = frozenset("loss losses acc accu accuracy err error auc f1 ppl iou dice".split())

# Neighbours that are one word in the field: `mean_io_u` of Keras, `si-sdr`, `log_loss`.
COMPOUNDS: dict[tuple[str, ...], str] = {
    ("io", "u"): "iou",
    ("m", "iou"): "miou",
    ("m", "ap"): "map",
    ("f", "1"): "f1",
    ("r", "2"): "r2",
    ("r", "squared"): "r2",
    ("r", "square"): "r2",
    ("log", "loss"): "logloss",
    ("cross", "entropy"): "crossentropy",
    ("x", "ent"): "xent",
    ("exact", "match"): "exactmatch",
    ("c", "index"): "cindex",
    ("concordance", "index"): "cindex",
    ("si", "sdr"): "sisdr",
    ("si", "snr"): "sisnr",
    ("ms", "ssim"): "msssim",
    ("log", "prob"): "logprob",
    ("log", "likelihood"): "loglikelihood",
    ("log", "lik"): "loglikelihood",
    ("matthews", "c", "c"): "mcc",
    ("matthews", "corrcoef"): "mcc",
    ("bits", "per", "token"): "bpt",
    ("bits", "per", "byte"): "bpb",
    ("bits", "per", "dim"): "bpd",
    ("bits", "per", "character"): "bpc",
    ("bits", "per", "char"): "bpc",
    ("edit", "distance"): "editdistance",
    ("frechet", "distance"): "fid",
    ("chamfer", "distance"): "chamfer",
    ("wasserstein", "distance"): "emd",
    ("median", "rank"): "medr",
    ("rank", "median"): "medr",
    ("mean", "rank"): "meanr",
    ("rank", "mean"): "meanr",
    ("abs", "rel"): "absrel",
    ("sq", "rel"): "sqrel",
    ("q", "error"): "qerror",
    ("average", "precision"): "ap",
    ("average", "recall"): "mar",
    ("under", "curve"): "auc",
    ("inception", "score"): "inceptionscore",
    ("clip", "score"): "clipscore",
    ("bert", "score"): "bertscore",
    ("silhouette", "score"): "silhouette",
    ("brier", "score"): "brier",
    ("l", "rate"): "lrate",
    ("lrn", "rate"): "lrate",
    ("learn", "rate"): "lrate",
    ("v", "measure"): "vmeasure",
    ("h", "at"): "hits",
    ("r", "at"): "recall",
    ("p", "at"): "precision",
    ("jaccard", "index"): "jaccard",
    ("rand", "index"): "ari",
    ("hold", "out"): "holdout",
    ("held", "out"): "heldout",
    ("out", "of", "fold"): "oof",
    ("rank", "ic"): "rankic",
    ("cos", "sim"): "similarity",
    ("kl", "div"): "kl",
    ("kl", "divergence"): "kl",
    ("r", "coefficient"): "pearson",
    ("correlation", "coefficient"): "correlation",
    ("hit", "rate"): "hitrate",
    ("won", "mean"): "winrate",
    ("hit", "ratio"): "hitrate",
    ("f", "beta"): "fbeta",
    ("f", "score"): "fscore",
    ("f", "measure"): "fmeasure",
}

# Words that logs with little space write without vowels, for which `words` has the rule.
CONTRACTED = (
    "loss", "epoch", "step", "steps", "update", "updates", "sample", "samples", "token", "tokens", "batch", "gradient", "grad norm",
    "gradient norm", "learning rate", "reward", "return", "accuracy", "precision", "recall", "score", "perplexity", "entropy", "memory",
)  # fmt: skip

# Long enough that a word one letter away from them is a typing error: no other word of English is.
LONG_WORDS = (
    "perplexity", "accuracy", "precision", "validation", "evaluation", "likelihood", "sensitivity", "specificity", "throughput",
    "crossentropy", "discriminator",
)  # fmt: skip
# What takes time, written as one word with it: `batchtime`.
TIMED = frozenset("batch step iter iteration update epoch data train eval val test forward backward load".split())

LOSSES = frozenset("loss losses nll ce bce ctc xent crossentropy logloss mlogloss nce infonce ntxent fape".split())
# Losses of parts that play against each other, or bounds: they may rise while all is well.
UNDIRECTED = frozenset(
    "policy pg pi actor critic value vf q qf gan g d gen disc dis generator discriminator adv adversarial entropy elbo "
    "kl kld td alpha surrogate z discrim codebook bellman".split()
)
UNNUMBERED = frozenset("g d z".split())  # a group "g0" is no generator, but "q1" is a Q function
KL = frozenset(("kl", "kld", "kldiv"))
# Parts of losses that are logged under their own name where the word loss is left out.
LOSS_PARTS = frozenset(
    "recon reconstruction focal hinge triplet contrastive commit commitment perceptual physics consistency distill "
    "distillation box bbox cls dfl objectness obj huber style content tv photometric smoothness rpn giou regularization reg "
    "centerness pde ode bc ic landmark mlm nsp itc itm caption aux auxiliary orientation heatmap offset cycle idt boundary".split()
)
# What a difference is measured with: a loss whatever it is said of, where it comes last.
DIFFERENCES = frozenset("l1 l2 huber charbonnier hinge focal".split())
OF_NETWORK = frozenset(
    "update updates param params parameter parameters weight weights grad grads gradient gradients norm activation "
    "activations residual action actions magnitude".split()
)
# Short words that name the variant of a part, not another thing.
VARIANTS = frozenset(
    "om oo o2m o2o one many pos neg fine coarse fg bg hm wh rpn roi stage head aux scaled pixel inst instance residual residuals".split()
)

HIGHER = frozenset(
    # classification and retrieval
    "acc accu accuracy accuracies top f1 f2 fscore fmeasure hmean auc auroc auprc aucpr prauc rocauc precision recall prec "
    "mcc qwk kappa hits hitrate mrr ndcg sensitivity specificity tpr tnr ppv npv gmean youden fbeta vmeasure tar exactmatch cindex auuc "
    # vision
    "ap aps map mar miou iou ious fwiou biou dice dsc jaccard psnr psnrb ssim msssim vmaf mota idf1 hota pck inceptionscore clipscore nds "
    # text and speech
    "sens bleu sacrebleu rouge rougel rougelsum meteor cider chrf chrfpp bertscore pesq stoi sisdr sisnr success winrate "
    # regression, forecasting, science
    "r2 nse kge pearson pearsonr spearman spearmanr srocc krocc plcc srcc krcc pcc kendall ccc wrr crr uar lddt plddt gdt tmscore ari nmi anls "
    "sharpe sortino calmar bwt fwt nsd rankic rankicir icir silhouette likelihood loglikelihood loglik uas las csi hss ets pod "
    # question sets of language models, named where a share of right answers is logged
    "mmlu hellaswag winogrande boolq piqa truthfulqa triviaqa humaneval mbpp".split()
)
# The same, where nothing else follows but numbers: they have other meanings, or begin other names.
HIGHER_AS_HEAD = frozenset(
    "score scores em hr vif fsim elbo spice comet pq sq rq sdr snr mos tm correct aos sr spl delta1 hit spec cor corr correlation jac pnl profit qed fidelity purity homogeneity calinski harabasz trueskill elo "
    "faithfulness groundedness fluency coherence relevance helpfulness validity uniqueness novelty".split()
)
# Acronyms are made of parts: `prcauc`, `balacc`, `nrmse`. What they end with says what they are, if little stands before.
ENDINGS_HIGHER = (
    "acc",
    "auc",
    "auroc",
    "auprc",
    "iou",
    "psnr",
    "ssim",
    "ndcg",
    "dice",
    "r2",
    "accuracy",
    "recall",
    "precision",
)
ENDINGS_LOSS = ("bce", "nll", "crossentropy", "xent")
# What is compared with the truth where it is measured on held-out data; in a training it may be of anything.
HIGHER_IF_HELD_OUT = frozenset("logprob similarity sim agreement overlap rho tau ll logp".split())
MAX_BEFORE_ENDING = 4  # letters
# Errors by their letters: normalised, root, weighted or symmetric; mean or median; absolute, squared or percentage.
ERROR_ACRONYM = r"(?:[nrws]{0,2}m(?:ed)?|r|n)(?:r?a|s|sl|ap|sap|sp|p|r|as)?e"
ERROR_RATES = frozenset("wer cer ter eer hter".split())
ERRORS = frozenset("error err errors errg errd misclass misclassification misclassified misclassifications".split())
LOWER = (
    ERROR_RATES
    | ERRORS
    | frozenset(
        "fid kid fvd fad fcd fgd fdd lpips mse mae rmse mape smape wape msle rmsle nrmse nmae nmse rmsd rmspe medae mase brier ece bpc bpb bpt "
        "bpd hausdorff hd95 assd asd chamfer emd mpjpe pve epe absrel sqrel rmselog silog ade fde minade minfde crps mcd dcf "
        "mindcf mce rmsce aece adaece cece kce niqe brisque piqe mase owa pinball tre fpr fnr far frr medr meanr editdistance vrmse qerror mre deviance wmape".split()
    )
)
LOWER_AS_HEAD = frozenset(
    "bits bpp nats bouldin swd infidelity forgetting mr cd regret ser sam sid mmd ber bler der ler mer wil jer".split()
)
# A share of good or bad events: `win_rate`, `pass@1`, `collision rate`.
GOOD_EVENTS = frozenset(
    "success win pass solve solved clear completion complete correct goal accept hit match wins detection detected recognition recovery "
    "recovered".split()
)
BAD_EVENTS = frozenset("error failure fail miss crash collision hallucination rejection mistake".split())
NEGATIONS = frozenset("false wrong missed incorrect invalid non not".split())  # of an event: it is a bad one
SHARES = frozenset("rate ratio percentage fraction share pct percent".split())
# A `score` that is an output of a model or of an object, not a measure of quality.
OTHER_SCORES = frozenset(
    "pos neg positive negative real fake risk anomaly z attention confidence logit logits threshold disc discriminator critic".split()
)

QUANTISERS = frozenset("vq vqvae rvq quantizer quantiser quantization".split())
COUNTERS = frozenset(
    "epoch epochs step steps iteration iterations iter iters time duration runtime elapsed eta wall seconds examples samples tokens updates count "
    "timesteps episodes flos timestamp hours minutes num ooms retries latency".split()
)
COUNTER_ASIDES = frozenset(
    "n env agent accumulated logging submission since restore this s ms sampled seen consumed".split()
)
TIMERS = frozenset("time timing timings timer timers".split())  # headings of durations
TRAILERS = frozenset(
    "min max value values db deg degrees rad mm cm px pixel pixels meters metres".split()
)  # behind what a thing is: an aggregation or a unit
TIMES = frozenset("time seconds duration hours minutes ms latency runtime".split())
# Words of a name that says nothing but how long something takes: a step, or whatever lies between two lines.
DURATIONS = TIMES | TIMERS | frozenset("s sec secs second elapsed".split())
OF_A_STEP = frozenset(
    "step steps iter iteration iterations it batch update updates epoch training per in for of taken took cost used spent each "
    "one wall t".split()
)
# Words behind a quantity that make it a setting, a count, or a comparison.
SETTING_HEADS = frozenset(
    "weight weights coef coeff coefficient coefs mult multiplier factor lambda threshold patience schedule budget".split()
)
COUNT_HEADS = frozenset("count counts size length len idx index id dim capacity bytes batches".split())
COMPARISONS = frozenset("drift gap diff difference delta change improvement improved slope trend ratio".split())
FLAGS = frozenset("has is should use uses was".split())
COUNT_FIRST = frozenset("num n number nb".split())
REFERENCES = frozenset(
    "baseline chance random oracle dummy naive majority trivial".split()
)  # of what is compared with the model
EXTREMES = frozenset("best lowest highest".split())
# What a noun is said of stands behind them: "score every 20 episodes" is a score, "PSNR on training data" a PSNR.
PREPOSITIONS = frozenset("of on over for from with during after before across every".split())
VERSUS = frozenset("vs versus against".split())  # before an opponent
# Under a heading of losses, what is none: `losses/q_values`, `losses/alpha`.
NO_LOSSES = frozenset("values alpha beta epsilon temperature lr learning_rate target".split())
# What is learned of an input, and what a generator makes: their spread should not vanish.
REPRESENTATIONS = frozenset(
    "embedding embeddings embed feature features representation representations repr projection".split()
)
GENERATED = frozenset("sample samples generated fake".split())
DIVERSITIES = frozenset("diversity modes".split())
SPREADS = frozenset("std stddev stdev stderr var variance".split())
SETTINGS = frozenset("momentum decay beta beta1 beta2 temperature epsilon eps coef dropout".split())
MEMORY = frozenset("memory mem vram rss".split())
ALLOCATED = frozenset("allocated reserved alloc peak cached".split())  # with a size behind: of memory
SIZES = frozenset("gb gib mb mib kb kib bytes gigabytes megabytes".split())
RATES_OF_WORK = frozenset(
    "tflops gflops mflops pflops tflop".split()
)  # by second, though a count may be called so as well
RANKS = frozenset("r1 r5 r10 r20 r50 r100".split())  # recall among the first so many answers
INDICES = frozenset("partition rank idx index id shard chunk node worker seed".split())
LOGARITHMS = frozenset("log ln".split())
DEVICES = frozenset("gpu gpus cpu cuda device devices tpu npu nvml sm hardware system sys accelerator disk".split())
LENGTH_OF = frozenset("response responses completion completions generation generated output answer answers".split())
