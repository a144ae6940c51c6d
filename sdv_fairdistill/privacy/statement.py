"""What a fit says of its guarantee: the numbers, what each part cost, what was public, and one sentence for lawyers."""
