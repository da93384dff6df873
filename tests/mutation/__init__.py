"""Mutation: changes the code a little, runs the tests, and lists the changes that no test noticed."""
