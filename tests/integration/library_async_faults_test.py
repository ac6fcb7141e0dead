"""The faults of library_faults_test.py by the library's asynchronous API.

integration/mysql/library_async_faults_test.py runs the same on MariaDB."""

import pytest

from integration.library_faults_test import *  # noqa: F401, F403

# Of logging in and looking at tables, which no call does.
del test_a_login_cut_anywhere_is_repeated_or_reported  # noqa: F821
del test_a_look_at_the_tables_that_is_cut_anywhere_takes_nothing_out_of_service  # noqa: F821


@pytest.fixture(scope="module")
def asynchronous() -> bool:
    return True
