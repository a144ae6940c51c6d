"""Small things that any room may use: whole files, even choices, seeds, threads; what knows another room stays out."""
