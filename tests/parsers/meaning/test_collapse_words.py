"""Words of what vanishes where embeddings or samples become alike."""

import pytest

from trainlint.parsers.meaning.resolve import meaning_of


@pytest.mark.parametrize(("tag", "role"), [
    ("embedding_std", "embedding-spread"),
    ("train/feature_variance", "embedding-spread"),
    ("projection/std", "embedding-spread"),
    ("sample_diversity", "diversity"),
    ("lpips_between_samples", "diversity"),
    ("num_modes", "diversity"),
    ("generated_std", "diversity"),
    ("embedding_loss", "loss"),
    ("val_lpips", "score"),
    ("diversity_loss", "loss"),
    ("reward_std", "statistic"),
    ("val_explained_variance", "explained-variance"),
])  # fmt: skip
def test_what_vanishes_has_its_role(tag, role):
    assert meaning_of(tag).role == role
