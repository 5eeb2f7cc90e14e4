"""How many examples hypothesis tries: a test names a number, and the run's profile multiplies it.

`fast` and `default` draw the same examples each time; `nightly` draws new ones. No profile has a deadline: two busy
cores must not fail a test that is right.
"""

from hypothesis import HealthCheck, settings

FACTORS = {"fast": 0.1, "default": 1.0, "nightly": 25.0}
USUAL = 100  # examples of a test that names no number
SLOW_DRAWS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def register() -> None:
    """Register the three profiles with hypothesis."""
    for name, factor in FACTORS.items():
        settings.register_profile(
            name,
            max_examples=_scaled(USUAL, factor),
            deadline=None,
            derandomize=name != "nightly",
            database=None,
            suppress_health_check=SLOW_DRAWS,
        )


def examples(number: int) -> settings:
    """Return the settings of a test that tries `number` examples in a default run."""
    return settings(max_examples=_scaled(number, FACTORS[settings.get_current_profile_name()]))


def _scaled(number: int, factor: float) -> int:
    return max(1, round(number * factor))
