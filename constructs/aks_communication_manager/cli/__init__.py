"""The command ``aks-communication-manager``: one module for each of its commands, started by `main`."""
