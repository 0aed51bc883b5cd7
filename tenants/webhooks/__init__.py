"""Events sent to other systems over HTTP, signed, once or more often, until they are taken."""
