"""The kernel: ids, time, money, isolation, transactions, events and proof that every room shares."""
