"""The words of tables that operators watch, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

_CHINESE = {
    "Lag": "消费滞后",
    "Projections": "投影",
    "Who fills what is behind": "滞后分区中的热点标识",
    "topic": "主题",
    "partition": "分区",
    "committed": "已提交",
    "end": "末尾",
    "lag": "滞后",
    "seconds": "秒",
    "in/s": "流入/秒",
    "out/s": "处理/秒",
    "drained in": "预计追平",
    "state": "状态",
    "projection": "投影",
    "as of": "截至",
    "seconds behind": "落后秒数",
    "newest done": "最新已处理",
    "type": "类型",
    "fingerprint": "指纹",
    "source": "来源",
    "share": "占比",
    "offset": "位点",
    "stale": "过期",
    "deleted in": "距被删除",
    "never": "追不上",
    "ok": "正常",
    "warn": "警告",
    "stalled": "停滞",
    "stopped": "无人消费",
    "no_members": "无成员",
    "Ctrl-C ends this": "按 Ctrl-C 退出",
}


class Language(StrEnum):
    """A language the tables are written in."""

    EN = "en"
    ZH = "zh"


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of a terminal: the first of these variables that is set says it."""
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return Language.ZH if said.lower().startswith("zh") else Language.EN


def word(text: str, language: Language) -> str:
    """A word in a language."""
    return _CHINESE[text] if language is Language.ZH else text
