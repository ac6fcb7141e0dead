"""MariaDB is the estate of the tests in this folder."""

from support.mysql_estate import bare_estate, estate  # noqa: F401
