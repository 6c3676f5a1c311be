"""From a run to its judgement: applying rules, ordering findings by cause, onset, advice."""
