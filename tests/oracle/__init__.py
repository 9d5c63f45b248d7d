"""What tests compare with beyond `deploy.oracle`: timelines, histories written by hand, and known answers.

Standard library only, and nothing from the platform's own packages but that oracle, which has none of them either.
"""
