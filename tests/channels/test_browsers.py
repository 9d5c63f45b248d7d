"""What browsers ask for: the pixel, and the settings of their libraries."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import orjson
import pytest

from tests.channels.conftest import Client

# Long enough for '+', '/', '-' and '_' of both alphabets, and for every padding.
MESSAGES = [
    {"writeKey": "k1", "userId": "u>?~" * 3, "name": "首页" + "x" * more, "messageId": "m"} for more in range(3)
]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("padding", ["", "="])
def test_the_pixel(client: Client, message, encode, padding) -> None:
    """base64 or base64url, padded or not: the message lands, and the answer is an image of 1×1."""
    data = encode(orjson.dumps(message)).decode().rstrip("=" if not padding else "")
    answer = client.http.get("/v1/pixel/page", params={"data": data})
    assert (answer.status_code, answer.headers["content-type"], answer.content[:6]) == (200, "image/gif", b"GIF89a")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content[6:10] == b"\x01\x00\x01\x00"
    (event,) = client.events()
    assert (event["type"], event["data"]["name"]) == ("page.viewed", message["name"])


def test_a_plus_that_became_a_space(client: Client) -> None:
    """Who forgot to escape it is understood."""
    data = b64encode(orjson.dumps({"writeKey": "k1", "userId": "u>>>?", "messageId": "m"})).decode()
    assert "+" in data
    assert client.http.get(f"/v1/pixel/p?data={data}").status_code == 200
    assert len(client.events()) == 1


@pytest.mark.parametrize(
    "query", ["", "?data=", "?data=%%%", "?data=bm90aGluZw", "?data=e30", "?data=W10=&writeKey=k2"]
)
def test_garbage_still_gets_its_image(client: Client, query: str) -> None:
    """Whatever was sent, a page or a letter shows no broken image, and no window that asks for a password."""
    answer = client.http.get(f"/v1/pixel/track{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert "www-authenticate" not in answer.headers
    assert client.log.records == []


def test_a_pixel_that_means_nothing_is_kept(client: Client) -> None:
    """With a key it is known whose dead letter it is."""
    data = b64encode(b'{"writeKey":"k1","userId":"u"}').decode()
    assert client.http.get("/v1/pixel/track", params={"data": data}).status_code == 200
    (letter,) = client.letters()
    assert (letter.code, letter.pointer, letter.format) == ("missing_field", "/event", "pixel")


def test_a_pixel_that_kafka_did_not_take(client: Client) -> None:
    """The image all the same; its status says that it was not taken."""
    client.log.away = True
    answer = client.http.get("/v1/pixel/page", params={"data": b64encode(orjson.dumps(MESSAGES[0])).decode()})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "image/gif")
    assert answer.headers["retry-after"]


def test_settings_of_segments_library(client: Client) -> None:
    """They lead back to the host that was asked."""
    answer = client.http.get("/v1/projects/k1/settings", headers={"Host": "cdp.example:8800"})
    assert answer.json()["integrations"] == {
        "Segment.io": {
            "apiKey": "k1",
            "apiHost": "cdp.example:8800/v1",
            "protocol": "http",
            "unbundledIntegrations": [],
            "maybeBundledConfigIds": {},
        }
    }
    assert answer.json()["metrics"] == {"sampleRate": 0}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert client.http.get("/v1/projects/k2/settings").status_code == 401


@pytest.mark.parametrize("path", ["/sourceConfig/", "/sourceConfig"])
def test_settings_of_rudderstacks_library(client: Client, path: str) -> None:
    """A source without destinations; the key is Basic's user, or in the address."""
    answers = [
        client.http.get(path, headers={"Authorization": "Basic " + b64encode(b"k1:").decode()}),
        client.http.get(path, params={"writeKey": "k1"}),
    ]
    for answer in answers:
        source = answer.json()["source"]
        assert (source["id"], source["enabled"], source["destinations"]) == ("shop", True, [])
        assert isinstance(source["config"], dict)
    assert client.http.get(path).status_code == 401
