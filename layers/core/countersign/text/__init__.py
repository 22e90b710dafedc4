"""Text as people read it, for every part of the product alike."""
