"""From a run to its judgement: rules applied, findings ordered by cause, onset, advice."""
