import pytest
pytestmark = pytest.mark.platform
def test_x(platform):
    import time
    t=time.time()
    ev={"event_id":"1","type":"order.completed","occurred_at":"2026-11-22T08:00:00+08:00","ids":{"member_id":"M42"},"data":{"order_id":"1001","currency":"CNY","total":"268.00"}}
    p=platform.send(ev)
    print(platform.ask("/v1/profiles/member_id:M42", after=p), time.time()-t)
