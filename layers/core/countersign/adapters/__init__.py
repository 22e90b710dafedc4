"""The only place that speaks AWS or HTTP, and the in-memory twins that keep the same promises."""
