"""The networks of teacher and student: torch only, no data code."""
