"""What the user asks for, and what it costs: checks of choices, the frontier, the dial of a goal; no networks."""
