"""Training: a loop that knows no model, the teacher's stage and the student's; drawing rows to keep stays out."""
