"""Client of the service: scorings, explanations and trajectories of customers."""
