"""Who speaks: the actors, the runtimes they live on, and the ports to the world outside."""
