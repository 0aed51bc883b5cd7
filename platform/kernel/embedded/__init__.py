"""The PostgreSQL and the Valkey that come as wheels: start, stop, recover."""
