"""What goes out and must arrive: webhooks, mail and postbacks share one engine, whose queue is the database.

queue.py      a row a delivery: put in, pruned, replayed          → channel.py, what a channel is
dispatch.py   takes due rows, hands them to threads, gathers      → lanes.py, who may fly; flights.py, the threads
outcomes.py   writes what became of them, many in one transaction → backoff.py, when to try again
posting.py    one POST over HTTP, within its time and to nobody inside
"""
