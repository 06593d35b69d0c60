"""The JSON API. routes.py shows the walk of a request; call.py has the words that everything here is written in."""
