"""Options of somebody who cannot pay: what is left to live on, each way out side by side, plans."""
