"""A chart of accounts without accounts."""

from arrears.ledger.chart import parse_chart

parse_chart({"accounts": "none yet"}, where="chart_of_accounts.yaml")
