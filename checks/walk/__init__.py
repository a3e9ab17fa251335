"""A person's way through the console, in a real browser against the running product. `checks/console.py` starts it."""
