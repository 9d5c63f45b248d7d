"""Signatures of requests, by published vectors."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.pulling.signatures import hmac_sha256, md5_around

TAOBAO = {
    "method": "taobao.item.seller.get", "app_key": "12345678", "session": "test", "timestamp": "2016-01-01 12:00:00",
    "format": "json", "v": "2.0", "sign_method": "md5", "fields": "num_iid,title,nick,price,num", "num_iid": "11223344",
}  # fmt: skip
PINDUODUO = {
    "client_id": "1", "access_token": "asd78172s8ds9a921j9qqwda12312w1w21211", "data_type": "XML", "order_status": "1",
    "type": "pdd.order.number.list.get", "timestamp": "1480411125", "page": "1", "page_size": "10",
}  # fmt: skip
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12).filter(lambda name: name != "sign")
PARAMETERS = st.dictionaries(NAMES, st.text(max_size=20), min_size=1, max_size=8)


def test_pinduoduos_own_vector() -> None:
    """From its documentation (API调用详解), with the secret `testSecret`."""
    assert md5_around(PINDUODUO, "testSecret") == "E4DE3ED21002510DED352819E7AE6775"


def test_taobaos_own_vector() -> None:
    """From its documentation (API调用方法详解), with the secret `helloworld`: for MD5, which it has in common."""
    assert md5_around(TAOBAO, "helloworld") == "66987CB115214E59E6EC978214934FB8"


def test_the_hmac_is_that_of_the_rfc() -> None:
    """Taobao publishes no vector of hmac-sha256: RFC 4231's first, whose data one parameter spells, and its order."""
    rfc = "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7"
    assert hmac_sha256({"Hi": " There"}, "\x0b" * 20) == rfc
    documented = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"}
    assert hmac_sha256(documented, "k") == hmac_sha256({"bar": "2foo1foo_bar3foobar4"}, "k")


@given(PARAMETERS, st.randoms(use_true_random=False))
def test_a_signature_is_of_all_parameters(parameters: dict[str, str], chance) -> None:
    """In whatever order they stand; without `sign`, and another one when any value or the secret is another."""
    shuffled = list(parameters.items())
    chance.shuffle(shuffled)
    name = chance.choice(list(parameters))
    for sign in (md5_around, hmac_sha256):
        signed = sign(parameters, "s")
        assert sign({**dict(shuffled), "sign": signed}, "s") == signed
        assert sign({**parameters, name: parameters[name] + "x"}, "s") != signed
        assert sign(parameters, "t") != signed
