"""Drawing rows from a student: plain, and under conditions by particles; training and columns' values stay out."""
