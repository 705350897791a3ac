"""Cases, treatments and the contact gate: who may be spoken to about a debt, when, how, and by whom."""
