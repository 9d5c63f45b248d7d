"""Files as events: a table of rows, read in any format, and a mapping that makes events of rows."""
