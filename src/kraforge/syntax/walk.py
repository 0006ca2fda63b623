"""Walking a syntax tree without recursion."""

from __future__ import annotations

from typing import assert_never

from kraforge.syntax import nodes

Part = nodes.Argument | nodes.Modifier


def children(node: Part) -> tuple[Part, ...]:
    """The nodes directly below a node, in the order of the text."""
    match node:
        case nodes.Path() | nodes.Constant():
            return ()
        case nodes.Call():
            return node.arguments
        case nodes.Binary():
            return (node.left, node.right)
        case nodes.Unary() | nodes.Presence():
            return (node.operand,)
        case nodes.Modified():
            return (node.operand, *node.modifiers)
        case nodes.Modifier():
            return (node.value,)
        case nodes.Pair():
            return (node.key, node.value)
        case nodes.Range():
            return tuple(end for end in (node.low, node.high) if end is not None)
        case nodes.Membership():
            return (node.operand, *node.items)
        case nodes.Between():
            return (node.operand, node.low, node.high)
        case nodes.If():
            return (node.condition, node.then, node.otherwise)
    assert_never(node)


def size(tree: Part) -> tuple[int, int, int]:
    """How deep a tree is, how many nodes it has, and how long the longest list of arguments, items or names is."""
    deepest, count, longest, waiting = 0, 0, 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        count += 1
        deepest = max(deepest, depth)
        below = children(node)
        longest = max(longest, len(node.names) if isinstance(node, nodes.Path) else len(below))
        waiting += [(child, depth + 1) for child in below]
    return deepest, count, longest
