"""kafka-python's network client, which leaves no socket to the collector when it is closed.

Closing a consumer stops its loop at once (3.0.12). A connection that has a request to write by then, or is just being
made, is given up by its task without being closed: a busy machine leaves one in some ten.
"""

from __future__ import annotations

from typing import Any

from kafka.net.compat import KafkaNetClient


class TidyClient(KafkaNetClient):  # type: ignore[misc]  # kafka-python is not typed
    """For `kafka_client=` of a consumer."""

    def close(self, node_id: Any = None) -> None:
        """Close a connection, or all that there is: the loop first, so that nothing is opened meanwhile."""
        if node_id is not None:
            super().close(node_id)
            return
        self._net.stop()
        self._manager.close()
        self._net.drain()
        sockets = [key.fileobj for key in (self._net._selector.get_map() or {}).values()]  # noqa: SLF001
        self._net.close()
        for each in sockets:
            each.close()
