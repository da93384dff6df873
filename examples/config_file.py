"""Settings from a file, the environment and the program, each over the one before.

Run it: ``python examples/config_file.py``
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from optionbus import PocketOption
from optionbus.config import load
from optionbus.errors import ConfigInvalid

TEXT = """
[subscriptions]
limit = 2

[requests]
timeout_seconds = 5
"""


def main() -> None:
    """Read a file, and one with a mistake in it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bot.toml"
        file.write_text(TEXT)
        config = load(file, environment={"OPTIONBUS__SUBSCRIPTIONS__LIMIT": "3"}, overrides={"log": {"level": "DEBUG"}})
        file.write_text(TEXT.replace("limit = 2", "limits = 2"))
        try:
            load(file, environment={})
        except ConfigInvalid as error:
            print(str(error).replace(folder, ""))
    with PocketOption.simulated(config=config) as client:
        client.wait_ready(timeout=10)
        print(config.subscriptions.limit, config.requests.timeout_seconds, config.log.level)


if __name__ == "__main__":
    main()
