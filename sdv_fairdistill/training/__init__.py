"""Training: a loop that knows no model, the teacher's stage and the student's."""
