"""What stands before Flask in each worker: requests are read whole, under a deadline, before a thread is taken."""
