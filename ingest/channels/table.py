"""Every channel that speaks another platform's language."""

from __future__ import annotations

from ingest.channels.channel import Channel
from ingest.channels.posthog import PostHog
from ingest.channels.segment.channel import Pixel, Segment

CHANNELS: tuple[Channel, ...] = (Segment(), Pixel(), PostHog())
