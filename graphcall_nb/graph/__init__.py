"""Knowledge of the API as data and pure functions."""
