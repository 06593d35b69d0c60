"""The dashboard: pages that hold no data and fetch it from the API. pages.py lists them; files.py has static/."""
