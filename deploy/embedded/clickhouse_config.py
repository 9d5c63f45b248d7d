"""Settings of the embedded ClickHouse: what it may use of the machine, and what nobody may do through it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

# Table functions and functions that reach local files or Python without a grant that could be revoked.
LOCAL_READERS: Final = ("file", "python", "executable", "arrowstream", "eval", "sqlite", "filesystem", "icebergLocal")

# Everything the platform does, and no SOURCES: file(), url(), s3(), remote(), ENGINE = Kafka and their like all need
# those. A Kafka table in chDB would keep the database from opening again. SYSTEM SHUTDOWN would end the process.
_GRANTS: Final = (
    "SHOW, CHECK, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, "
    "CREATE TEMPORARY TABLE, CREATE FUNCTION, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, KILL QUERY, "
    "SYSTEM RELOAD, SYSTEM FLUSH, SYSTEM MERGES, SYSTEM DROP CACHE, dictGet"
)

_CONFIG: Final = """<clickhouse>
  <users_config>{users}</users_config>
  <user_files_path>{nothing}/files/</user_files_path>
  <user_scripts_path>{nothing}/scripts/</user_scripts_path>
  <max_server_memory_usage>{memory}</max_server_memory_usage>
  <mark_cache_size>{cache}</mark_cache_size>
  <primary_index_cache_size>{cache}</primary_index_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <background_pool_size>{threads}</background_pool_size>
  <background_schedule_pool_size>{threads}</background_schedule_pool_size>
  <memory_worker_period_ms>1000</memory_worker_period_ms>
  <max_thread_pool_size>256</max_thread_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""

_USERS: Final = """<clickhouse>
  <profiles><default>
    <max_threads>{threads}</max_threads>
    <max_memory_usage>{query_memory}</max_memory_usage>
    <max_execution_time>{seconds}</max_execution_time>
    <implicit_select>0</implicit_select>
    <allow_introspection_functions>0</allow_introspection_functions>
    <async_insert>0</async_insert>
  </default></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password></password>
    <networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    <grants><query>GRANT {grants} ON *.*</query></grants>
  </default></users>
</clickhouse>
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may take: bytes of memory in all, threads and seconds a query, bytes of an unstreamed result."""

    memory_bytes: int
    threads: int
    query_seconds: int = 600
    result_bytes: int = 128 << 20


def machine_limits() -> Limits:
    """For a machine shared with Kafka and the platform's own processes: 45 % of its memory, all its cores."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Limits(memory_bytes=max(total * 45 // 100, 1 << 30), threads=max(len(os.sched_getaffinity(0)), 2))


def write_configuration(path: Path, limits: Limits) -> Path:
    """Write `config.xml` and `users.xml` into the engine's directory and return the first's path."""
    users = path / "users.xml"
    config = path / "config.xml"
    users.write_text(
        _USERS.format(
            threads=limits.threads,
            query_memory=limits.memory_bytes * 3 // 4,
            seconds=limits.query_seconds,
            grants=_GRANTS,
        )
    )
    config.write_text(
        _CONFIG.format(
            users=escape(str(users)),
            nothing=escape(str(path / "nothing")),
            memory=limits.memory_bytes,
            cache=limits.memory_bytes // 16,
            threads=max(limits.threads, 2),
        )
    )
    return config
