"""Small things of use anywhere: whole files, even choices, seeds, threads, old names; no part of the method."""
