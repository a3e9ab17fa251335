"""The scenes of `checks/console.py`: people use the console, in a real browser against the running product."""
