"""Measures the finders on labelled rows: `python -m nlu.entities.measure FOLDER`."""
