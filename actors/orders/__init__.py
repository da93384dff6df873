"""What makes an order safe: the ledger of its states, the gate, the journal, the evidence."""
