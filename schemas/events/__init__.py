"""The native events as models: one module a family, `NATIVE_EVENT` reads any of them."""

from schemas.events.catalogue import EVENT_TYPES, NATIVE_EVENT, NativeEvent, is_custom, is_event_type
from schemas.events.envelope import Data, Envelope
from schemas.events.writing import written

__all__ = ["EVENT_TYPES", "NATIVE_EVENT", "Data", "Envelope", "NativeEvent", "is_custom", "is_event_type", "written"]
