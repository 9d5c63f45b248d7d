"""From definitions to SQL: one compiler for live evaluation, preview, as-of and explain."""

from projections.compiler.program import Program, compile_library

__all__ = ["Program", "compile_library"]
