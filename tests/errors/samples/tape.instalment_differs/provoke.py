"""A row whose instalment is a cent above what its terms make."""

from arrears.app.tape import lending_club

row = {"issue_month": "Mar-2018", "interest_rate": "14.07", "loan_amount": "28000", "term": "60"}
lending_club({**row, "installment": "652.54"}, 1)
