"""The kernel: ids, time, money, isolation, transactions, events and proof, for every room."""
