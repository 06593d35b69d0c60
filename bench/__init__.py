"""Repeatable measurements of Routy, one file a subject: `python -m bench --all`. README.md says what they mean.

Servers and baselines run in child processes; what is measured without a socket runs in one too. The houses and
processes are those of the tests.
"""
