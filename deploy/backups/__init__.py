"""Backups of a platform on one machine: consistent without stopping it, incremental, checked to the byte."""
