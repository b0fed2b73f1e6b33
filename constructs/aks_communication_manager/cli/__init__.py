"""The command line ``aks-communication-manager``: `main`, and one module for each command."""
