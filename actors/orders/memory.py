"""What outlives a crash of whoever places orders.

Decides nothing. Does not know what an order may become, nor what is written where.
"""

from collections import deque

from actors.orders.register import Register
from actors.orders.standing import Surroundings
from messages.market import Symbol
from messages.trading import OrderId, PlaceTrade


class Ticket:
    """An order that somebody waits for: not yet sent, or not yet answered."""

    def __init__(self, command: PlaceTrade, due: float) -> None:
        self.command = command
        self.due = due
        self.askers = [command]


class OrderMemory:
    """What outlives a crash: the register, who waits for which order, the assets there are, how far off the clocks."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.tickets: dict[OrderId, Ticket] = {}
        self.waiting: dict[Symbol, deque[Ticket]] = {}
        self.known: frozenset[Symbol] | None = None
        self.around = Surroundings(register)
        self.skew_seconds = 0.0
