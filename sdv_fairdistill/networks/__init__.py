"""The networks of teacher and student: torch only; losses, loops and tables stay out."""
