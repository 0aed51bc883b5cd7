"""What tests of pages share with those of the room behind them."""

from tests.tenants.conftest import house as house
