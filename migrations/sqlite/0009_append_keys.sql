-- What keeping transactions under a key came to: counts alone. It is written in the transaction that kept them.
ALTER TABLE idempotency ADD COLUMN outcome TEXT;
