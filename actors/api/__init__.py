"""The API modules: one actor for each concern of the platform, named as there."""
