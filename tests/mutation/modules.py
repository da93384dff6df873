"""Which modules are changed, in which groups, and which test files have to notice: a module's own first."""

from tests.mutation.trial import Subject

ORDERS = "tests/actors/orders"
TREE = ("tests/supervisor/test_supervisor.py", "tests/supervisor/test_supervisor_on_threads.py")

GROUPS: dict[str, tuple[Subject, ...]] = {
    "state tables": (
        Subject("actors/orders/ledger.py", (f"{ORDERS}/test_ledger.py", f"{ORDERS}/test_register.py")),
        Subject("messages/wire/handshake.py", ("tests/wire/test_handshake.py",)),
        Subject("supervisor/lifecycle.py", ("tests/supervisor/test_lifecycle.py",)),
    ),
    "framing": (Subject("messages/wire/framing.py", ("tests/wire/test_framing.py",)),),
    "supervision": (
        Subject("supervisor/supervisor.py", (*TREE, "tests/supervisor/test_health.py")),
        Subject("supervisor/intensity.py", ("tests/supervisor/test_intensity.py",)),
        Subject("supervisor/backoff.py", ("tests/supervisor/test_backoff.py",)),
        Subject("supervisor/strategy.py", ("tests/supervisor/test_strategy.py",)),
        Subject("supervisor/child.py", ("tests/supervisor/test_child.py", *TREE)),
        Subject("actors/life.py", ("tests/actors/test_life.py",)),
        Subject("actors/mailbox.py", ("tests/actors/test_mailbox.py",)),
    ),
}
