"""What every room shares: ids, time, money, isolation, transactions, events and proof."""
