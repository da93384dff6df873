"""Statistics of the connection, and the health of every actor.

Run it: ``python examples/statistics_and_health.py``
"""

from optionbus import PocketOption


def main() -> None:
    """Lose a connection and see it in the figures."""
    with PocketOption.simulated() as client:
        client.wait_ready(timeout=10)
        client.subscribe("EURUSD_otc").get(timeout=10)
        client.reconnect().get()
        client.wait_ready(timeout=10)

        figures = client.statistics()
        print(f"{figures.successes} logins of {figures.attempts} attempts, {figures.disconnections} lost")
        print(f"frames in and out: {figures.frames_received > figures.frames_sent > 0}")
        print(f"login took {(figures.login.last_seconds or 0) * 1000:.1f} ms, up for {figures.uptime_seconds:.3f} s")
        print("latest:", figures.events[-1].what)

        for actor in client.health()[:5]:
            print(f"{actor.name:<14} {actor.state:<8} {actor.handled:>4} handled, {actor.mailbox} waiting")
        print(f"errors logged: {client.errors}")


if __name__ == "__main__":
    main()
