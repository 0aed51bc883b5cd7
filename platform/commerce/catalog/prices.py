"""What a quantity costs at a price for so many base units; the one place where that is rounded."""

from kernel.money import Money


def price_of(quantity: int, price: Money, price_quantity: int) -> Money:
    """Return the price of a quantity in base units, rounded half away from zero to minor units."""
    assert price_quantity > 0, "a price is for something"
    whole, rest = divmod(abs(price.minor * quantity), price_quantity)
    rounded = whole + (2 * rest >= price_quantity)
    return Money(rounded if price.minor * quantity >= 0 else -rounded, price.currency)
