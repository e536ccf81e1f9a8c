"""How true the time left is: batches in virtual time, counted and estimated by the code that runs in production."""
