"""Who is who in a table: roles of columns, groups of rows, columns as tokens; what is learned from them stays out."""
