"""Replay events through alert rules: who is notified of what, and when.

Reads Terraform's JSON and runs each rule's own query, so any scheduled query rule over Azure Resource Graph can be
rehearsed. Importing this package loads neither DuckDB nor the KQL translator.
"""
