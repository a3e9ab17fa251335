"""A person's way through the console, in a real browser against the running product. `.ci/console.py` starts it."""
