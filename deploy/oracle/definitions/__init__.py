"""What definitions of segments and tags mean, told once more in plain Python from CONTRACT §5.

Nothing here is fast, and nothing comes from the platform's packages. The door is `population`: who is in a segment, and
which value of a tag everybody has; `conditions.holds` asks of one person, `explain` why, `flips` until when.
"""
