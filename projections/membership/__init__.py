"""Who is in which segment and has which tag: the state, its changes, and what is read from both."""
