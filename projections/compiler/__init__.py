"""Definitions of segments and tags as ClickHouse SQL: one compiler for what holds now, as of any time, and why."""

from projections.compiler.explanation import Explanation, compile_explanation
from projections.compiler.program import Program, compile_library

__all__ = ["Explanation", "Program", "compile_explanation", "compile_library"]
