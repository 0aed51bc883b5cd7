"""Two merchants on the test database."""

import pytest

from kernel.runtime import Runtime
from tests.commerce.stock_builders import Merchant, a_merchant
from tests.conftest import ACME, GLOBEX


@pytest.fixture
def acme(runtime: Runtime) -> Merchant:
    """Acme, with MUG and LAMP, BERLIN and OSLO, and empty shelves."""
    return a_merchant(runtime, ACME)


@pytest.fixture
def globex(runtime: Runtime) -> Merchant:
    """Globex, set up like Acme."""
    return a_merchant(runtime, GLOBEX)
