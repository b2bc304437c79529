-- A number that stands for the caller that queued a job, so that no caller takes all places of the queue.
ALTER TABLE jobs ADD COLUMN caller INTEGER;
