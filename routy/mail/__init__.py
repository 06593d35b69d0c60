"""Mail: what people are told by it, and how it gets there.

letters.py        a mail a recipient, rendered, logged and put into the queue of deliveries
channel.py        the queue's channel: takes a mail of the log to the mail server, and writes what became of it
smtp.py           one message over SMTP, and what the server's answer is worth
unsubscribing.py  the signed address at which somebody ends a topic, and its page
"""
