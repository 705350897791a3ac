"""A name in GBK where UTF-8 is read."""

from arrears.entrypoints.cli.main import machine_error

try:
    '{"borrower": "花"}'.encode("gbk").decode("utf-8")
except UnicodeDecodeError as error:
    raise machine_error(error) from error
