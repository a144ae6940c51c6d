"""What is known of SDV inside: metadata, constraints, transformers, conditions; SDV's verbs are in ``synthesizer``."""
