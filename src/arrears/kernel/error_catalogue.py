"""Every error code: what it means, how to mend it, its exit code and its HTTP status."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue; codes are stable, texts may be bettered."""

    what: str  #: one sentence, plain words
    mend: str  #: what the reader can do, where the raiser knows nothing better
    exit_code: int = 2  #: of a command: 2 bad input, 3 refused by the book's state, 4 the machine
    http_status: int = 422  #: of the same failure over HTTP


# One block a room; within a block in the order of the alphabet.
CATALOGUE: dict[str, Entry] = {
    # kernel
    "date.malformed": Entry("This is not a date.", "write the date as YYYY-MM-DD"),
    "date.out_of_range": Entry(
        "The date is outside the years this system handles.", "check the year"
    ),
    "money.absurd": Entry(
        "The amount is outside what this system can hold exactly.", "check the amount and its unit"
    ),
    "money.malformed": Entry("This is not an amount.", 'write the amount as text, such as "12.30"'),
    "money.negative": Entry("An amount here cannot be negative.", "give an amount of 0 or more"),
    "money.unknown_currency": Entry("This currency is not known.", "use an ISO 4217 code"),
    "rate.malformed": Entry(
        "This is not a rate.", 'write the rate as text, such as "0.18" for 18 %'
    ),
    "rate.too_fine": Entry(
        "The rate is finer than one part per million a year.", "round the contract's rate to ppm"
    ),
    # ledger
    "ledger.chart_malformed": Entry(
        "The chart of accounts cannot be used.", "mend the named field of the chart of accounts"
    ),
    "ledger.journal_foreign": Entry(
        "The journal holds a row that the posting rules cannot have made.",
        "read it with the posting rules it was booked under",
        exit_code=3,
        http_status=409,
    ),
    "ledger.rule_missing": Entry(
        "No posting rule answers a movement.",
        "add a rule for the combination, or mend the contract or event that made it",
        exit_code=3,
        http_status=409,
    ),
    "ledger.rules_malformed": Entry(
        "The posting rules cannot be used.", "mend the named rule of the posting rules"
    ),
    # entrypoints
    "cli.machine": Entry(
        "The machine refused to read or write something.",
        "check that it exists, may be read or written, and that there is room",
        exit_code=4,
        http_status=503,
    ),
    "cli.not_utf8": Entry("The input is not text in UTF-8.", "save the input as UTF-8"),
    "cli.unknown_code": Entry("There is no such error code.", "arrears errors lists them all"),
    "cli.unknown_command": Entry("There is no such command.", "arrears --help lists the commands"),
    "cli.unknown_language": Entry(
        "The product does not speak this language.", "set ARREARS_LANG to en or zh, or unset it"
    ),
    "cli.usage": Entry(
        "The command does not take these words.", "add --help to the command to see what it takes"
    ),
    # policy
    "policy.duplicate": Entry(
        "Two files set the same parameter at the same level.", "keep one of the two files"
    ),
    "policy.laxer": Entry(
        "A lower level is laxer than the one above it.", "set a value at least as strict"
    ),
    "policy.malformed": Entry(
        "A policy file, or a value in it, is not written as it must be.",
        "write the field as expected; docs/how-to/add-a-parameter.md shows every field",
    ),
    "policy.missing_field": Entry(
        "A policy file lacks a field; all are mandatory.", "add the field"
    ),
    "policy.not_in_force": Entry(
        "On this day, as known then, the parameter has no value; the latest one does not count.",
        "ask for a day inside one of the spans, or add the text that was in force",
        exit_code=3,
        http_status=409,
    ),
    "policy.not_ratified": Entry(
        "The contract relies on a permission that nobody verified and the lender did not ratify.",
        "read the text and ratify it: docs/how-to/add-a-parameter.md shows where",
        exit_code=3,
        http_status=409,
    ),
    "policy.overlap": Entry(
        "Two values of one parameter claim the same day.", "end the earlier value in its file"
    ),
    "policy.rewritten": Entry(
        "A file of law changes a value that the policy pack already has.",
        "keep the pack's values as they are and add yours, or correct the pack itself",
    ),
    "policy.stale": Entry(
        "Nobody has read the source up to this day, so nothing new may rest on it.",
        "read the source, then add what changed and move verified_through",
        exit_code=3,
        http_status=409,
    ),
    "policy.text_changed": Entry(
        "The text behind a ratification is not the one that was read.",
        "keep the text that was read, or read the new one and ratify again",
    ),
    "policy.unknown": Entry(
        "There is no such parameter.", "list the ids with: arrears policy list", http_status=404
    ),
    "policy.unknown_field": Entry(
        "A policy file has a field that nobody reads.", "remove the field, or mend its name"
    ),
    # what commands read
    "cli.unknown_schema": Entry("No command reads a document of this name.", "use a name listed"),
    "document.duplicate_field": Entry(
        "The document says a field twice.", "keep the one that is meant"
    ),
    "document.missing_field": Entry("The document lacks a field.", "add the field"),
    "document.not_json": Entry("This is not a JSON document.", "mend the JSON at the place named"),
    "document.unknown_field": Entry(
        "The document holds a field that is not known.", "remove the field or mend its name"
    ),
    "document.wrong_type": Entry(
        "A field holds the wrong kind of value.", "arrears schema NAME shows what each field holds"
    ),
    # servicing, annualised cost
    "apr.no_rate": Entry(
        "These cash flows have no annual rate.", "check dates, and that payments repay the advances"
    ),
    # servicing, terms and schedules
    "contact.tells_others": Entry(
        "A text speaks of a debt to people whom it does not concern.",
        "word it for the debtor, or ask only how to reach them",
    ),
    "contract.due_before_disbursement": Entry(
        "A due date lies on or before the day of disbursement.", "give due dates after it"
    ),
    "contract.never_repaid": Entry(
        "The fixed instalment never repays the loan.", "raise the instalment above the interest"
    ),
    "contract.rows_do_not_sum": Entry(
        "The rows do not sum to the principal they repay.", "make the rows' principal sum to it"
    ),
    "contract.term_out_of_bounds": Entry(
        "A term lies outside its bounds.", "give a value within the bounds"
    ),
    "contract.tranche_after_last_due": Entry(
        "A tranche comes after the last due date.", "disburse it before the last due date"
    ),
    "terms.missing": Entry("The terms lack a field.", "add the field"),
    "terms.no_calendar": Entry(
        "Due dates are to move off rest days, and this command has no calendar to ask.",
        "quote the terms first and sign the quoted rows: method custom",
    ),
    "terms.unknown_choice": Entry(
        "This is not one of the words that may stand here.", "use one of the words listed"
    ),
    "terms.unknown_field": Entry(
        "The terms hold a field that is not known.", "remove the field or mend its name"
    ),
    "terms.wrong_type": Entry(
        "A field holds the wrong kind of value.", "write amounts and dates as text"
    ),
    # servicing, contracts and events
    "contract.charges_conflict": Entry(
        "Unpaid interest would be charged twice.", "choose the penalty base or compounding"
    ),
    "contract.order_incomplete": Entry(
        "The order of allocation leaves something out.", "name every component"
    ),
    "contract.rate_above_cap": Entry(
        "The loan would cost more than the cap allows.", "lower the rate or the fees", 3
    ),
    "contract.unknown_component": Entry("This is not a component.", "use a component listed"),
    "event.before_opening": Entry(
        "The event comes before there is a loan.", "mend the value date, or record the loan first"
    ),
    "event.duplicate_id": Entry("Two events have the same id.", "give every event its own id"),
    "event.other_currency": Entry(
        "The money is of another currency than the contract.", "convert it before it is posted"
    ),
    "event.refused": Entry("The event cannot be as it is written.", "mend the field named"),
    "event.totals_differ": Entry(
        "The rows taken over do not sum to the old system's totals.", "mend the rows or the totals"
    ),
    "event.unknown_field": Entry(
        "The event holds a field its type does not use.", "remove the field or mend the type"
    ),
    "event.unknown_target": Entry(
        "The event to be erased is not there, or was erased before.", "name an event that stands"
    ),
    "event.unknown_type": Entry("This is not a type of event.", "use a type listed"),
    # servicing, lines
    "line.limit_exceeded": Entry(
        "The purchase would exceed the line's limit.", "lower the amount, or repay first", 3, 409
    ),
    "line.more_than_there_is": Entry(
        "More is to be spread over instalments than there is.",
        "ask for at most what is there",
        3,
        409,
    ),
    "line.not_a_line": Entry(
        "The account is a loan, not a revolving line.", "name the account of a line", 3, 409
    ),
    "line.nothing_to_defer": Entry(
        "There is no bill that could be put off.", "pay what is overdue first", 3, 409
    ),
    # use cases
    "account.exists": Entry(
        "The account is already in the book.", "give the new account another id", 3, 409
    ),
    "account.unknown": Entry("There is no such account.", "check the account id", 3, 404),
    "audit.roots_malformed": Entry(
        "The file of roots is not one that this system wrote.",
        "give the file as it was written, one batch a line",
    ),
    "book.not_empty": Entry(
        "A whole book is only made where there is none.",
        "point ARREARS_HOME at a new folder, or ARREARS_DATABASE_URL at an empty database",
        3,
        409,
    ),
    "close.before_last": Entry(
        "The day lies before the last closed one.", "close to a later day", 3, 409
    ),
    "close.does_not_reconcile": Entry(
        "The period does not reconcile: journal and folds say different amounts; the range was not written.",
        "find the changed row with arrears audit, put it back as it was, then run again: it goes on where it stopped",
        3,
        409,
    ),
    "close.nothing_booked": Entry("The book is empty.", "book an account first", 3, 409),
    "close.running": Entry(
        "Somebody else is closing this book; nothing was written.",
        "wait until it has ended, then run again; if it does not move, --stuck-after takes over from it",
        4,
        503,
    ),
    "close.too_many_parked": Entry(
        "More accounts fail than can be the accounts' own fault; the run stopped where it was.",
        "mend the cause, then run again: it goes on where it stopped",
        3,
        409,
    ),
    "close.too_many_rows": Entry(
        "More is posted than a day can plausibly ask for; the run stopped where it was.",
        "find out what makes so many entries, such as changed posting rules, then run again",
        3,
        409,
    ),
    "engine.no_java": Entry(
        "Spark needs Java, and there is none.",
        "install a Java runtime, 17 or newer, or leave out --engine spark",
        4,
        503,
    ),
    "engine.not_installed": Entry(
        "The engine needs a library that is not installed.",
        'pip install "arrears[spark]", or leave out --engine spark',
        4,
        503,
    ),
    "engine.other_program": Entry(
        "An executor runs another program, or under another policy; its range was not written.",
        "install the same release and policy on every machine",
        4,
        503,
    ),
    "run.unknown": Entry("There is no such run.", "arrears runs lists them", 3, 404),
    "engine.process_ended": Entry(
        "A process that was closing accounts has ended; its range was not written.",
        "look for what ended it, such as a lack of memory, then run again: it goes on where it stopped",
        4,
        503,
    ),
    "engine.unknown": Entry("There is no such engine.", "use an engine listed"),
    "idempotency.key_reused": Entry(
        "This key came before with another body.", "give every new command its own key", 3, 409
    ),
    "product.not_offered": Entry(
        "No version of the product asked for is offered on the day of the contract.",
        "sign on a day on which it is offered, or name another version",
    ),
    "product.unknown": Entry(
        "There is no such product.", "arrears product list shows those that are there", 3, 404
    ),
    "product.version_taken": Entry(
        "This version of the product is there with another content.",
        "give the changed product the next version",
        3,
        409,
    ),
    # requests to collect, and refunds
    "collection.id_taken": Entry(
        "Another request to collect has this id.", "give every request its own id", 3, 409
    ),
    "collection.too_early": Entry(
        "The day of drawing lies before the open business day.", "ask for a later day", 3, 409
    ),
    "collection.unknown": Entry(
        "There is no such request to collect.", "list them with: arrears collect list", 3, 404
    ),
    "refund.not_yet_due": Entry(
        "On that day there was not so much to be paid back.",
        "give the day the money left, or reverse what took the credit balance",
        3,
        409,
    ),
    "refund.unknown": Entry(
        "There is no such refund task.", "list them with: arrears refunds list", 3, 404
    ),
    "refund.withdrawn": Entry(
        "The refund task holds no more: the credit balance is another one now.",
        "list the open ones with: arrears refunds list",
        3,
        409,
    ),
    # cases
    "case.unknown": Entry("There is no such case.", "list them with: arrears case list", 3, 404),
    # receipts, and the lines money comes by
    "receipt.id_taken": Entry(
        "Another receipt has this id.", "give every receipt its own id", 3, 409
    ),
    "receipt.no_taker": Entry(
        "No account of the borrower could have taken money on that day.",
        "leave it in suspense, match it to an account, or return it",
        3,
        409,
    ),
    "receipt.not_matched": Entry(
        "Nothing of the receipt stands on that account.",
        "name the account that was given it",
        3,
        409,
    ),
    "receipt.overspent": Entry(
        "More of the receipt would be given away than came in.",
        "give no more than what is left of it",
        3,
        409,
    ),
    "receipt.unknown": Entry(
        "There is no such receipt.", "list those in suspense with: arrears receipts list", 3, 404
    ),
    "payments.line_taken": Entry(
        "This line of the bank is recorded as something else.",
        "look the line up at the bank; nothing was posted for it",
    ),
    "source.reserved": Entry(
        "The house itself writes this channel.", "name the bank or channel the line came by"
    ),
    # tapes
    "tape.instalment_differs": Entry(
        "The tape's instalment is not the one its terms make.", "check amount, rate and term"
    ),
    "tape.missing_column": Entry(
        "The heading lacks a column that the layout needs.", "add the column"
    ),
    "tape.missing_value": Entry("A column that must be filled is empty.", "fill the column"),
    "tape.too_many_values": Entry(
        "The row has more values than the heading has columns.", "quote a value that holds a comma"
    ),
    "tape.unknown_column": Entry(
        "The heading names a column that the layout does not know.",
        "rename the column or leave it out",
    ),
    "tape.unknown_layout": Entry("This layout is not known.", "use a layout listed"),
    "tape.unreadable": Entry("The file cannot be read as a tape.", "give a CSV or Parquet file"),
    "tape.wrong_value": Entry("A column holds what cannot stand there.", "mend the value"),
    # exports
    "export.damaged": Entry(
        "A file of the export is not as it was written.", "export to an empty folder"
    ),
    "export.none": Entry("The folder holds no export.", "give a folder arrears export wrote to"),
    "export.other_book": Entry(
        "The folder holds the export of another book.", "export to an empty folder", 3, 409
    ),
    "export.other_schema": Entry(
        "The export was written by another version of this program.",
        "export to an empty folder with this version",
        3,
        409,
    ),
    "export.running": Entry(
        "Somebody else exports to this folder; nothing was written.",
        "run it again when the other is done",
        4,
        503,
    ),
    # valuations
    "value.folder_in_use": Entry("The folder for the values is in use.", "give an empty folder"),
    # the store
    "store.busy": Entry(
        "Somebody else is writing the same rows; nothing was written.", "run it again", 4, 503
    ),
    "store.cannot_start": Entry(
        "The embedded PostgreSQL does not start.", "read server.log in the data directory", 4, 503
    ),
    "store.disk_full": Entry(
        "The disk of the database is full; what was under way is written whole or not at all.",
        "give that disk room, then run again: it goes on where it stopped",
        4,
        503,
    ),
    "store.migration_changed": Entry(
        "A migration that was applied has been edited since.",
        "restore it and write a new one",
        4,
        500,
    ),
    "store.not_durable": Entry(
        "The server may forget what it said it had kept.",
        "turn the setting on, for the server, the database and the role",
        4,
        503,
    ),
    "store.restored_below_seals": Entry(
        "The database was restored onto a server whose count of transactions is younger.",
        "raise the count before anything is written: docs/how-to/use-your-own-postgresql.md shows how",
        4,
        500,
    ),
    "store.role_too_strong": Entry(
        "The application would run as a role that can rewrite the books.",
        "point ARREARS_DATABASE_URL at the role arrears_app",
        4,
        500,
    ),
    "store.role_too_weak": Entry(
        "The database role may not do this; nothing was written.",
        "point ARREARS_DATABASE_URL at arrears_app, ARREARS_OWNER_DATABASE_URL at arrears_owner",
        4,
        500,
    ),
    "store.schema_behind": Entry(
        "The database lacks migrations.",
        "set ARREARS_OWNER_DATABASE_URL to the owner's role and run again",
        4,
        503,
    ),
    "store.server_too_old": Entry(
        "This PostgreSQL is too old to keep the books safely.", "use a newer server", 4, 503
    ),
    "store.unreachable": Entry(
        "The database cannot be reached, or went away; what was under way is written whole or not at all.",
        "see that PostgreSQL runs and ARREARS_DATABASE_URL is right, then run again",
        4,
        503,
    ),
}
