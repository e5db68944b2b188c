"""Commands of the services: keygen, radio, air, host tx, host rx, push, status. See docs/two_computers.md."""
