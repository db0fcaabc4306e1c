"""Runs the installed Bandit with its visitor of string constants connected again.

Bandit 1.6.2, which Debian 12 ships, waits for ast.Str nodes. Python has made ast.Constant of them since 3.8, so none of its
tests of strings, B104 among them, is ever asked. Newer releases of Bandit visit ast.Constant as is done here.
"""
import sys

from bandit.cli.main import main
from bandit.core.node_visitor import BanditNodeVisitor


def visit_constant(self, node):
    if isinstance(node.value, str):
        self.visit_Str(node)
    elif isinstance(node.value, bytes):
        self.visit_Bytes(node)


if not hasattr(BanditNodeVisitor, "visit_Constant"):
    BanditNodeVisitor.visit_Constant = visit_constant

sys.exit(main())
