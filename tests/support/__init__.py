"""What the server tests share: private PostgreSQL servers, the proxy under test, a raw protocol client, a chaos gate."""
