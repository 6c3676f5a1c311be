"""Secrets in texts, paths and settings; secrets here are made up, and put together at run time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.files.hyperparameters import flatten
from trainlint.parsers.secrets import MASK, masked_path, masked_text
from trainlint.parsers.secrets.masking import _masked

DRAWN = "Xk3" + "f9QzLm27VtRb8YpWn4Hs"
GIVEN = "hunter" + "2!"
HEX = "0a1b2c3d4e" * 4


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"python train.py --token={DRAWN} --lr 0.1", DRAWN),
        (f"train --api-key {DRAWN} --epochs 3", DRAWN),
        (f"export OPENAI_API_KEY={DRAWN}", DRAWN),
        (f"WANDB_API_KEY={DRAWN} python train.py", DRAWN),
        (f"mysql -u root -p{GIVEN} db", GIVEN),
        (f"docker login -u bob -p {GIVEN} reg.io", GIVEN),
        (f"curl -u bob:{GIVEN} https://x.io", GIVEN),
        (f"['sshpass', '-p', '{GIVEN}', 'ssh']", GIVEN),
        (f"smbclient //nas -U lena%{GIVEN} -c get", GIVEN),
        (f"wandb login {HEX}", HEX),
        (f"Authorization: Bearer {DRAWN}", DRAWN),
        (f"Authorization: Bearer\n  {DRAWN}", DRAWN),
        (f"postgresql://bob:{GIVEN}@db.io:5432/x", GIVEN),
        (f"redis://:{GIVEN}@host:6379", GIVEN),
        (f"https://h/k?X-Amz-Signature={HEX}&X-Amz-Expires=3", HEX),
        ("https://h/c?sv=1&sig=ab%2Fcd%3D123456&se=1", "ab%2Fcd%3D123456"),
        (f"redirect=https%3A%2F%2Fu%3A{DRAWN}%40h.io", DRAWN),
        (f"url%3Ftoken%3D{DRAWN}%26x", DRAWN),
        (f'{{"cfg": "{{\\"api_key\\": \\"{GIVEN}\\"}}"}}', GIVEN),
        (f'1,"{{""password"": ""{GIVEN}""}}"', GIVEN),
        (f"Namespace(lr=0.1, hf_token='{DRAWN}', x=2)", DRAWN),
        ("-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc\nDEF\n-----END RSA " + "PRIVATE KEY-----", "MIIabc"),
        ("x=-----BEGIN " + "PRIVATE KEY-----\\nMIIabc\\nDEF", "MIIabc"),
        (f"AccountName=x;AccountKey={DRAWN}==;EndpointSuffix=core", DRAWN),
        (f"https://hooks.slack.com/services/T0/B0/{DRAWN}", DRAWN),
        (f"Incorrect API key provided: {DRAWN}.", DRAWN),
        (f"the password is {GIVEN}", GIVEN),
        (f'$env:OPENAI_API_KEY = "{DRAWN}"', DRAWN),
        (f"| api_key | {DRAWN} |", DRAWN),
        (f"auth=('bob', '{GIVEN}')", GIVEN),
        (f'auth = HTTPBasicAuth("bob", "{GIVEN}")', GIVEN),
        (f"session.auth = HTTPDigestAuth('bob', \"it's{GIVEN}\")", GIVEN),
        (f'HttpNtlmAuth("DOM\\\\bob", "{GIVEN}")', GIVEN),
        (f'HTTPBasicAuth(\n    "bob",\n    "{GIVEN}",\n)', GIVEN),
        (f'HTTPBasicAuth(os.environ["USER"], b"{GIVEN}")', GIVEN),
        (f'get(url, auth=(user, "{GIVEN}"))', GIVEN),
        (f'auth=(f"{{user}}", "{GIVEN}")', GIVEN),
        (f'{{"line": "r = get(u, auth=(\\"bob\\", \\"{GIVEN}\\"))"}}', GIVEN),
        (f'server.login(user, "{GIVEN}")', GIVEN),
        (f'pika.PlainCredentials("guest", "{GIVEN}")', GIVEN),
        (f'client.sign_in("bob", "{GIVEN}")', GIVEN),
        (f'authenticate("bob", "{GIVEN}")', GIVEN),
        (f"password: |\n  {GIVEN}\nlr: 1", GIVEN),
        (f"- name: HF_TOKEN\n  value: {DRAWN}", DRAWN),
        ("clone ghp" + "_" + "a1B2" * 9, "a1B2a1B2"),
        ("key AKIA" + "ABCDEFGH23456789 denied", "ABCDEFGH23456789"),
    ],
)
def test_secrets_are_masked(text, secret):
    masked = masked_text(text)
    assert secret not in masked
    assert MASK in masked
    assert masked_text(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        f"commit {HEX}", f"run_id={HEX[:32]}", "uuid 123e4567-e89b-12d3-a456-426614174000", "sha256:" + "ab12" * 16,
        "tokenizer=bert-base-uncased", "num_tokens=512", "max_tokens: 4096", "key_dim=64", "key='val_loss'", "eos_token='</s>'",
        "pad_token: [PAD]", "sort_key=loss", "primary_key=id", "early_stopping.key=val_loss", "monitor: val_loss",
        "KeyError: 'val_loss'", "token accuracy: 0.93", "loss/token: 2.3", "secretary: Bob", "password_length: 12",
        "git@github.com:org/repo.git", "http://localhost:8080/x", "keypoints=17", "monkey=1", "author: Bob",
        "basic training done", "bearer of bad news", "Unexpected token } in JSON", "missing keys: ['fc.weight', 'fc.bias']",
        "--key val_loss", "python train.py -p 16 --lr 0.1", "signature: (input_ids, mask)", "password: null",
        "api_key: ${OPENAI_API_KEY}", "tokens=1.4T", "pass@1: 0.4", "forward_pass=0.3", "bypass=1", "auth: none",
        'author=("Jane", "Doe")', "HTTPBasicAuth(user, password)", "auth=(user, password)", 'getattr(login, "user")', "def login(user: str, pw: str)",
        'auth("none", "required")', 'auth_types=("basic", "digest")', 'last_login = ("2024-01-01", "10:00")', 'auth=(os.environ["U"], os.environ["P"])',
        "cookie_dataset: baked-goods-101", "/home/bob/runs/resnet50_imagenet1k_v2/token_classification",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_secret_stays(text):
    assert masked_text(text) == text


def test_settings_are_masked_by_key_value_and_place():
    settings = {
        "args": ["--token", DRAWN, "--lr", "1"], "pair": {"name": "api_key", "value": GIVEN}, "neo4j": {"auth": ["u", GIVEN]},
        "credentials": {"user": "bob"}, "kaggle": {"key": HEX[:32]}, "storepass": GIVEN, "tokens": ["<s>"], "x": {"key": "loss"},
    }  # fmt: skip
    assert flatten(settings) == {
        "args": "['--token', '***', '--lr', '1']", "pair.name": "api_key", "pair.value": MASK, "neo4j.auth": MASK,
        "credentials": MASK, "kaggle.key": MASK, "storepass": MASK, "tokens": "['<s>']", "x.key": "loss",
    }  # fmt: skip


def test_a_secret_is_masked_before_a_text_is_cut():
    long = "x " * 245 + "hf" + "_" + DRAWN * 2
    assert "hf_" not in flatten({"note": long})["note"]


def test_paths_keep_their_folders_and_suffix():
    assert masked_path(f"runs/token={DRAWN}/metrics_api_key={GIVEN}.csv") == "runs/token=***/metrics_api_key=***.csv"


@given(st.text(alphabet=st.sampled_from("ab1=:-_ \n\"'\\/@%{}[](),;&?.tokenkeypass"), max_size=200))
def test_masking_ends_and_never_raises(text):
    masked_text(text)
    masked_path(text)


@pytest.mark.parametrize(
    "unit",
    ["key=", "token ", "-----BEGIN ", "://a:", "@", "eyJ", "%2525", '\\"', "|", "  ", "key,", "docker login ", "echo a|",
     "password is ", "aB1+", "\t", "session: ", "credentials={", "name: ", "auth(", 'auth=("a",', "Auth((\n"],
)  # fmt: skip
def test_time_is_linear_in_hostile_texts(unit):
    def seconds(size):
        text = (unit * size)[:size]
        started = time.process_time()
        _masked(text)
        return time.process_time() - started

    seconds(1000)
    # four times the text: four times the time if linear, sixteen times if not; short times are noise
    assert seconds(200_000) < 8 * seconds(50_000) + 0.3
