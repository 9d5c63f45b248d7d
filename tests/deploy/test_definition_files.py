"""Files of definitions: how many a file may hold, and where each is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.cli.plan import plan_lines, plan_table
from deploy.definitions.reading import BadFiles, read_files, refused

SEGMENT = "key: {key}\nwhere: {{metric: orders.count, op: gte, value: 1}}\n"
TAG = "key: {key}\nkind: tag\nvalue_of: derived.gender\n"


def test_a_file_may_hold_several(tmp_path: Path) -> None:
    """As documents, or as a list; a comment alone is none; JSON is as good."""
    documents = f"# ours\n---\n{SEGMENT.format(key='a')}---\n# nothing\n---\n{TAG.format(key='b')}...\n"
    (tmp_path / "one.yaml").write_text(documents)
    (tmp_path / "two.yml").write_text("- {key: c, static: true}\n- {key: d, kind: tag, manual: true}\n")
    (tmp_path / "three.json").write_text('{"key": "e", "static": true}')
    (tmp_path / "notes.txt").write_text("not a definition")
    found = read_files([tmp_path])
    assert [(each.place, each.definition.kind, each.definition.key) for each in found] == [
        ("one.yaml #1", "segment", "a"),
        ("one.yaml #2", "tag", "b"),
        ("three.json #1", "segment", "e"),
        ("two.yml #1", "segment", "c"),
        ("two.yml #2", "tag", "d"),
    ]


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """With the file, which of its definitions, and where in it."""
    (tmp_path / "a.yaml").write_text("key: a\nwhere: {metric: nothing, op: gte, value: 1}\n---\n{bad\n")
    (tmp_path / "b.yaml").write_text("static: true\n")
    with pytest.raises(BadFiles) as wrong:
        read_files([tmp_path])
    lines = wrong.value.message.splitlines()
    assert lines[0].startswith("a.yaml #1 /where/metric: ")
    assert lines[1].startswith("a.yaml: ")
    assert lines[2].startswith("b.yaml #1 /key: ")


def test_no_definition_is_a_mistake(tmp_path: Path) -> None:
    """Rather than a plan that changes nothing."""
    with pytest.raises(BadFiles):
        read_files([tmp_path])


def test_what_the_platform_refuses_is_told_by_its_place(tmp_path: Path) -> None:
    """Pointers into the request lead back to the files."""
    path = tmp_path / "a.yaml"
    path.write_text(SEGMENT.format(key="a") + "---\n" + SEGMENT.format(key="b"))
    errors = [{"pointer": "/definitions/1/where", "message": "No."}, {"pointer": "", "message": "Neither."}]
    assert refused(read_files([path]), errors).message == "a.yaml #2 /where: No.\nNeither."


def test_a_plan_for_people() -> None:
    """Sizes before and after, examples by their first identifier, and what depends on it."""
    person = {"person_id": "p", "identifiers": [{"type": "wechat_openid", "value": "o1", "source": "shop"}]}
    size = {"before": 10, "after": 1200, "entering": 1190, "leaving": 0, "revalued": 0}
    each = {
        "kind": "segment",
        "key": "a",
        "change": "changed",
        "size": size,
        "entering": [person, {"person_id": "q", "identifiers": []}],
        "leaving": [],
        "dependents": [{"kind": "tag", "key": "t", "size": size}, {"kind": "segment", "key": "draft", "size": None}],
    }
    same = {**each, "key": "b", "change": "same", "size": None, "entering": [], "dependents": each["dependents"]}
    answer = {"data": [each, same], "changes": 1}
    assert list(plan_lines(answer)) == [
        "segment a: enter, for example, wechat_openid:shop/o1, person:q",
        "segment a: the tag t depends on it: 10 → 1,200",
        "segment a: the segment draft depends on it",
    ]
    assert plan_table(answer).row_count == 2
