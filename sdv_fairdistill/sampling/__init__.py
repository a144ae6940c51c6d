"""Drawing rows from a student: plain, and under conditions by particles."""
