"""The oracle: the contract told once more in plain Python: what `cdp verify`, `cdp chaos` and tests compare with.

Standard library only, and nothing from the platform's own packages, so that a mistake there cannot hide here. One
exception, in one module: what kind of telephone a number is, `phonenumbers` knows (`phones.py`).
"""
