"""The nodes of the language, told apart by their key."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag

from schemas.definitions.comparing import NODE_KEYS, NodePart
from schemas.definitions.facts import MetricNode, SampleNode, SegmentNode, TagNode, TraitNode
from schemas.definitions.happenings import (
    EventNode,
    FirstEventNode,
    LastEventNode,
    OrderNode,
    RegularNode,
    RestartedNode,
    SequenceNode,
    StoppedNode,
)
from schemas.definitions.limits import MAX_NODES


class AllNode(NodePart):
    """Every one of them holds."""

    kind: ClassVar[str] = "all"
    what = "an all node"

    all: Annotated[tuple[Node, ...], Field(strict=False, min_length=1, max_length=MAX_NODES)]


class AnyNode(NodePart):
    """At least one of them holds."""

    kind: ClassVar[str] = "any"
    what = "an any node"

    any: Annotated[tuple[Node, ...], Field(strict=False, min_length=1, max_length=MAX_NODES)]


class NotNode(NodePart):
    """It does not hold."""

    kind: ClassVar[str] = "not"
    what = "a not node"

    not_: Node = Field(alias="not")


def _kind(node: Any) -> str | None:
    return next((f"<{key}>" for key in NODE_KEYS if key in node), None) if isinstance(node, dict) else None


Node = Annotated[
    Annotated[AllNode, Tag("<all>")]
    | Annotated[AnyNode, Tag("<any>")]
    | Annotated[NotNode, Tag("<not>")]
    | Annotated[TraitNode, Tag("<trait>")]
    | Annotated[MetricNode, Tag("<metric>")]
    | Annotated[EventNode, Tag("<event>")]
    | Annotated[FirstEventNode, Tag("<first_event>")]
    | Annotated[LastEventNode, Tag("<last_event>")]
    | Annotated[SequenceNode, Tag("<sequence>")]
    | Annotated[RegularNode, Tag("<regular>")]
    | Annotated[StoppedNode, Tag("<stopped>")]
    | Annotated[RestartedNode, Tag("<restarted>")]
    | Annotated[OrderNode, Tag("<order>")]
    | Annotated[TagNode, Tag("<tag>")]
    | Annotated[SegmentNode, Tag("<segment>")]
    | Annotated[SampleNode, Tag("<sample>")],
    Discriminator(_kind),
]
"""Any node. Tags stand in angle brackets, so that no path into a definition mistakes them for its own."""

AllNode.model_rebuild()
AnyNode.model_rebuild()
NotNode.model_rebuild()
