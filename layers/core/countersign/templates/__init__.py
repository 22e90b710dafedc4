"""Texts with inserts, in Liquid: checked when a pipeline is published, rendered in the lanes.

``values`` may be imported anywhere. ``render`` and ``check`` load Liquid, which costs a quarter
of a second: only a lane that renders and the publishing checks import them.
"""
