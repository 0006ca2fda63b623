"""The executable meaning of the language: formulas evaluated row by row, without SQL, slowly and plainly.

Written from the language's description alone. `answer` gives the rows of a request; it shares the syntax tree and the
declarations with the library and nothing else.
"""

from naive.request import answer
from naive.values import NaiveError

__all__ = ["NaiveError", "answer"]
