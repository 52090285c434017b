-- Over how many logs each channel of the API is spread, of 2ⁿ; it only grows. `topic.shards` says the same of each channel.
ALTER TABLE api ADD COLUMN shards INTEGER NOT NULL DEFAULT 1;
