"""The faults of integration/library_async_faults_test.py on MariaDB, which the conftest.py of this folder makes the estate."""

from integration.library_async_faults_test import *  # noqa: F401, F403
