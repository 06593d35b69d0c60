"""Webhooks: which events go to whom, signed, and what becomes of an address that fails.

rules.py      what a webhook may ask for   → kinds.py, all events there are; conditions.py, what must hold of them
telling.py    events in, deliveries out    → matching.py
channel.py    one post, and what follows   → signing.py, sealing.py
"""
