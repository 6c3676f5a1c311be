"""Settings beside a log: typed, flat, without secrets, and never executed."""

import pytest

from trainlint.parsers.files.hyperparameters import MASK, MAX_KEYS, flatten, is_config, read_beside


def beside(tmp_path, **files):
    for name, content in files.items():
        (tmp_path / name.replace("__", ".")).write_text(content)
    return read_beside(tmp_path / "metrics.csv")


def test_yaml_and_json(tmp_path):
    values, sources, notes = beside(
        tmp_path,
        hparams__yaml="lr: 1e-3\nopt:\n  name: sgd\n  nesterov: true\nnothing: null\nbetas: [0.9, 0.999]\n",
        config__json='{"lr": 5, "seed": 1}',
    )
    assert values == {
        "lr": 0.001, "opt.name": "sgd", "opt.nesterov": True, "nothing": None, "betas": "[0.9, 0.999]", "seed": 1,
    }  # fmt: skip
    assert [(source.format, source.use) for source in sources] == [
        ("yaml", "hyperparameters"),
        ("json", "hyperparameters"),
    ]
    assert notes == []


def test_tags_build_no_objects(tmp_path):
    values, _, notes = beside(
        tmp_path,
        hparams__yaml="a: !!python/object/apply:os.system ['touch pwned']\nb: !!python/tuple [1, 2]\n"
        "c: !!python/name:os.system ''\nd: !Custom {lr: 0.1}\nlr: 0.5\n",
    )
    assert values["b"] == "[1, 2]"
    assert values["d.lr"] == 0.1
    assert values["lr"] == 0.5
    assert isinstance(values["a"], str)
    assert isinstance(values["c"], str)
    assert notes == []
    assert not list(tmp_path.glob("pwned"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("api_key", "abc"), ("WANDB_API_KEY", "abc"), ("apiKey", "abc"), ("password", 1234), ("hf_token", "abc"),
        ("token", "abc"), ("aws_secret_access_key", "abc"), ("client_secret", "abc"), ("dbPassword", "abc"),
    ],
)  # fmt: skip
def test_secrets_are_masked(key, value):
    assert flatten({"login": {key: value}}) == {f"login.{key}": MASK}


@pytest.mark.parametrize(
    ("key", "value"),
    [("max_tokens", 512), ("tokenizer", "bert"), ("use_token", True), ("key_dim", 64), ("secretary", 1)],
)
def test_what_only_sounds_secret_stays(key, value):
    assert flatten({key: value}) == {key: value}


def test_weights_and_biases_wrapping_is_undone():
    assert flatten({"lr": {"desc": None, "value": 0.1}, "_wandb": {"value": {"t": 1}}}) == {"lr": 0.1}


@pytest.mark.parametrize(
    "content",
    [
        "a: [1", "\t:", "a: b: c", "!!int ''", "!!bool x", "2020-99-99: 1", "{" * 1000, "? [a]\n: 1", "\x00", "- 1", "text",
        "a: &a [*a]", "<<: 1", "!!float x", "a: !!binary =", "a: !!timestamp x", "[" * 100,
    ],
)  # fmt: skip
def test_damage_is_noted_or_ignored(tmp_path, content):
    values, sources, notes = beside(tmp_path, args__yaml=content, params__json='{"lr": 1, "b": ')
    assert len(sources) + len(notes) >= 1
    assert any(note.path.endswith("params.json") for note in notes)
    assert "lr" not in values


def test_bombs_are_bounded(tmp_path):
    layers = "a0: &a0 {x: 1, y: 2, z: 3}\n" + "".join(
        f"a{i}: &a{i} {{x: *a{i - 1}, y: *a{i - 1}, z: *a{i - 1}}}\n" for i in range(1, 11)
    )
    values, _, _ = beside(tmp_path, config__yaml=layers)
    assert 0 < len(values) <= MAX_KEYS


def test_too_large_is_noted(tmp_path):
    _, _, notes = beside(tmp_path, args__yaml="a: 1\n" * 50_000)
    assert "too large" in notes[0].message


def test_config_is_no_log(tmp_path):
    assert is_config(tmp_path / "config.json")
    assert not is_config(tmp_path / "history.json")


def test_toml(tmp_path):
    values, sources, notes = beside(tmp_path, config__toml="[optim]\nlr = 1e-2\nwhen = 2024-01-01\n")
    assert values == {"optim.lr": 0.01, "optim.when": "2024-01-01"}
    assert ([source.format for source in sources], notes) == (["toml"], [])
    assert "damaged TOML" in beside(tmp_path, config__toml="lr = = 1")[2][0].message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"lr": 0.1, "width": 3}', {"lr": 0.1, "width": 3}),
        ('{"accuracy": 0.9, "minutes": 3}', {}),  # a summary
        ('[{"lr": 0.1}]', {}),
        ('{"lr": ', {}),
    ],
)
def test_a_json_file_named_like_the_log(tmp_path, content, expected):
    values, _, notes = beside(tmp_path, metrics__json=content)
    assert (values, notes) == (expected, [])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "opt = dict(type='Lion', lr=1e-4, betas=(0.9, 0.99))\nseed = 2\nids = range(4)\n",
            {"opt.type": "Lion", "opt.lr": 1e-4, "opt.betas": "[0.9, 0.99]", "seed": 2},
        ),
        ('"""Settings."""\ndata = {"size": 3, "fn": print, 4: dict(a=[dict(b=1)])}\n', {"data.size": 3}),
        ("import os\nlr = 0.1\n", {}),  # code
        ("lr = 0.1\nprint(lr)\n", {}),
        ("lr = (", {}),
        (f"lr = {'[' * 90}1{']' * 90}", {}),
    ],
)
def test_python_that_only_assigns(tmp_path, code, expected):
    assert beside(tmp_path, settings__py=code)[0] == expected


def test_several_python_files_are_code(tmp_path):
    assert beside(tmp_path, a__py="lr = 1", b__py="lr = 2")[0] == {}
