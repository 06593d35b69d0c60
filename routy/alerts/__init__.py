"""Alerts: rules that are looked at all the time, in the order in which a look goes.

looking.py    the walk: which alert is due, what is seen of it, what that changes
windows.py    the time that a figure is of, and the same hours of earlier weeks
figures.py    kinds that judge a figure of a report          → judging.py, the judgement itself
conditions.py kinds that watch links, webhooks, tokens and the spool
firing.py     fires, reminds and resolves, in one transaction → words.py, how it is said
notices.py    who is told: notifications, and mails to those who want them
events.py     what people are told of without a rule: a webhook that was paused, a file that is ready
health.py     and when the server is not well
"""
